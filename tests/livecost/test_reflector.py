"""A live copy of a collection: it follows the watch, survives what servers do, and is never undone by late news."""

import asyncio

import pytest

from livecost import reflector
from livecost.kube_api import ApiError
from livecost.reflector import Reflector


def thing(name, version, size=1):
    return {"metadata": {"name": name, "namespace": "fleet", "resourceVersion": str(version)}, "size": size}


def event(kind, body):
    return {"type": kind, "object": body}


class Scripted:
    """An API server that answers each list and each watch from a script, and then stays silent."""

    def __init__(self, lists, watches):
        self._lists, self._watches = list(lists), list(watches)
        self.watched_from = []

    async def list_pages(self, path):
        """The next list of the script."""
        answer = self._lists.pop(0)
        if isinstance(answer, Exception):
            raise answer
        yield {"metadata": {"resourceVersion": "10"}, "items": answer}

    async def watch(self, path, resource_version):
        """The next watch of the script."""
        self.watched_from.append(resource_version)
        if not self._watches:
            await asyncio.Event().wait()
        for answer in self._watches.pop(0):
            if isinstance(answer, Exception):
                raise answer
            yield answer


class Followed:
    """A reflector that runs, and what it told."""

    def __init__(self, api):
        self.changes, self.states = [], []
        self.copy = Reflector(
            api, "/things", lambda body: body["size"], self._changed, lambda: self.states.append(self.copy.problem)
        )

    def _changed(self, key, before, after):
        self.changes.append((key[1], before, after))

    async def until_quiet(self):
        """Run until nothing more is scripted."""
        task = asyncio.create_task(self.copy.run())
        for _ in range(200):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return self


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Retries come at once."""
    monkeypatch.setattr(reflector, "FIRST_RETRY_SECONDS", 0.0)


async def test_the_copy_follows_the_list_and_the_watch():
    watch = [event("ADDED", thing("b", 11)), event("MODIFIED", thing("a", 12, 5)), event("DELETED", thing("b", 13))]
    followed = await Followed(Scripted([[thing("a", 5)]], [watch])).until_quiet()

    assert followed.copy.items == {("fleet", "a"): 5}
    assert followed.changes == [("a", None, 1), ("b", None, 1), ("a", 1, 5), ("b", 1, None)]
    assert followed.states == [None]


async def test_a_watch_goes_on_where_a_bookmark_left_it():
    api = Scripted([[]], [[event("BOOKMARK", {"metadata": {"resourceVersion": "40"}})]])
    await Followed(api).until_quiet()

    assert api.watched_from == ["10", "40"]


async def test_what_vanished_between_two_lists_is_told():
    """A deletion is never missed, also when the watch was too old to tell it."""
    followed = await Followed(
        Scripted([[thing("a", 5), thing("b", 6)], [thing("a", 5)]], [[ApiError(410, "Expired", "too old")]])
    ).until_quiet()

    assert followed.changes[-1] == ("b", 1, None)


async def test_late_news_does_not_undo_an_own_write():
    lists = [[thing("a", 5)], [thing("a", 6, 2)]]
    followed = await Followed(Scripted(lists[:1], [])).until_quiet()
    followed.copy.accept(("fleet", "a"), 9, 7)
    followed.copy._api = Scripted(lists[1:], [[event("MODIFIED", thing("a", 6, 2))]])
    await followed.until_quiet()

    assert followed.copy.items == {("fleet", "a"): 9}


async def test_what_was_deleted_before_the_answer_to_an_own_write_came_stays_gone():
    followed = await Followed(Scripted([[thing("a", 5)]], [[event("DELETED", thing("a", 8))]])).until_quiet()
    followed.copy.accept(("fleet", "a"), 9, 7)

    assert followed.copy.items == {}


@pytest.mark.parametrize("failure", [ApiError(403, "Forbidden", "no"), ApiError(500, "Error", "broken")])
async def test_a_refused_list_is_a_problem_until_it_works(failure):
    followed = await Followed(Scripted([failure, [thing("a", 5)]], [])).until_quiet()

    assert [state and state.status for state in followed.states] == [failure.status, None]
    assert followed.copy.items == {("fleet", "a"): 1}


async def test_an_object_that_is_not_as_expected_does_not_end_the_watch():
    followed = await Followed(
        Scripted([[thing("a", 5)], [thing("a", 12, 3)]], [[event("MODIFIED", {"metadata": {}})]])
    ).until_quiet()

    assert followed.copy.items == {("fleet", "a"): 3}
    assert followed.copy.problem is None
