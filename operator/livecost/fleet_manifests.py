"""Reads customers and profiles from Kubernetes objects, as kubectl prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from costmodel import AssumptionsError, Problem, parse_document
from costmodel.fields import shown
from costmodel.parsing import problems_of
from costmodel.schedule import schedule_problems
from livecost.fleet_entries import Fleet, FleetEntry, placed
from livecost.models import CustomerClusterSpec
from livecost.plan import own_layer


def is_manifest(document: Any) -> bool:
    """Whether a decoded document is a Kubernetes object."""
    return isinstance(document, Mapping) and "kind" in document and "apiVersion" in document


def read_manifests(documents: Iterable[Any]) -> Fleet:
    """The customers and profiles among Kubernetes objects and lists of them; other kinds are problems."""
    fleet = Fleet()
    for place, item in _objects(documents):
        kind = item.get("kind") if isinstance(item, Mapping) else None
        if kind not in {"CustomerCluster", "CostProfile"}:
            remedy = (
                "give CustomerCluster and CostProfile objects only, as "
                "kubectl get customerclusters,costprofiles -A -o yaml prints them"
            )
            fleet.problems.append(Problem(place, f"is of kind {shown(kind)}", remedy))
            continue
        metadata = item.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        if not isinstance(name, str) or not name:
            fleet.problems.append(Problem(f"{place}.metadata.name", "is missing", "write the object's name"))
            continue
        namespace = metadata.get("namespace")
        full_name = f"{namespace}/{name}" if namespace else name
        try:
            if kind == "CostProfile":
                fleet.profiles[name] = parse_document(item.get("spec") or {})
            else:
                fleet.entries.append(_entry(full_name, item.get("spec")))
        except AssumptionsError as error:
            fleet.problems += placed(error.problems, f"{kind} {full_name}", {})
    return fleet


def _objects(documents: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for index, document in enumerate(documents):
        if is_manifest(document) and str(document["kind"]).endswith("List"):
            for at, item in enumerate(document.get("items") or ()):
                yield f"items[{at}]", item
        else:
            yield f"object {index + 1}", document


def _entry(name: str, data: Any) -> FleetEntry:
    try:
        spec = CustomerClusterSpec.model_validate(data)
    except ValidationError as error:
        raise AssumptionsError(_placed_in_spec(problems_of(error, CustomerClusterSpec))) from None
    if (spec.concurrency is None) == (spec.peak_concurrency_percent is None):
        message = "needs one of concurrency and peakConcurrencyPercent"
        raise AssumptionsError([Problem("spec", message, "write exactly one of them")])
    if problems := schedule_problems(spec.scaling.schedule, "spec.scaling.schedule"):
        raise AssumptionsError(problems)
    own = own_layer(spec, {})
    return FleetEntry(f"CustomerCluster {name}", name, spec.users, spec.profile_ref.name, (spec.overrides, own), {})


def _placed_in_spec(problems: Iterable[Problem]) -> Iterator[Problem]:
    for problem in problems:
        field = "spec" if problem.field == "(document)" else f"spec.{problem.field}"
        yield Problem(field, problem.message, problem.remedy)
