"""Which backup a word or a time means, and how long past runs say that it will take."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, Copy
from ansible_collections.holdfast.webops.plugins.module_utils._backup.choosing import Chosen, choose_backup, outlook
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import of_backup
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from tests.unit.plugins.module_utils._backup.manifests import some_manifest
from tests.unit.plugins.module_utils._backup.places import MemoryStore

IDS = ("20261119T000000Z-aaaaaa", "20261120T000000Z-bbbbbb", "20261121T000000Z-cccccc")


def backup(backup_id: str, *, damage: str = "", proofs: tuple[dict[str, t.Any], ...] = ()) -> Backup:
    manifest = {**some_manifest(backup_id), "at": f"2026-11-{backup_id[6:8]}T00:00:00Z"}
    return Backup(backup_id, (Copy(MemoryStore(), manifest, {}, proofs, damage),), ())


CATALOG = [backup(backup_id) for backup_id in reversed(IDS)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("2026-11-20T12:00:00Z", IDS[1]), ("2026-11-20T00:00:00Z", IDS[1]), ("2099-01-01T00:00:00+01:00", IDS[2]), ("latest", IDS[2])],
)
def test_a_time_means_the_newest_from_before_it(wanted: str, found: str) -> None:
    assert choose_backup(CATALOG, wanted).id == found


def test_a_damaged_one_is_passed_over() -> None:
    catalog = [backup(IDS[2]), backup(IDS[1], damage="gone"), backup(IDS[0])]
    assert choose_backup(catalog, "2026-11-20T12:00:00Z").id == IDS[0]


def test_a_time_before_all_of_them_says_which_is_the_oldest() -> None:
    with pytest.raises(NotFoundError, match="The oldest usable one is of 2026-11-19T00:00:00Z"):
        choose_backup(CATALOG, "2026-11-18T00:00:00Z")
    with pytest.raises(NotFoundError, match="There is none at all"):
        choose_backup([], "2026-11-18T00:00:00Z")


def test_the_estimate_is_the_median_speed_of_past_proofs_for_this_size() -> None:
    def proof(seconds: float) -> dict[str, t.Any]:
        return {"equal": True, "at": "2026-11-22T00:00:00Z", "bytes": 4_000_000, "duration_s": seconds}

    chosen = backup(IDS[2], proofs=(proof(2), proof(3), proof(100)))
    plan = outlook(Chosen(chosen.id, chosen.manifest, of_backup(chosen, ""), chosen, (chosen,)), request(), streamed=True)
    assert (plan["estimate_s"], plan["past_runs"]) == (6.0, 3)  # 8 MB at 4 MB in 3 s
    assert (plan["scratch_bytes"], plan["scratch_free_bytes"]) == (0, None)


def request() -> t.Any:
    class Request:
        scratch_dir = None

    return Request()
