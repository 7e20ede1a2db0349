"""The figures of an estimate by name, such as `monthly.total`, as its JSON form shows them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costmodel.errors import AssumptionsError, Problem
from costmodel.presentation import estimate_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from costmodel.projection import Estimate

Figure = str | int | None
"""Money and other decimals as text, counts as numbers, unknown and words that are missing as None."""


def figures(estimate: Estimate) -> dict[str, Figure]:
    """Every figure by the dotted path at which `estimate_to_json` has it."""
    return dict(_leaves(estimate_to_json(estimate), ""))


def _leaves(part: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Figure]]:
    for name, value in part.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def figure_names(wanted: Iterable[str], known: Iterable[str]) -> list[str]:
    """The full names of figures; a pool such as `nodes.livekit` stands for its `nodes`.

    Args:
        wanted: names as a user writes them.
        known: the names that `figures` gives.

    Raises:
        AssumptionsError: a name is unknown; the nearest are offered.
    """
    names = {name.casefold(): name for name in known}
    found, problems = [], []
    for each in wanted:
        name = names.get(each.casefold()) or names.get(f"{each.casefold()}.nodes")
        if name is not None:
            found.append(name)
            continue
        near = difflib.get_close_matches(each.casefold(), names, n=3) or list(names)
        offered = ", ".join(names[folded] for folded in near)
        problems.append(Problem(each or "(nothing)", "is not a figure of an estimate", f"write one of {offered}"))
    if problems:
        raise AssumptionsError(problems)
    return found
