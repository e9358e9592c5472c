"""What each state of a slot needs."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.contents import About
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.options import Generated, Settings
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.planning import Seen, plan
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.record import EMPTY, Record, Slot, parse, refuse_overtaken, status
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.repository import Heads
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.serving import Served

ONE, TWO = About("1.0-a", "1.0", "c1", ""), About("1.1-b", "1.1", "c2", "")
BLUE = Slot("1.0-a", "1.0", "c1", "", "p1", "running")
GREEN = Slot("1.1-b", "1.1", "c2", "", "p2", "running")
GENERATED = Generated("public", "r.json", "index.html", "assets", True, ".env", None)


def settings(state: str, slot: str = "green", about: About | None = TWO, **more: t.Any) -> Settings:
    plain: dict[str, t.Any] = {"percent": 100, "keep_warm": True, "fencing": 1, "content": "commit", "path": "", "checkout": ""}
    plain |= {"publisher": "lovable", "preview_url": "", "access": None, "project": "p", "approvals": (), "sync_timeout": 1.0}
    plain |= {"publish_timeout": 1.0, "proof_requests": 3, "generated": GENERATED}
    return Settings(state=state, slot=slot, about=about, **{**plain, **more})


def seen(*, green: Slot = GREEN, branch: str | None = "p2", shows: str | None = "1.0-a", blue: Slot = BLUE, **more: t.Any) -> Seen:
    heads = more.pop("heads", Heads(branch=branch))
    return Seen(Record({"blue": blue, "green": green}, tip="p2"), heads, Served(shows, None), **more)


def test_a_release_is_built_once_and_a_second_time_only_where_the_branch_has_moved_on() -> None:
    fresh = plan(seen(green=Slot(), branch="p1"), settings("staged"))
    assert (fresh.build, fresh.tree, fresh.prove, fresh.await_preview) == (TWO, None, None, True)
    assert plan(seen(), settings("staged")).build is None
    assert plan(seen(branch="p3"), settings("staged")).build == TWO
    stopped = plan(seen(green=dataclasses.replace(GREEN, state="stopped")), settings("staged"))
    assert (stopped.build, stopped.record.slots["green"].state) == (None, "running")


def test_a_slot_that_has_the_users_gets_nothing_else() -> None:
    with pytest.raises(ConflictError, match=r"blue serves 1\.0-a to all users"):
        plan(seen(), settings("staged", "blue"))


@pytest.mark.parametrize("state", ["staged", "shifted"])
def test_commits_of_others_are_named_and_nothing_is_done(state: str) -> None:
    with pytest.raises(ConflictError, match=r"ab12 Mara: Hurry\. Nothing was pushed"):
        plan(seen(branch="x", strangers=("ab12 Mara: Hurry",)), settings(state))


def test_commits_of_others_on_the_branch_for_previews_count_where_that_is_pushed_to() -> None:
    before = seen(green=Slot(), branch="p1", preview_strangers=("ab12 Mara: Hurry",))
    assert plan(before, settings("staged")).build == TWO
    with pytest.raises(ConflictError, match="ab12 Mara: Hurry"):
        plan(before, settings("staged", publisher="branch"))


def test_a_controller_with_an_older_lease_is_refused_and_one_with_the_same_is_not() -> None:
    record = dataclasses.replace(EMPTY, fence=7)
    refuse_overtaken(record, 7)
    with pytest.raises(ConflictError, match="fencing: 6 is older than 7"):
        refuse_overtaken(record, 6)


@pytest.mark.parametrize("percent", [1, 10, 50, 99])
def test_no_share_but_all_can_be_given(percent: int) -> None:
    with pytest.raises(InputError, match=f"{percent} % cannot be given"):
        plan(seen(), settings("shifted", percent=percent))


def test_none_is_what_a_slot_without_users_has_and_cannot_be_made_of_all() -> None:
    assert plan(seen(), settings("shifted", percent=0)).prove is None
    with pytest.raises(InputError, match="0 % cannot be given to green"):
        plan(seen(shows="1.1-b"), settings("shifted", percent=0))


def test_only_what_was_staged_is_published() -> None:
    assert plan(seen(), settings("shifted")).prove == TWO
    with pytest.raises(ConflictError, match="green holds nothing"):
        plan(seen(green=Slot()), settings("shifted"))
    with pytest.raises(ConflictError, match="Stage it again"):
        plan(seen(branch="p3"), settings("shifted"))


def test_a_host_that_publishes_pushes_gets_what_builds_upon_its_branch() -> None:
    heads = Heads(branch="p1", preview="p2")
    assert plan(seen(heads=heads, on_top=frozenset({"green"})), settings("shifted", publisher="branch")).promote == "p2"
    with pytest.raises(ConflictError, match="Stage it again"):
        plan(seen(heads=heads), settings("shifted", publisher="branch"))
    assert plan(seen(heads=heads), settings("staged", publisher="branch")).build == TWO


@pytest.mark.parametrize(
    ("before", "build", "prove"),
    [
        # Staged: the branch goes back, users have what they had.
        (seen(), ONE, None),
        # Published: users go back, too.
        (seen(shows="1.1-b"), ONE, ONE),
        # Killed after the push of the way back: it is published.
        (seen(shows="1.1-b", branch="p1", green=dataclasses.replace(GREEN, state="stopped")), None, ONE),
        # All done before.
        (seen(branch="p1"), None, None),
        # Servers do not agree: users may have it.
        (seen(shows=None), ONE, ONE),
        # Somebody was in between: users come first.
        (seen(shows="1.1-b", branch="x", strangers=("ab12 Mara: Hurry",)), ONE, ONE),
        # The same, and users have nothing of it.
        (seen(branch="x", strangers=("ab12 Mara: Hurry",)), None, None),
        # A first release keeps what it has.
        (seen(blue=Slot(), shows="1.1-b"), None, None),
        # After a contract migration there is no way back.
        (seen(blue=dataclasses.replace(BLUE, state="stopped"), shows="1.1-b"), None, None),
    ],
)
def test_an_undo_gives_users_the_other_release_and_only_where_they_need_it(before: Seen, build: About | None, prove: About | None) -> None:
    planned = plan(before, settings("undone", about=None))
    assert (planned.build, planned.prove) == (build, prove)
    assert planned.record.slots["green"].state == "stopped"
    assert planned.tree == ("p1" if build else None)
    assert bool(planned.warnings) == bool(before.strangers)


def test_a_retired_slot_is_marked_unless_it_stays_warm_or_has_the_users() -> None:
    assert plan(seen(), settings("retired", about=None)).record.slots["green"].state == "running"
    assert plan(seen(), settings("retired", about=None, keep_warm=False)).record.slots["green"].state == "stopped"
    with pytest.raises(ConflictError, match="blue serves all users"):
        plan(seen(), settings("retired", "blue", None, keep_warm=False))


def test_a_record_is_read_as_it_was_written_and_the_site_says_who_has_the_users() -> None:
    record = Record({"blue": BLUE, "green": GREEN}, 7, "p2", None, "green")
    assert parse(record.text(), "main") == record
    shown = status(record, "1.0-a", [])
    assert (shown["live_slot"], shown["weights"], shown["shares"], shown["fence"]) == ("blue", {"blue": 100, "green": 0}, [100], 7)
    # A site that cannot be asked: nobody is said to have users, and the slot that was meant to have them is not the idle one.
    away = status(record, None, ["away"])
    assert (away["live_slot"], away["idle_slot"], away["weights"]) == ("green", "blue", {"blue": 0, "green": 0})
    assert (status(EMPTY, None, [])["live_slot"], status(EMPTY, None, [])["idle_slot"]) == (None, "blue")
