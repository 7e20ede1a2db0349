"""Reads a fleet: a CSV file with a row for each customer, a YAML or JSON document, or Kubernetes objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from costmodel import AssumptionsDocument, AssumptionsError, Problem
from livecost.command_input import read_text, refuse
from livecost.csv_input import MAX_CSV_BYTES, parse_csv
from livecost.document_text import DocumentTextError, decode
from livecost.fleet_document import read_fleet_document, read_profiles
from livecost.fleet_entries import Fleet, FleetEntry
from livecost.fleet_manifests import is_manifest, read_manifests
from livecost.fleet_rows import read_fleet_rows

# What a line of YAML or JSON begins with, and the header of a CSV file does not.
_DOCUMENT: Final = re.compile(r"\s*(\{|\[|---|#|- |[\w\"'-]+:(\s|$))")
_NEXT_DOCUMENT: Final = re.compile(r"^---(?=\s|$)", re.MULTILINE)


def read_fleet(path: str, name: str) -> Fleet:
    """The customers and profiles of a file, or of standard input for "-", with every problem found in them.

    A file that cannot be read as a whole ends the command with code 2, told under `name`.
    """
    text = read_text(path, name, MAX_CSV_BYTES, "split the file")
    try:
        is_document = path.endswith((".yaml", ".yml", ".json")) or (
            not path.lower().endswith(".csv") and _DOCUMENT.match(text) is not None
        )
        fleet = _from_documents(list(_documents(text))) if is_document else read_fleet_rows(parse_csv(text))
        return _without_duplicates(fleet)
    except DocumentTextError as error:
        refuse(name, [error])
    except AssumptionsError as error:
        refuse(name, error.problems)


def read_profile_file(path: str, name: str) -> Mapping[str, AssumptionsDocument]:
    """The profiles of a file by name: a mapping, or CostProfile objects; a bad file is refused under `name`."""
    text = read_text(path, name, MAX_CSV_BYTES, "split the file")
    try:
        documents = list(_documents(text))
        fleet = read_manifests(documents) if any(map(is_manifest, documents)) else read_profiles(documents[0])
    except DocumentTextError as error:
        refuse(name, [error])
    if fleet.problems:
        refuse(name, fleet.problems)
    return fleet.profiles


def _from_documents(documents: list[Any]) -> Fleet:
    if any(map(is_manifest, documents)):
        return read_manifests(documents)
    if len(documents) > 1:
        message = "holds several documents that are no Kubernetes objects"
        raise AssumptionsError([Problem("(file)", message, "write one, with customers below it")])
    return read_fleet_document(documents[0])


def _documents(text: str) -> Iterator[Any]:
    starts = [match.end() for match in _NEXT_DOCUMENT.finditer(text)]
    for start, end in zip([0, *starts], [*(at - 3 for at in starts), len(text)], strict=True):
        # Blank lines in the place of the documents before it keep the line numbers of messages right.
        document = decode("\n" * text.count("\n", 0, start) + text[start:end])
        if document is not None or not starts:
            yield document


def _without_duplicates(fleet: Fleet) -> Fleet:
    first: dict[str, FleetEntry] = {}
    for entry in fleet.entries:
        earlier = first.setdefault(entry.name, entry)
        if earlier is not entry:
            message = f"{entry.name} is already in {earlier.place}"
            fleet.problems.append(Problem(entry.field("name"), message, "give each customer a name of its own"))
    return fleet
