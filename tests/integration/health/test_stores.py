"""Kinds storage and backup on directories and S3."""

from __future__ import annotations

import datetime
import json
import os
import time
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from tests.integration.health.lab import look, run
from tests.unit.plugins.module_utils._backup.manifests import some_manifest

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.unruly_server import UnrulyServer
    from tools.embedded.objects import MotoS3


def test_an_object_is_written_read_and_deleted_in_a_directory(tmp_path: Path) -> None:
    check = look("storage", store=f"file://{tmp_path}/store")
    assert check["status"] == "pass"
    assert min(check["figures"].values()) >= 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_object_is_written_read_and_deleted_in_s3_without_telling_the_key(moto_s3: MotoS3) -> None:
    url = f"s3://{moto_s3.make_bucket('canary')}"
    found = run({"name": "it", "kind": "storage", "store": url, "store_options": moto_s3.store_options, "timeout": 20})
    assert found["checks"][0]["status"] == "pass"
    assert moto_s3.secret_key not in found["raw"]


def test_canaries_of_killed_checks_are_removed_and_young_ones_kept(tmp_path: Path) -> None:
    folder = tmp_path / "health-canary"
    folder.mkdir()
    for name, age in (("old", 7200), ("young", 60)):
        (folder / name).write_bytes(b"tweet")
        os.utime(folder / name, (time.time() - age,) * 2)
    assert look("storage", store=f"file://{tmp_path}")["status"] == "pass"
    assert [path.name for path in folder.iterdir()] == ["young"]


def test_a_store_that_takes_nothing_fails_and_says_where_it_stopped(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where a directory should be")
    check = look("storage", store=f"file://{tmp_path}/store")
    assert check["status"] == "fail"
    assert check["reason"].startswith("Cannot write health-canary/")


def test_a_store_behind_a_server_that_says_nothing_ends_with_the_module(server: UnrulyServer) -> None:
    options = {"endpoint": f"{server.url}/silent", "allow_http": True, "access_key_id": "AK", "secret_access_key": "s3cr3tvalue"}
    silent = {"kind": "storage", "store": "s3://bucket/silent", "store_options": options, "timeout": 1}
    found = run({"name": "a", **silent}, {"name": "b", **silent, "kind": "backup", "portal": "shop"})
    assert [check["status"] for check in found["checks"]] == ["fail", "fail"]
    assert found["waited_s"] < 10


def test_a_url_that_names_no_store_is_refused_by_the_name_of_the_check() -> None:
    with pytest.raises(InputError, match="The check 'it': 'ftp://somewhere' is not the URL of a store"):
        look("storage", store="ftp://somewhere")


@pytest.fixture
def backups(tmp_path: Path) -> Callable[..., str]:
    """Put a backup into a store; returns the store's URL."""

    def put(hours: float, *, proven: bool = False, damaged: bool = False) -> str:
        at = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=hours)
        stamp = at.strftime("%Y%m%dT%H%M%SZ")
        folder = tmp_path / "shop/backups" / f"{stamp}-aaaaaa"
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_bytes(canonical({**some_manifest(folder.name), "at": at.isoformat()}))
        (folder / "database.dump").write_bytes(b"" if damaged else b"archive")
        if proven:
            (folder / f"proof-{stamp}-bbbbbb.json").write_text(json.dumps({"at": stamp, "equal": True, "id": "x"}))
        return f"file://{tmp_path}"

    return put


def test_a_young_backup_and_a_young_proof_pass(backups: Callable[..., str]) -> None:
    backups(30, proven=True)
    check = look("backup", store=backups(2), portal="shop")
    assert check["status"] == "pass"
    assert check["figures"] == {"newest_hours": pytest.approx(2, abs=0.1), "proven_hours": pytest.approx(30, abs=0.1), "backups": 2}


@pytest.mark.parametrize(
    ("made", "options", "status", "reason"),
    [
        ([], {}, "fail", "There is no usable backup of shop in file://"),
        ([{"hours": 2}], {}, "fail", "was proven by a restore"),
        ([{"hours": 2}], {"require_proof": False}, "pass", "The newest backup is of 2"),
        ([{"hours": 27, "proven": True}], {}, "fail", "newest_hours is 27"),
        ([{"hours": 2}, {"hours": 200, "proven": True}], {}, "fail", "proven_hours is 200"),
        ([{"hours": 2, "damaged": True}, {"hours": 3, "proven": True}], {}, "warn", "1 newer ones cannot be used"),
        ([{"hours": 2, "proven": True}], {"thresholds": {"newest_hours": {"warn": 1, "fail": 3}}}, "warn", "newest_hours is 2"),
        ([{"hours": 2, "proven": True}], {"thresholds": {"backups": {"fail": 2}}}, "fail", "backups is 1, under 2"),
    ],
)
def test_old_damaged_and_unproven_backups_are_told(
    backups: Callable[..., str], tmp_path: Path, made: list[dict[str, t.Any]], options: dict[str, t.Any], status: str, reason: str
) -> None:
    for each in made:
        backups(**each)
    check = look("backup", store=f"file://{tmp_path}", portal="shop", **options)
    assert check["status"] == status
    assert reason in check["reason"]
