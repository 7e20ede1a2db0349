"""Observed months of a real Prometheus against what really happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.cluster.programs import ensure_programs
from e2e.observed_truth import Scene, measure, scenes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def programs() -> dict[str, Path]:
    """Prometheus and the tool that writes into its database."""
    return ensure_programs(["prometheus", "promtool"])


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.name)
def test_every_item_of_a_month_is_within_one_percent_of_the_truth(scene: Scene, programs: dict[str, Path]) -> None:
    """Also where exporters fall silent: what was seen is right, and how much was seen is told within one percent."""
    rows = measure(scene, programs)

    assert {row.month for row in rows} == {"last month", "month to date"}
    assert [row for row in rows if row.error_percent > 1] == []
