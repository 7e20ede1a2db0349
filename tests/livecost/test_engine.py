"""What keeps an engine from its work is said with the remedy."""

import pytest

from livecost.engine import Engine
from livecost.kube_api import ApiError
from livecost.metrics import Metrics
from livecost.settings import Settings


class Api:
    """Answers every list alike."""

    def __init__(self, answer):
        self._answer = answer

    async def get(self, path, query=None):
        """One page."""
        if isinstance(self._answer, ApiError):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"items": []}, None),
        (ApiError(404, "NotFound", "no such page"), "kubectl apply --server-side -f crds/"),
        (ApiError(403, "Forbidden", "no"), "may not list customerclusters.livecost.dev: grant it list and watch"),
        (
            ApiError(0, "Unreachable", "the API server did not answer"),
            "cannot be listed: the API server did not answer",
        ),
        ({"items": [{}]}, "the first list of CustomerClusters is being read"),
    ],
)
async def test_what_is_missing_is_said(answer, told):
    missing = await Engine(Api(answer), Settings(), Metrics(), "replica").missing()

    assert missing is None if told is None else told in missing
