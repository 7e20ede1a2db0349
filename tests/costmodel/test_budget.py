"""How far pools may grow within a budget."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import cents, estimate, parse_document, resolve
from costmodel.budget import fit_budget
from costmodel.projection import monthly_bill
from livecost.document_text import decode
from tests.costmodel.documents import documents
from tests.costmodel.test_spec import BLOCKS

budgets = st.decimals(0, 200_000, places=2)
uses = st.fixed_dictionaries({"livekit": st.integers(0, 60), "sim": st.integers(0, 60)})


def bill(assumptions, result, livekit, sim):
    return sum(monthly_bill(assumptions, livekit, sim, result.egress_gb).values())


@pytest.mark.parametrize("example", [decode(text) for title, text in BLOCKS if title.startswith("budget: ")])
def test_the_examples_of_the_specification(example):
    assumptions = resolve(parse_document(example["assumptions"]))
    fit = fit_budget(assumptions, estimate(assumptions), example["inUse"], Decimal(example["budget"]))

    assert {"livekit": fit.livekit, "sim": fit.sim, "monthly": str(cents(fit.monthly))} == example["held"]


@given(document=documents(), in_use=uses, budget=budgets)
def test_never_below_what_is_in_use_nor_below_the_floor_and_never_above_the_plan(document, in_use, budget):
    assumptions = resolve(parse_document(document))
    result = estimate(assumptions)

    fit = fit_budget(assumptions, result, in_use, budget)

    if fit is None:
        return
    assert cents(result.monthly_total) > budget
    assert (fit.livekit, fit.sim) != (result.livekit.nodes, result.sim.nodes)
    for name, nodes, size in (("livekit", fit.livekit, result.livekit), ("sim", fit.sim, result.sim)):
        floor = min(size.nodes, getattr(assumptions.nodes, name).idle_nodes)
        assert max(floor, min(size.nodes, in_use[name])) <= nodes <= size.nodes


@given(document=documents(), in_use=uses, budget=budgets)
def test_growth_stays_within_the_budget(document, in_use, budget):
    """Either the bill fits, or nothing grows beyond what is in use and the floors."""
    assumptions = resolve(parse_document(document))
    result = estimate(assumptions)

    fit = fit_budget(assumptions, result, in_use, budget)

    if fit is not None:
        assert fit.monthly == bill(assumptions, result, fit.livekit, fit.sim)
        stays = all(
            nodes == min(size.nodes, max(in_use[name], getattr(assumptions.nodes, name).idle_nodes))
            for name, nodes, size in (("livekit", fit.livekit, result.livekit), ("sim", fit.sim, result.sim))
        )
        assert cents(fit.monthly) <= budget or stays


@given(document=documents(), in_use=uses, budget=budgets)
def test_what_the_budget_pays_is_never_held_back(document, in_use, budget):
    assumptions = resolve(parse_document(document))
    result = estimate(assumptions)

    assert fit_budget(assumptions, result, in_use, max(budget, cents(result.monthly_total))) is None


@given(document=documents(), in_use=uses, budget=budgets, more=budgets)
def test_a_higher_budget_never_holds_more_back(document, in_use, budget, more):
    """Without included volume, where every node adds to the bill."""
    assumptions = resolve(parse_document(document))
    assumptions = replace(assumptions, network=replace(assumptions.network, included_tb_per_node=Decimal(0)))
    result = estimate(assumptions)
    planned = (result.livekit.nodes, result.sim.nodes)

    low, high = (fit_budget(assumptions, result, in_use, amount) for amount in (budget, budget + more))

    low_nodes, high_nodes = (planned if fit is None else (fit.livekit, fit.sim) for fit in (low, high))
    assert low_nodes[0] <= high_nodes[0]
    assert low_nodes[1] <= high_nodes[1]


def test_both_pools_follow_the_same_users():
    """700 less than 20 and 13 nodes: 17 and 12 save 671.60, so it is 2,200 users, whose 550 sessions take 17 and 11."""
    assumptions = resolve(parse_document({"demand": {"concurrency": 2600}}))
    result = estimate(assumptions)

    fit = fit_budget(assumptions, result, {"livekit": 1, "sim": 1}, result.monthly_total - 700)

    assert (result.livekit.nodes, result.sim.nodes) == (20, 13)
    assert (fit.livekit, fit.sim) == (17, 11)


def test_included_volume_may_make_a_larger_pool_cheaper_and_still_what_is_taken_fits():
    network = {"includedTBPerNode": 20, "egressPerGB": "0.01"}
    assumptions = resolve(parse_document({"demand": {"concurrency": 4000}, "network": network}))
    result = estimate(assumptions)

    fit = fit_budget(assumptions, result, {"livekit": 1, "sim": 1}, Decimal(6000))

    assert fit.monthly <= 6000
