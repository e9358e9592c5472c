"""backup_retention against real stores: what goes, what stays, and what nobody may touch."""

from __future__ import annotations

import dataclasses
import datetime
import os
import typing as t

import boto3
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical
from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import new_id
from tests.integration.backups import PORTAL, destination, run
from tests.unit.plugins.module_utils._backup.manifests import some_manifest

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.objects import MotoS3

DAY = datetime.timedelta(days=1)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclasses.dataclass(frozen=True)
class Shelf:
    """Backups in a directory and in S3, without a database: only their manifests matter here."""

    folder: Path
    server: MotoS3
    prefix: str

    @property
    def destinations(self) -> list[dict[str, t.Any]]:
        return [{"store": f"file://{self.folder}"}, destination(self.server, self.prefix)]

    def retain(self, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        return run("backup_retention", {"portal": PORTAL, "destinations": self.destinations, **options}, check=check)

    def add(self, age: datetime.timedelta, objects: t.Mapping[str, bytes] | None = None, *, proven: bool = False) -> str:
        """A backup in both places; returns its id. `objects` are more of them, by name."""
        moment = now() - age
        backup_id = new_id(moment)
        manifest = some_manifest(backup_id) | {"portal": PORTAL, "at": moment.isoformat()}
        contents = {"database.dump": b"archive", "manifest.json": canonical(manifest), "manifest.json.sig": b"x", **(objects or {})}
        if proven:
            contents[f"proof-{new_id(moment)}.json"] = canonical({"at": moment.isoformat(), "equal": True, "id": "proof"})
        for name, content in contents.items():
            self.put(f"{PORTAL}/backups/{backup_id}/{name}", content, moment)
        return backup_id

    def put(self, key: str, content: bytes, moment: datetime.datetime) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (moment.timestamp(), moment.timestamp()))
        self.client.put_object(Bucket=self.server.bucket, Key=f"{self.prefix}/{key}", Body=content)

    def remove(self, key: str) -> None:
        (self.folder / key).unlink()
        self.client.delete_object(Bucket=self.server.bucket, Key=f"{self.prefix}/{key}")

    def stored(self) -> tuple[list[str], list[str]]:
        """In the directory and in the bucket."""
        start = len(self.prefix) + 1
        listed = self.client.list_objects_v2(Bucket=self.server.bucket, Prefix=f"{self.prefix}/").get("Contents", [])
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(self.folder)) for path in files), sorted(one["Key"][start:] for one in listed)

    def ids(self) -> tuple[set[str], set[str]]:
        """The folders of backups in which there is anything."""
        in_directory, in_bucket = ({key.split("/")[2] for key in keys if "/backups/" in key} for keys in self.stored())
        return in_directory, in_bucket

    @property
    def client(self) -> t.Any:
        server = self.server
        keys = {"aws_access_key_id": server.access_key, "aws_secret_access_key": server.secret_key}
        return boto3.client("s3", endpoint_url=server.endpoint, region_name=server.region, **keys)


@pytest.fixture
def shelf(tmp_path: Path, moto_s3: MotoS3) -> Shelf:
    return Shelf(tmp_path / "store", moto_s3, tmp_path.name)


def test_what_the_policy_does_not_keep_goes_from_everywhere_and_a_second_run_changes_nothing(shelf: Shelf) -> None:
    fresh, old, oldest = shelf.add(DAY), shelf.add(40 * DAY), shelf.add(50 * DAY)
    done = shelf.retain(keep_days=30)
    assert not done.get("failed"), done["raw"]
    assert (done["changed"], [one["id"] for one in done["removed"]]) == (True, [old, oldest])
    assert done["kept"][0]["reasons"][0] == "keep_days: 30"
    assert shelf.ids() == ({fresh}, {fresh})
    again = shelf.retain(keep_days=30)
    assert (again["changed"], again["removed"], again["freed_bytes"]) == (False, [], 0)


def test_check_mode_predicts_and_removes_nothing(shelf: Shelf) -> None:
    for days in (1, 40, 50):
        shelf.add(days * DAY)
    before = shelf.stored()
    predicted = shelf.retain(keep_last=1, check=True)
    assert shelf.stored() == before
    done = shelf.retain(keep_last=1)
    assert [predicted[name] for name in ("changed", "kept", "removed", "orphans", "freed_bytes", "diff")] == [
        done[name] for name in ("changed", "kept", "removed", "orphans", "freed_bytes", "diff")
    ]


