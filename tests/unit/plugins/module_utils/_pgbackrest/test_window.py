"""From when to when a cluster can be restored, and what would be lost."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.archiver import Archiver
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.chain import follow
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import OK, Repository
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.points import shown
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import Commit, name_of
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.window import Reach, weigh
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.ways import together
from tests.unit.plugins.module_utils._pgbackrest.archives import archived, at, copy

WELL = Archiver(at(60), "ok", timeout=300)


def reach(key: int = 1, *, segments: t.Iterable[int] = range(2, 9), last: int | None = 30) -> Reach:
    copies = (copy("a", first=2, minute=5, repository=key), copy("b", first=5, minute=20, repository=key))
    chain = follow(copies, archived({1: segments}))
    return Reach(Repository(key, OK, "ok", "15-1", copies), chain, None if last is None else Commit(7, 1, at(last)))


def test_all_is_restorable_when_nothing_was_committed_since() -> None:
    window = weigh(WELL, [reach()], None)
    assert (window.oldest, window.newest, window.problems) == (at(5), at(60), ())


def test_what_is_not_archived_would_be_lost() -> None:
    window = weigh(WELL, [reach()], Commit(8, 2, at(57)))
    assert window.newest == at(57)
    assert shown(window, "shop", "15/main")["rpo_seconds"] == 180


def test_a_standing_archiver_has_only_what_is_in_the_archive_however_little_happened_since() -> None:
    failing = dataclasses.replace(WELL, state="failing", problems=("The archiver fails.",))
    window = weigh(failing, [reach()], None)
    assert (window.newest, window.problems) == (at(30), ("The archiver fails.",))


def test_an_archive_command_that_says_done_and_does_nothing_is_found() -> None:
    window = weigh(dataclasses.replace(WELL, claims=name_of(1, 9)), [reach()], None)
    assert window.newest == at(30)
    assert "lacks 000000010000000000000009, which the server took for archived" in window.problems[0]


def test_a_repository_that_lags_behind_is_told_and_the_other_one_counts() -> None:
    window = weigh(dataclasses.replace(WELL, claims=name_of(1, 9)), [reach(1), reach(2, segments=range(2, 10))], None)
    assert window.newest == at(60)
    assert [problem[:13] for problem in window.problems] == ["Repository 1 "]


def test_a_repository_that_is_away_is_told_once_and_the_other_one_counts() -> None:
    away = dataclasses.replace(reach(2, segments=[]), problem="Repository 2: it is away.")
    window = weigh(dataclasses.replace(WELL, claims=name_of(1, 8)), [reach(1), away], None)
    assert (window.newest, window.problems) == (at(60), ("Repository 2: it is away.",))


def test_without_a_backup_nothing_can_be_restored() -> None:
    window = weigh(WELL, [reach(segments=[])], None)
    assert (window.oldest, window.newest) == (None, None)
    assert "no physical backup" in window.problems[-1]


def test_an_archive_without_a_commit_reaches_to_its_newest_backup() -> None:
    window = weigh(dataclasses.replace(WELL, state="unknown"), [reach(last=None)], None)
    assert window.newest == at(20)


def test_the_youngest_moment_of_all_ways_counts() -> None:
    physical = shown(weigh(WELL, [reach()], Commit(8, 2, at(57))), "shop", "15/main")
    found = together(physical, [at(0), at(40)], [], at(60))
    assert (found["method"], found["rpo_seconds"], found["newest"]) == ("physical", 180, "2026-11-22T12:57:00Z")
    assert found["oldest"] == "2026-11-22T12:00:00Z"
