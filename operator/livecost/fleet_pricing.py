"""Sizes and prices every customer of a fleet file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from costmodel import (
    Assumptions,
    AssumptionsDocument,
    AssumptionsError,
    Catalogs,
    Problem,
    Rate,
    estimate,
    in_currency,
    resolve,
)
from costmodel.catalog import priced_region
from costmodel.fleet import FleetCustomer
from costmodel.parsing import unknown_field
from livecost.fleet_entries import Fleet, FleetEntry, placed
from livecost.models import DEFAULT_PROFILE

if TYPE_CHECKING:
    from collections.abc import Sequence

PricedCustomer = tuple[FleetCustomer, Assumptions]


def price_fleet(fleet: Fleet, base: Sequence[AssumptionsDocument], catalogs: Catalogs) -> list[PricedCustomer]:
    """Each customer of `fleet` with the assumptions behind its estimate, in the order of the file.

    The layers are the defaults, `base`, the customer's profile, and what it states itself.

    Raises:
        AssumptionsError: with every problem of every customer.
    """
    priced: list[PricedCustomer] = []
    problems = list(fleet.problems)
    for entry in fleet.entries:
        try:
            priced.append(_priced(entry, [*base, *_profile(entry, fleet.profiles), *entry.layers], catalogs))
        except AssumptionsError as error:
            problems += placed(error.problems, entry.place, entry.written)
    if problems:
        raise AssumptionsError(problems)
    return priced


def _profile(entry: FleetEntry, profiles: Mapping[str, AssumptionsDocument]) -> list[AssumptionsDocument]:
    if entry.profile in profiles:
        return [profiles[entry.profile]]
    if entry.profile == DEFAULT_PROFILE:
        return []
    if profiles:
        remedy = unknown_field("profile", entry.profile, list(profiles)).remedy
    else:
        remedy = "give the profiles by --profiles FILE"
    raise AssumptionsError([Problem("profile", f"{entry.profile} is not a known profile", remedy)])


def _priced(entry: FleetEntry, layers: Iterable[AssumptionsDocument], catalogs: Catalogs) -> PricedCustomer:
    found = resolve(*layers, catalogs=catalogs)
    region = priced_region(found.cloud, found.region, catalogs)
    second_hand = tuple(price.item for price in found.second_hand)
    priced = FleetCustomer(entry.name, found.cloud, region, entry.users, found.currency, estimate(found), second_hand)
    return priced, found


def converted(customers: Iterable[FleetCustomer], rates: Mapping[str, Rate | None]) -> list[FleetCustomer]:
    """The customers with their amounts by the rate of the currency they are priced in; None leaves them as they are."""
    found = []
    for customer in customers:
        rate = rates[customer.priced_in]
        found.append(customer if rate is None else replace(customer, estimate=in_currency(customer.estimate, rate)))
    return found
