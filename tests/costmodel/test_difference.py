"""The change of a bill split into quantity, usage and price."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import AssumptionsError, cents, estimate, parse_document, resolve
from costmodel.acting import acting_document
from costmodel.difference import changed_fields, changed_sizes, explain_difference, lines
from costmodel.explained import Line, explain_change, sum_of_changes, unit_price
from livecost.document_text import decode
from tests.costmodel.documents import decimals, documents
from tests.costmodel.test_spec import BLOCKS

SERVICES = ("controlPlane", "redis", "loadBalancer", "storageAndLogs", "observability")


def difference(before, after):
    return explain_difference(resolve(parse_document(before)), resolve(parse_document(after)))


def parts(change):
    return change.by_quantity, change.by_usage, change.by_price


@given(before=documents(), after=documents())
def test_the_parts_add_up_to_the_change_and_the_lines_to_the_total_to_the_last_digit(before, after):
    changes = difference(before, after)
    total = changes.pop("total")
    first, last = estimate(resolve(parse_document(before))), estimate(resolve(parse_document(after)))

    for change in [*changes.values(), total]:
        assert sum(map(Fraction, parts(change))) == Fraction(change.after) - Fraction(change.before)
        assert Fraction(change.total) == Fraction(change.after) - Fraction(change.before)
    assert sum(Fraction(change.total) for change in changes.values()) == Fraction(total.total)
    assert (total.before, total.after) == (first.monthly_total, last.monthly_total)
    for item in ("livekit", "sim", "system", "egress"):
        assert (changes[item].before, changes[item].after) == (first.monthly[item], last.monthly[item])
    assert changes["services"].after == sum(last.monthly[name] for name in SERVICES)


@given(document=documents())
def test_nothing_changes_between_a_document_and_itself(document):
    assert all(parts(change) == (0, 0, 0) for change in difference(document, document).values())


@given(document=documents(), peak=st.integers(0, 20_000), hourly=decimals(0, 50))
def test_more_users_alone_are_quantity_and_other_prices_alone_are_price(document, peak, hourly):
    """Egress has a price part with the users too, since nodes include volume."""
    shape = {name: value for name, value in document["demand"].items() if "oncurrency" not in name}
    busier = difference(document, {**document, "demand": {**shape, "concurrency": peak}})
    pools = {name: {**pool, "hourly": hourly} for name, pool in document["nodes"].items()}
    dearer = difference(document, {**document, "nodes": pools})

    for item in ("livekit", "sim", "system", "services"):
        assert parts(busier[item])[1:] == (0, 0)
        assert parts(dearer[item])[:2] == (0, 0)
    assert parts(busier["egress"])[1] == 0
    assert parts(dearer["egress"]) == (0, 0, 0)


def test_more_nodes_are_quantity_longer_hours_are_usage_and_a_dearer_node_is_price():
    """1 to 4 nodes at 0.24 for 730 h; then 3 of them 530 h less; then 0.01 more for 730 + 3 x 200 h."""
    change = difference(
        {}, {"demand": {"concurrency": 400, "activeHoursPerMonth": 200}, "nodes": {"livekit": {"hourly": "0.25"}}}
    )["livekit"]

    assert parts(change) == (3 * Decimal("175.20"), -3 * 530 * Decimal("0.24"), Decimal("13.30"))
    assert (change.before, change.after) == (Decimal("175.20"), Decimal("332.50"))


def test_a_higher_floor_lets_nodes_run_longer_which_is_usage():
    base = {"demand": {"concurrency": 400, "activeHoursPerMonth": 200}}
    change = difference(base, {**base, "nodes": {"livekit": {"minNodes": 4}}})["livekit"]

    assert parts(change) == (0, 3 * 530 * Decimal("0.24"), 0)


def test_participants_are_quantity_bitrate_and_hours_usage_and_tiers_price_of_egress():
    """150 to 300 participants, 1.2 to 1.5 Mbps and 60 to 80 h, 0.09 to 0.08 for 300 x 1.5 x 80 x 0.45 GB."""
    change = difference(
        {},
        {
            "demand": {"users": 2000},
            "network": {"mediaMbps": "1.5", "usageHoursPerMonth": 80, "egressPerGB": "0.08"},
        },
    )["egress"]

    assert parts(change) == (Decimal("437.40"), Decimal(300 * 48) * Decimal("0.45") * Decimal("0.09"), Decimal(-162))


def test_included_volume_counts_as_price_of_egress():
    change = difference({}, {"network": {"includedTBPerNode": 2}})["egress"]

    assert parts(change) == (0, 0, Decimal(-180))


def test_services_and_system_nodes_change_by_their_prices_and_count():
    changes = difference({}, {"managedServices": {"redis": 80}, "nodes": {"system": {"nodes": 2, "hourly": "0.2"}}})

    assert parts(changes["services"]) == (0, 0, 30)
    assert parts(changes["system"]) == (73, 0, 146)


def test_two_currencies_are_refused():
    with pytest.raises(AssumptionsError, match="USD and EUR"):
        difference({}, {"currency": "EUR"})


amounts = decimals(0, 1000)


@given(first=st.tuples(amounts, amounts, amounts), last=st.tuples(amounts, amounts, amounts))
def test_plain_triples_are_split_by_substituting_quantity_then_usage_then_price(first, last):
    (q0, u0, p0), (q1, u1, p1) = (map(Fraction, each) for each in (first, last))
    change = explain_change(*(Line(quantity, usage, unit_price(price)) for quantity, usage, price in (first, last)))

    assert [Fraction(part) for part in parts(change)] == [(q1 - q0) * u0 * p0, q1 * (u1 - u0) * p0, q1 * u1 * (p1 - p0)]


def test_the_sum_of_no_lines_is_zero():
    assert parts(sum_of_changes([])) == (0, 0, 0)


@given(document=documents())
def test_the_lines_of_a_bill_add_up_to_its_total(document):
    assumptions = resolve(parse_document(document))
    result = estimate(assumptions)

    assert sum(Fraction(line.amount) for line in lines(assumptions, result).values()) == Fraction(result.monthly_total)


@pytest.mark.parametrize("example", [decode(text) for title, text in BLOCKS if title.startswith("difference: ")])
def test_the_specification_states_what_the_code_computes(example):
    computed = difference(example["before"], example["after"])

    shown = {
        item: {
            "before": str(cents(computed[item].before)),
            "after": str(cents(computed[item].after)),
            **dict(zip(("quantity", "usage", "price"), map(str, map(cents, parts(computed[item]))), strict=True)),
        }
        for item in example["changes"]
    }
    assert shown == example["changes"]


def test_fields_and_sizes_that_differ_are_named_with_both_values():
    before, after = (
        resolve(parse_document(each))
        for each in ({}, {"demand": {"users": 2000}, "capacity": {"wholeRooms": False}, "region": "eastus"})
    )

    fields = changed_fields(acting_document(before), acting_document(after))
    sizes = {change.path: (change.before, change.after) for change in changed_sizes(estimate(before), estimate(after))}

    assert {change.path: (change.before, change.after) for change in fields} == {
        "demand.users": (1000, 2000),
        "capacity.wholeRooms": (True, False),
        "region": (None, "eastus"),
    }
    assert sizes["demand.participants"] == (150, 300)
    assert sizes["nodes.livekit.nodes"] == (1, 2)
    assert sizes["egressGB"] == ("4860", "9720")
    assert "nodes.sim.nodes" not in sizes
