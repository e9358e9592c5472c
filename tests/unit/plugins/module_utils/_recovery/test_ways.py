"""What can be restored by whatever way, and what would be lost now."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.ways import sound_moments, together

NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.timezone.utc)


def at(minute: int) -> datetime.datetime:
    return NOON + datetime.timedelta(minutes=minute)


def test_a_backup_of_which_every_copy_is_damaged_does_not_count() -> None:
    backups = [{"at": "2026-11-22T12:00:00Z", "state": "damaged"}, {"at": "2026-11-22T11:00:00Z", "state": "complete"}]
    assert sound_moments(backups) == [at(-60)]


def test_what_pg_backup_info_did_not_return_is_refused() -> None:
    with pytest.raises(InputError, match="has no 'at' or no 'state'"):
        sound_moments([{"id": "x"}])


def test_logical_backups_alone_report_their_real_age() -> None:
    found = together(None, [at(-600), at(0)], [], at(60))
    assert (found["method"], found["rpo_seconds"], found["healthy"], found["physical"]) == ("logical", 3600, True, None)


def test_a_backup_from_a_host_whose_clock_is_ahead_is_not_younger_than_now() -> None:
    assert together(None, [at(90)], [], NOON)["rpo_seconds"] == 0


def test_no_backup_at_all_is_a_problem() -> None:
    found = together(None, [], [], NOON)
    assert (found["newest"], found["rpo_seconds"], found["healthy"]) == (None, None, False)
