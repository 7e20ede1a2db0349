"""Arrays of assumptions give what the exact model gives for each of them, also where a ceiling or a bound is hit."""

from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from costmodel import AssumptionsError, cents, estimate, parse_document, resolve
from costmodel.acting import acting_document, silenced_by
from costmodel.document_media import media_in_force
from costmodel.field_paths import field_layer, numeric_fields
from costmodel.fixed_point import FixedPoint
from costmodel.ranges import accepted_ends, nearest
from costmodel.vectorised import estimate_arrays
from tests.costmodel.documents import documents

DRAWS = 6


def acting(data):
    document = parse_document(data)
    return acting_document(resolve(document), media_in_force([document]))


def array(values):
    """Decimals as an array over one denominator."""
    places = max(max(0, -value.normalize().as_tuple().exponent) for value in values)
    numbers = [int(value.scaleb(places)) for value in values]
    fits = max(numbers) < 2**63
    return FixedPoint.counts(np.array(numbers, dtype=np.int64 if fits else object), 10**places)


def at(figure, draw):
    return figure.numbers if isinstance(figure.numbers, int) else int(figure.numbers[draw])


def edges(document):
    """Values that lie exactly on a step of the model, for the document's own figures."""
    result, demand, network = estimate(resolve(document)), document.demand, document.network
    pools, gb = document.nodes, result.egress_gb
    peak, sessions, participants = result.demand.peak_users, result.demand.sessions, result.demand.participants
    return {
        "demand.concurrency": [Decimal(each) for each in (0, 1, peak, 100)],
        "demand.peakConcurrencyPercent": [Decimal(7), Decimal("0.1"), Decimal(100), Decimal(0)],
        "demand.usersPerSession": [Decimal(1), Decimal(peak or 1) / 8, demand.users_per_session],
        "demand.activeHoursPerMonth": [Decimal(0), Decimal(730)],
        "capacity.participantsPerNode": [Decimal(participants // parts) for parts in (1, 2, 3, 7)],
        "capacity.sessionsPerNode": [Decimal(sessions // parts) for parts in (1, 2, 3, 7)],
        "capacity.targetUtilizationPercent": [Decimal(7), Decimal(50), Decimal(100)],
        "nodes.livekit.minNodes": [Decimal(result.livekit.required + more) for more in (-1, 0, 1)],
        "nodes.livekit.maxNodes": [Decimal(result.livekit.required + more) for more in (-1, 0, 1)],
        "nodes.sim.maxNodes": [Decimal(result.sim.required + more) for more in (-1, 0, 1)],
        "nodes.livekit.monthlyCap": [(pools.livekit.hourly or Decimal(1)) * hours for hours in (0, 200, 730)],
        "network.freeGB": [gb, gb + Decimal("0.0001"), max(gb - Decimal("0.0001"), Decimal(0))],
        "network.includedTBPerNode": [gb / 1000 / max(result.livekit.nodes, 1)],
        "network.usageHoursPerMonth": [network.usage_hours_per_month, Decimal(0), Decimal(730)],
    }


@st.composite
def drawn_documents(draw):
    """An acting document and arrays for some of its fields: on a step, next to it, or anywhere."""
    data = draw(documents())
    if draw(st.booleans()):
        media = {"kbps": draw(st.decimals(1, 500, places=2)), "counted": draw(st.sampled_from(["wire", "payload"]))}
        media |= {"redundantBlocks": draw(st.integers(0, 2)), "ipv6": draw(st.booleans())}
        data = {**data, "network": {k: v for k, v in data["network"].items() if k != "mediaMbps"}, "media": media}
    if draw(st.booleans()):
        demand = {**data["demand"], "schedule": [{"start": "08:00", "end": draw(st.sampled_from(["09:07", "18:00"]))}]}
        del demand["activeHoursPerMonth"]
        data = {**data, "demand": demand}
    document = acting(data)
    fields = [field for path, field in numeric_fields().items() if silenced_by(path, document) is None]
    on_step, drawn = edges(document), {}
    for field in draw(st.lists(st.sampled_from(fields), min_size=1, max_size=8, unique=True)):
        least, most = accepted_ends(field, 0 if field.whole else 4)
        most = min(most, Decimal(20_000))
        anywhere = (
            st.integers(int(least), int(most)).map(Decimal) if field.whole else st.decimals(least, most, places=4)
        )
        step = Decimal(1) if field.whole else Decimal("0.0001")
        near = [value + by * step for value in on_step.get(field.path, []) for by in (-1, 0, 1)]
        value = (st.sampled_from(near) | anywhere) if near else anywhere
        values = draw(st.lists(value, min_size=DRAWS, max_size=DRAWS))
        drawn[field.path] = [nearest(field, each) for each in values]
    return document, drawn


def assert_same_as_the_exact_model(document, drawn):
    arrays = estimate_arrays(document, {path: array(values) for path, values in drawn.items()})
    refused = np.broadcast_to(np.asarray(arrays.refused, dtype=bool), DRAWS)
    for draw in range(DRAWS):
        try:
            exact = estimate(resolve(document, field_layer({path: values[draw] for path, values in drawn.items()})))
        except AssumptionsError:
            assert refused[draw]
            continue
        assert not refused[draw]
        demand = exact.demand
        assert [at(arrays.peak_users, draw), at(arrays.sessions, draw), at(arrays.participants, draw)] == [
            demand.peak_users,
            demand.sessions,
            demand.participants,
        ]
        assert at(arrays.livekit_required, draw) == exact.livekit.required
        assert at(arrays.sim_required, draw) == exact.sim.required
        assert {pool: at(nodes, draw) for pool, nodes in arrays.nodes.items()} == {
            "livekit": exact.livekit.nodes,
            "sim": exact.sim.nodes,
            "system": exact.system_nodes,
        }
        amounts = {**arrays.monthly, "total": arrays.monthly_total, "annual": arrays.annual}
        expected = {**exact.monthly, "total": exact.monthly_total, "annual": exact.annual}
        amounts["margin"], expected["margin"] = arrays.gross_margin, exact.gross_margin
        assert {item: Decimal(at(cost, draw)).scaleb(-2) for item, cost in amounts.items()} == {
            item: cents(cost) for item, cost in expected.items()
        }


@given(drawn_documents())
def test_every_draw_equals_the_exact_model_to_the_cent(case):
    assert_same_as_the_exact_model(*case)


@given(
    prices=st.lists(st.decimals(0, 10**9, places=8), min_size=DRAWS, max_size=DRAWS),
    mbps=st.lists(st.decimals(0, 10**5, places=8), min_size=DRAWS, max_size=DRAWS),
    users=st.lists(st.integers(0, 10**9), min_size=DRAWS, max_size=DRAWS),
)
def test_figures_that_leave_64_bits_stay_exact(prices, mbps, users):
    """10^9 users at 10^5 Mbps with all decimals make amounts of more than 30 digits."""
    drawn = {
        "network.egressPerGB": prices,
        "network.mediaMbps": mbps,
        "demand.users": list(map(Decimal, users)),
        "license.annual": prices,
    }

    assert_same_as_the_exact_model(acting({"demand": {"peakConcurrencyPercent": "99.99999999"}}), drawn)


def test_a_catalog_price_without_hourly_costs_its_cap_only_while_nodes_run():
    document = acting({"cloud": "hetzner", "demand": {"concurrency": 900}, "nodes": {"livekit": {"sku": "CCX23"}}})
    hours = [Decimal(each) for each in ("0", "0.0001", "200", "729.9999", "730", "1")]

    assert document.nodes.livekit.hourly is None
    assert_same_as_the_exact_model(document, {"demand.activeHoursPerMonth": hours})


def test_a_binary_float_would_round_these_up():
    """0.07 x 100 is 7 and 1.1 x 1.1 is 1.21, whatever binary floats say of it."""
    users = [Decimal(each) for each in (100, 300, 700, 1100, 1900, 10_000)]
    percents = [Decimal(each) for each in ("7", "7", "7", "7", "7", "0.07")]
    drawn = {"demand.users": users, "demand.peakConcurrencyPercent": percents}

    arrays = estimate_arrays(acting({}), {path: array(values) for path, values in drawn.items()})

    assert arrays.peak_users.numbers.tolist() == [7, 21, 49, 77, 133, 7]