def test_the_only_proven_one_and_what_is_not_ours_stay(shelf: Shelf) -> None:
    proven, old = shelf.add(90 * DAY, proven=True), shelf.add(60 * DAY, {"notes.txt": b"mine"})
    foreign = f"{PORTAL}/backups/keep-this/manifest.json"
    shelf.put(foreign, b"{}", now() - 900 * DAY)
    fresh = shelf.add(DAY)
    done = shelf.retain(keep_last=1)
    assert {one["id"]: one["reasons"][-1] for one in done["kept"]}[proven] == "the newest proven one"
    assert [one["id"] for one in done["removed"]] == [old]
    for keys in shelf.stored():
        assert [key for key in keys if old in key] == [f"{PORTAL}/backups/{old}/notes.txt"]
        assert foreign in keys
    assert {proven, fresh} < shelf.ids()[0]


def test_the_last_sound_one_of_a_store_stays_though_others_have_newer_ones(shelf: Shelf) -> None:
    old, fresh = shelf.add(90 * DAY), shelf.add(DAY)
    (shelf.folder / PORTAL / "backups" / fresh / "database.dump").write_bytes(b"half")
    done = shelf.retain(keep_last=1)
    assert {one["id"] for one in done["kept"]} == {old, fresh}


def test_a_manifest_of_a_newer_version_is_left_alone(shelf: Shelf) -> None:
    newer = shelf.add(90 * DAY, {"manifest.json": b'{"format": 2}'})
    shelf.add(DAY)
    done = shelf.retain(keep_last=1)
    assert (done["removed"], newer in shelf.ids()[0]) == ([], True)


def test_leftovers_of_killed_runs_go_after_the_grace_time(shelf: Shelf) -> None:
    """The object store's clock counts too: there the leftovers are as old as this test."""
    fresh, dead, running = shelf.add(DAY), shelf.add(3 * DAY), shelf.add(datetime.timedelta(hours=2))
    for backup_id in (dead, running):
        shelf.remove(f"{PORTAL}/backups/{backup_id}/manifest.json")
    done = shelf.retain(keep_last=5)
    assert not done.get("failed"), done["raw"]
    assert {one["key"].split("/")[2] for one in done["orphans"] if not one["upload"]} == {dead}
    assert shelf.ids() == ({fresh, running}, {fresh, running, dead})
    assert not [key for keys in shelf.stored() for key in keys if "clock" in key]


def test_parts_of_a_copy_whose_manifest_was_lost_stay_while_another_store_has_it(shelf: Shelf) -> None:
    fresh, torn = shelf.add(DAY), shelf.add(3 * DAY)
    (shelf.folder / PORTAL / "backups" / torn / "manifest.json").unlink()
    done = shelf.retain(keep_last=5)
    assert (done["changed"], done["orphans"]) == (False, [])
    assert shelf.ids() == ({fresh, torn}, {fresh, torn})


def test_what_is_locked_stays_in_every_store(shelf: Shelf) -> None:
    bucket = f"locked-{shelf.prefix.replace('_', '-')}".lower()
    shelf.client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    locked = dataclasses.replace(shelf, server=_with_bucket(shelf.server, bucket))
    old = locked.add(90 * DAY)
    locked.add(DAY)
    key = f"{locked.prefix}/{PORTAL}/backups/{old}/database.dump"
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": now() + DAY}
    locked.client.put_object_retention(Bucket=bucket, Key=key, Retention=retention)
    done = locked.retain(keep_last=1)
    assert not done.get("failed"), done["raw"]
    assert {one["id"]: one["reasons"][0][:12] for one in done["kept"]}[old] == "locked until"
    assert (done["changed"], old in locked.ids()[0]) == (False, True)


def _with_bucket(server: MotoS3, bucket: str) -> t.Any:
    """The same server, seen through another bucket."""
    import copy

    other = copy.copy(server)
    other.bucket = bucket
    return other


def test_a_store_that_cannot_be_read_stops_everything(shelf: Shelf) -> None:
    shelf.add(DAY)
    old = shelf.add(90 * DAY)
    dead = {"store": "s3://holdfast", "endpoint": "http://127.0.0.1:9", "allow_http": True, "access_key_id": "a", "secret_access_key": "b"}
    refused = run("backup_retention", {"portal": PORTAL, "destinations": [*shelf.destinations, dead], "keep_last": 1})
    assert "s3://holdfast failed" in refused["msg"]
    assert old in shelf.ids()[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "The policy is empty"), ({"keep_last": 0}, "keep_last is 0"), ({"keep_days": 3, "grace": 60}, "grace is 60")],
)
def test_bad_input_gets_a_sentence(shelf: Shelf, options: dict[str, t.Any], said: str) -> None:
    assert said in shelf.retain(**options)["msg"]
