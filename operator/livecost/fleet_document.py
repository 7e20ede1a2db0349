"""Reads customers and profiles from a fleet document: `profiles` by name, and a list of `customers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError

from costmodel import AssumptionsDocument, AssumptionsError, Count, DemandDocument, Percent, Problem, parse_document
from costmodel.fields import shown
from costmodel.parsing import problems_of, unknown_field
from livecost.fleet_entries import Fleet, FleetEntry, name_problem, placed
from livecost.models import DEFAULT_PROFILE, ApiModel

_MAX_CUSTOMERS: Final = 200_000
_SECTIONS: Final = ("profiles", "customers")
_WRITTEN: Final = {
    "demand.users": "users",
    "demand.concurrency": "concurrency",
    "demand.peakConcurrencyPercent": "peakConcurrencyPercent",
}


class _Customer(ApiModel):
    name: Annotated[str, Field(max_length=253)]
    users: Count
    concurrency: Count | None = None
    peak_concurrency_percent: Percent | None = None
    profile: str = DEFAULT_PROFILE
    overrides: AssumptionsDocument = Field(default_factory=AssumptionsDocument)


def read_fleet_document(data: Any) -> Fleet:
    """The fleet that a decoded document describes.

    Raises:
        AssumptionsError: it is no group of fields with a list of customers.
    """
    if not isinstance(data, Mapping):
        remedy = "write customers: and below it a list, each entry with name and users"
        raise AssumptionsError([Problem("(document)", f"{shown(data)} is not a group of fields", remedy)])
    unknown = [unknown_field(str(name), str(name), _SECTIONS) for name in data if name not in _SECTIONS]
    if unknown:
        raise AssumptionsError(unknown)
    customers = data.get("customers")
    if not isinstance(customers, list) or not 0 < len(customers) <= _MAX_CUSTOMERS:
        remedy = f"write 1 to {_MAX_CUSTOMERS:,} entries, each with name and users"
        raise AssumptionsError([Problem("customers", "is not a list of customers", remedy)])
    fleet = read_profiles(data.get("profiles") or {}, "profiles.")
    for index, customer in enumerate(customers):
        place = f"customers[{index}]"
        try:
            fleet.entries.append(_entry(place, _Customer.model_validate(customer)))
        except ValidationError as error:
            fleet.problems += placed(problems_of(error, _Customer), place, {})
        except AssumptionsError as error:
            fleet.problems += error.problems
    return fleet


def read_profiles(data: Any, prefix: str = "") -> Fleet:
    """The profiles of a mapping of names to assumptions documents, and no customers.

    Args:
        data: the decoded mapping.
        prefix: what the file writes before their names.
    """
    fleet = Fleet()
    if not isinstance(data, Mapping):
        remedy = "write a profile's name, and its assumptions below it"
        fleet.problems.append(Problem(prefix.rstrip(".") or "(document)", f"{shown(data)} is not a group", remedy))
        return fleet
    for name, profile in data.items():
        try:
            fleet.profiles[str(name)] = parse_document({} if profile is None else profile)
        except AssumptionsError as error:
            fleet.problems += placed(error.problems, f"{prefix}{name}", {})
    return fleet


def _entry(place: str, customer: _Customer) -> FleetEntry:
    problem = name_problem(f"{place}.name", customer.name)
    if problem is not None:
        raise AssumptionsError([problem])
    if customer.concurrency is not None and customer.peak_concurrency_percent is not None:
        message = "concurrency and peakConcurrencyPercent both state the peak"
        raise AssumptionsError([Problem(f"{place}.concurrency", message, "write only one of them")])
    # The values are checked, so the layer is put together without checks.
    demand = DemandDocument.model_construct(
        users=customer.users,
        concurrency=customer.concurrency,
        peak_concurrency_percent=customer.peak_concurrency_percent,
    )
    own = AssumptionsDocument.model_construct(demand=demand)
    return FleetEntry(place, customer.name, customer.users, customer.profile, (customer.overrides, own), _WRITTEN)
