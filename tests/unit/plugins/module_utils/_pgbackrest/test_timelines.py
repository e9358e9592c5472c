"""On which timeline the cluster lived at a moment."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.archiver import Archiver
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.chain import follow
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import OK, Archived, Repository
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.target import GRAMMAR, Choice, Finder
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.timelines import lived_on
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import Timeline, name_of
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.window import Reach, weigh
from tests.unit.plugins.module_utils._pgbackrest.archives import archived, at, copy

# At minute 40 the cluster went back to where its segment 6 was written, about minute 12.
ARCHIVED = dataclasses.replace(archived({1: range(2, 9), 2: range(6, 12)}, [(1, 0), (2, 6)]), begun={2: at(40)})
COPIES = (copy("a", first=2, minute=5), copy("left", first=7, minute=20), copy("new", first=9, minute=45, timeline=2))


class Histories:
    """A pgBackRest that knows no more than the way to each timeline."""

    def history(self, _repository: Repository, number: int, _begun: t.Mapping[int, datetime.datetime]) -> tuple[Timeline, ...]:
        return ARCHIVED.history if number == 2 else (Timeline(1, 0),)


def choose(target: str, archive: Archived = ARCHIVED) -> Choice:
    """Without the data directory, so that no WAL is fetched."""
    reach = Reach(Repository(1, OK, "ok", "15-1", COPIES), follow(COPIES, archive), arrived=at(58), archived=archive)
    cluster, backrest, nothing = (
        Cluster("15/main", "/nowhere", "/etc", "", "", 5432, "postgres", ()),
        t.cast(t.Any, Histories()),
        t.cast(t.Any, None),
    )
    window = weigh(Archiver(at(60), "unknown"), [reach], None)
    return Finder(nothing, cluster, backrest, window, Deadline(SystemClock(), 60)).choose(GRAMMAR.read(target))


def never(_number: int) -> datetime.datetime | None:
    return None


@pytest.mark.parametrize(("minute", "number"), [(30, 1), (40, 2), (45, 2), (50, 3), (55, 3)])
def test_each_moment_is_on_the_timeline_that_was_the_newest_then(minute: int, number: int) -> None:
    three = Archived({"000000010000000000000002": at(2)}, (), {2: at(40), 3: at(50)})
    assert lived_on(at(minute), three, never) == number


def test_a_timeline_whose_history_was_archived_late_began_with_its_first_commit() -> None:
    assert lived_on(at(30), ARCHIVED, {2: at(25)}.get) == 2
    assert lived_on(at(24), ARCHIVED, {2: at(25)}.get) == 1


def test_a_moment_that_the_cluster_went_back_behind_is_on_the_way_that_it_left() -> None:
    chosen = choose(at(30).isoformat())
    assert chosen == Choice(COPIES[1], ("--type=time", "--target=2026-11-22 12:30:00.000000+00", "--target-timeline=1"), at(30))


def test_a_moment_since_it_went_back_is_on_the_present_way() -> None:
    assert choose(at(50).isoformat()) == Choice(COPIES[2], ("--type=time", "--target=2026-11-22 12:50:00.000000+00"), at(50))


def test_a_backup_of_the_present_way_does_not_lead_to_what_was_left() -> None:
    assert choose(at(10).isoformat()).copy == COPIES[0]
    with pytest.raises(InputError, match="before the first backup"):
        choose(at(4).isoformat())


def test_a_way_that_was_left_and_lacks_wal_is_said_to_be_lost() -> None:
    gone = dataclasses.replace(ARCHIVED, segments={name: moment for name, moment in ARCHIVED.segments.items() if name != name_of(1, 7)})
    with pytest.raises(InputError, match="on timeline 1, which an earlier restore has left, and no backup leads there"):
        choose(at(30).isoformat(), gone)
