"""An estimate as charges: quantity times price, adding up to it exactly."""

from decimal import Decimal, localcontext

from hypothesis import given

from costmodel import estimate, parse_document, resolve
from costmodel.charges import charges
from tests.costmodel.test_properties import documents


def charged(document):
    assumptions = resolve(parse_document(document))
    result = estimate(assumptions)
    return result, charges(result, assumptions)


def lines(document, item):
    """Quantity, unit and unit price of the charges of a line item."""
    return [(charge.quantity, charge.unit, charge.unit_price) for charge in charged(document)[1] if charge.item == item]


@given(document=documents())
def test_the_charges_of_each_line_item_add_up_to_it_exactly(document):
    result, found = charged(document)

    with localcontext(prec=100):
        for item, cost in result.monthly.items():
            assert sum((charge.cost for charge in found if charge.item == item), Decimal(0)) == cost


@given(document=documents())
def test_the_egress_charges_hold_the_whole_volume_and_no_charge_is_empty_or_negative(document):
    result, found = charged(document)

    with localcontext(prec=100):
        assert sum((each.consumed for each in found if each.item == "egress"), Decimal(0)) == result.egress_gb
    assert all(charge.quantity > 0 and charge.unit_price >= 0 for charge in found)


def test_the_worked_example_has_a_charge_for_each_line_item():
    result, found = charged({})

    assert [charge.item for charge in found] == list(result.monthly)
    assert lines({}, "livekit") == [(730, "Hours", Decimal("0.24"))]
    assert lines({}, "redis") == [(1, "Months", 50)]
    assert lines({}, "egress") == [(4860, "GB", Decimal("0.09"))]


def test_nodes_beyond_the_floor_are_a_charge_of_their_own():
    """4 nodes with a floor of 1 and 200 active hours: 730 and 3 x 200 node-hours."""
    assert lines({"demand": {"concurrency": 400, "activeHoursPerMonth": 200}}, "livekit") == [
        (730, "Hours", Decimal("0.24")),
        (600, "Hours", Decimal("0.24")),
    ]


def test_a_node_at_its_monthly_cap_is_charged_by_the_month_and_used_by_the_hour():
    _, found = charged({"demand": {"concurrency": 400}, "nodes": {"livekit": {"monthlyCap": 100}}})

    assert (found[0].quantity, found[0].unit, found[0].unit_price) == (4, "Months", 100)
    assert (found[0].consumed, found[0].consumed_unit) == (4 * 730, "Hours")


def test_free_volume_and_each_tier_are_charges_of_their_own():
    network = {
        "freeGB": 100,
        "tiers": [{"upToGB": 1000, "perGB": "0.09"}, {"upToGB": 4000, "perGB": "0.07"}, {"perGB": "0.05"}],
    }

    assert lines({"network": network}, "egress") == [
        (100, "GB", 0),
        (1000, "GB", Decimal("0.09")),
        (3000, "GB", Decimal("0.07")),
        (760, "GB", Decimal("0.05")),
    ]
