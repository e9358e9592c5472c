"""Whether a server gets rid of its WAL."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.archiver import judge

WELL: dict[str, t.Any] = {
    "now": "2026-11-22T12:00:00.5Z",
    "mode": "on",
    "command": "pgbackrest --stanza=shop archive-push %p",
    "timeout": 300,
    "last_archived": "000000010000000000000004",
    "archived_since_failure": True,
    "last_archived_at": "2026-11-22T11:59:00Z",
    "last_failed": None,
    "failed_count": 0,
    "waiting": 0,
    "waits": None,
}


def test_one_that_archives_has_no_problem() -> None:
    found = judge(WELL)
    assert (found.state, found.problems, found.claims) == ("ok", (), "000000010000000000000004")


@pytest.mark.parametrize(
    ("told", "state", "said"),
    [
        ({"mode": "off"}, "off", "archive_mode is off"),
        ({"command": ""}, "failing", "archive_command is empty"),
        ({"archived_since_failure": False, "last_failed": "0000000100000000000000AA", "failed_count": 7}, "failing", "7 attempts failed"),
        ({"waiting": 3, "waits": 301.2}, "failing", "3 segments wait to be archived, the oldest for 301 s."),
        ({"timeout": 0}, "ok", "archive_timeout is 0"),
    ],
)
def test_one_that_does_not_is_told_as_a_problem(told: dict[str, t.Any], state: str, said: str) -> None:
    found = judge({**WELL, **told})
    assert found.state == state
    assert said in found.problems[0]


def test_failures_that_are_over_are_none() -> None:
    assert judge({**WELL, "last_failed": "0000000100000000000000AA", "failed_count": 7, "waiting": 1, "waits": 20.0}).problems == ()


def test_the_label_of_a_backup_is_no_segment() -> None:
    assert judge({**WELL, "last_archived": "000000010000000000000004.00000028.backup"}).claims is None
