"""To where a cluster goes back."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.archiver import Archiver
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.chain import follow
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import OK, Repository
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.target import GRAMMAR, Choice, Finder, look_up
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import SEGMENT_SIZE, Commit, Point, Record
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.window import Reach, Window, weigh
from tests.unit.plugins.module_utils._pgbackrest.archives import archived, at, copy

COPIES = (copy("a", first=2, minute=5), copy("b", first=5, minute=20))
REACH = Reach(Repository(1, OK, "ok", "15-1", COPIES), follow(COPIES, archived({1: range(2, 9)})), Commit(7, 0x8000100, at(30)))
WINDOW = weigh(Archiver(at(60), "ok"), [REACH], None)


def choose(target: str, window: Window = WINDOW) -> Choice:
    """For targets that need no look into the archive."""
    nothing: t.Any = None
    return Finder(nothing, nothing, nothing, window, Deadline(SystemClock(), 60)).choose(GRAMMAR.read(target))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("latest", "latest"),
        ("2026-11-22T13:30:00+01:00", "2026-11-22T12:30:00Z"),
        ("transaction 7351", "transaction 7351"),
        ("point before-release-42", "point before-release-42"),
    ],
)
def test_a_target_is_written_as_people_do(text: str, shown: str) -> None:
    assert str(GRAMMAR.read(text)) == shown


@pytest.mark.parametrize("text", ["", "yesterday", "transaction", "transaction -1", "point ", "point two words", "2026-13-01T00:00:00Z"])
def test_what_is_no_target_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"^target is '.*', which names no moment\."):
        GRAMMAR.read(text)


@pytest.mark.parametrize("kind", ["transaction", "point"])
def test_what_the_command_line_has_cut_off_at_a_blank_is_told_how_to_keep_it(kind: str) -> None:
    with pytest.raises(InputError) as refused:
        GRAMMAR.read(kind)
    assert f"-e \"key='{kind} " in str(refused.value)


def test_a_moment_is_restored_from_the_newest_backup_before_it() -> None:
    assert choose(at(10).isoformat()) == Choice(COPIES[0], ("--type=time", "--target=2026-11-22 12:10:00.000000+00"), at(10))
    assert choose(at(25).isoformat()).copy == COPIES[1]


def test_the_end_of_a_backup_is_known_to_the_second_only() -> None:
    assert choose((at(20) + datetime.timedelta(seconds=0.9)).isoformat()).copy == COPIES[0]


def test_a_moment_after_which_nothing_was_committed_is_reached_by_the_last_commit() -> None:
    assert choose(at(45).isoformat()).words == ("--type=lsn", "--target=0/8000100")


def test_a_moment_after_a_backup_and_without_any_commit_is_that_backup() -> None:
    quiet = weigh(Archiver(at(60), "ok"), [dataclasses.replace(REACH, last_commit=Commit(7, 0x10, at(1)))], None)
    assert choose(at(45).isoformat(), quiet).words == ("--type=immediate",)


def test_latest_loses_nothing_that_can_be_had() -> None:
    assert choose("latest") == Choice(COPIES[1], ("--type=default",), at(60))


@pytest.mark.parametrize(
    ("minute", "said"),
    [(61, "which is in the future; it is 2026-11-22T13:00:00Z"), (5, "before the first backup, which ended at 2026-11-22T12:05:00Z")],
)
def test_a_moment_out_of_the_window_is_refused(minute: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        choose(at(minute).isoformat())


def test_a_moment_that_is_not_archived_yet_is_refused() -> None:
    with pytest.raises(InputError, match="the newest moment that can be restored is 2026-11-22T12:57:00"):
        choose(at(58).isoformat(), weigh(Archiver(at(60), "ok"), [REACH], Commit(8, 2, at(57))))


def test_without_a_backup_there_is_no_target() -> None:
    with pytest.raises(NotFoundError, match="no physical backup"):
        choose("latest", weigh(Archiver(at(60), "ok"), [], None))


def test_without_the_old_data_directory_a_transaction_cannot_be_looked_up() -> None:
    away = dataclasses.replace(REACH, last_commit=None, arrived=at(30))
    lost = weigh(Archiver(at(60), "unknown"), [away], None)
    assert choose(at(29).isoformat(), lost).words[0] == "--type=time"
    with pytest.raises(InputError, match="without the old data directory"):
        choose("transaction 7", lost)


def found(target: str, *records: Record) -> Choice:
    """For targets that are looked up, by the records of the archive, the newest first."""
    return look_up(GRAMMAR.read(target), REACH, iter(records))


def commit(number: int, *, segment: int, minute: int) -> Commit:
    return Commit(number, segment * SEGMENT_SIZE + 0x8000, at(minute))


def point(name: str, *, segment: int) -> Point:
    return Point(name, segment * SEGMENT_SIZE + 0x9000)


def test_a_transaction_is_the_last_one_that_is_there() -> None:
    records = (commit(9, segment=8, minute=30), commit(7, segment=7, minute=25), point("x", segment=7))
    assert found("transaction 7", *records) == Choice(COPIES[1], ("--type=xid", "--target=7"), at(25))


def test_a_point_has_the_moment_of_the_last_commit_before_it() -> None:
    records = (commit(9, segment=8, minute=30), point("x", segment=7), point("y", segment=7), commit(7, segment=7, minute=25))
    assert found("point x", *records) == Choice(COPIES[1], ("--type=name", "--target=x"), at(25))


def test_a_point_with_no_commit_since_its_backup_has_the_moment_of_that() -> None:
    assert found("point x", point("x", segment=7), commit(7, segment=4, minute=15)).moment == at(20)
    assert found("point x", point("x", segment=7), commit(7, segment=5, minute=19)).moment == at(20)


@pytest.mark.parametrize("target", ["transaction 8", "point z"])
def test_what_the_archive_does_not_hold_is_said_with_what_it_holds(target: str) -> None:
    with pytest.raises(NotFoundError, match=rf"^target is '{target}', which the archive does not hold from .*12:05:00Z to .*12:30:00Z\."):
        found(target, commit(9, segment=8, minute=30), point("x", segment=7))


@pytest.mark.parametrize("target", ["transaction 7", "point x"])
def test_what_is_older_than_the_oldest_backup_is_refused(target: str) -> None:
    with pytest.raises(InputError, match=rf"^target is '{target}', before the first backup, which ended at .*12:05:00Z\."):
        found(target, commit(9, segment=8, minute=30), point("x", segment=2), commit(7, segment=2, minute=2))


def test_a_name_that_was_given_twice_is_refused_with_both_moments() -> None:
    first, second = at(21) + datetime.timedelta(microseconds=5), at(25)
    records = (point("x", segment=7), Commit(7, 7 * SEGMENT_SIZE, second), point("x", segment=6), Commit(6, 6 * SEGMENT_SIZE, first))
    with pytest.raises(InputError, match=r"more than once: at 2026-11-22T12:21:00\.000005Z, 2026-11-22T12:25:00Z\."):
        found("point x", *records)


def test_a_name_that_was_given_twice_to_the_same_data_is_one() -> None:
    assert found("point x", point("x", segment=7), point("x", segment=7), commit(7, segment=7, minute=25)).moment == at(25)


def test_a_name_before_the_backup_that_is_restored_is_another_one() -> None:
    records = (point("x", segment=7), commit(7, segment=7, minute=25), point("x", segment=4), commit(6, segment=4, minute=10))
    assert found("point x", *records).moment == at(25)
