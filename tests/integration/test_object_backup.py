"""object_backup against real servers: what it stores, what it does not, and what a run that dies leaves."""

from __future__ import annotations

import subprocess
import tempfile
import typing as t

import pytest

from tests.integration.backups import arguments, argv, environment, flip_a_byte
from tests.integration.bucket_lab import PORTAL, BucketLab, StuckBucket, make_lab
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.objects import MotoS3, RcloneS3


@pytest.fixture
def lab(tmp_path: Path, moto_s3: MotoS3, rclone_s3: RcloneS3) -> BucketLab:
    return make_lab(tmp_path, moto_s3, rclone_s3)


def start(lab: BucketLab, **options: t.Any) -> subprocess.Popen[str]:
    """A run of object_backup beside the test."""
    with tempfile.TemporaryFile("w+") as given:
        given.write(arguments({**lab.backup_options(), **options}))
        given.seek(0)
        return subprocess.Popen(
            argv("object_backup"), stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
        )


def test_a_snapshot_holds_the_bucket_each_content_once_and_encrypted(lab: BucketLab) -> None:
    predicted = lab.back_up(check=True)
    assert (predicted["changed"], predicted["backup"], lab.snapshots()) == (True, None, [])
    done = lab.back_up()
    assert not done.get("failed"), done["raw"]
    assert (done["diff"], done["changes"]) == (predicted["diff"], predicted["changes"])
    backup = done["backup"]
    assert (backup["state"], backup["objects"], backup["missing"]) == ("complete", 6, [])
    assert (done["changes"], done["transferred"]["objects_read"]) == ({"new": 6, "gone": 0, "unchanged": 0}, 6)
    assert done["transferred"]["contents_stored"] == 6  # five different ones, and the details of the run
    stored = b"".join(path.read_bytes() for path in lab.store.rglob("*") if path.is_file())
    for secret in (b"one.txt", b"owner", b"text/plain", b"odd name"):
        assert secret not in stored
    again = lab.back_up()
    assert (again["changed"], again["backup"]["id"], again["transferred"]["objects_read"]) == (False, backup["id"], 0)
    assert not list(lab.store.glob("objects/*/claim.json"))


def test_only_what_changed_is_read_and_only_new_contents_are_stored(lab: BucketLab) -> None:
    first = lab.back_up()["backup"]
    lab.put("a/two.txt", b"new content")
    lab.put("c/copy of one", b"one")
    lab.remove("large.bin")
    second = lab.back_up()
    assert second["changes"] == {"new": 2, "gone": 2, "unchanged": 4}
    assert (second["transferred"]["objects_read"], second["transferred"]["contents_stored"]) == (2, 2)
    lab.put("large.bin", bytes(range(256)) * ((9 << 20) // 256))
    third = lab.back_up()
    assert third["transferred"]["contents_stored"] == 1  # the details of the run: the first snapshot still has the content
    assert lab.snapshots() == [first["id"], second["backup"]["id"], third["backup"]["id"]]
    assert lab.back_up(reuse="content")["transferred"] | {"bytes_stored": 0, "bytes_read": 0} == {
        "objects_read": 7,
        "contents_stored": 1,
        "bytes_stored": 0,
        "bytes_read": 0,
    }


def test_a_destination_that_lost_a_content_gets_it_again(lab: BucketLab) -> None:
    lab.back_up()
    (lab.store / "contents" / lab.contents()[0]).unlink()
    healed = lab.back_up()
    assert (healed["changed"], healed["transferred"]["contents_stored"]) == (True, 2)
    assert lab.catalog(verify="quick", newest=1)["backups"][0]["state"] == "complete"


def test_with_a_digest_key_the_index_has_no_plain_digest_and_a_restore_needs_no_key(lab: BucketLab) -> None:
    done = lab.back_up(digest_key="nobody can guess this")
    assert lab.manifest(done["backup"]["id"])["digests"] == "hmac-sha256"
    assert "nobody can guess this" not in done["raw"]
    proven = lab.restore(state="proven")
    assert proven["proof"]["objects"] == 6, proven["raw"]


def test_a_destination_that_is_away_is_no_obstacle_where_one_is_enough(lab: BucketLab) -> None:
    keys = {"access_key_id": "a", "secret_access_key": "never shown anywhere"}
    dead = {"store": "s3://holdfast", "endpoint": "http://127.0.0.1:9", "allow_http": True, **keys}
    stores = [lab.destinations[0], dead]
    refused = lab.back_up(destinations=stores)
    assert "s3://holdfast" in refused["msg"]
    assert (lab.snapshots(), lab.contents()) == ([], [])
    done = lab.back_up(destinations=stores, require="any")
    assert (done["backup"]["state"], done["backup"]["missing"]) == ("partial", ["s3://holdfast"])
    for answer in (refused, done):
        assert "never shown anywhere" not in answer["raw"].replace('"secret_access_key": "never shown anywhere"', "")


def test_a_run_that_is_killed_leaves_no_snapshot_and_the_next_one_is_whole(lab: BucketLab) -> None:
    before = lab.back_up()["backup"]["id"]
    with StuckBucket() as stuck:
        child = start(lab, source=stuck.source, jobs=1)
        wait_for(lambda: len(lab.contents()) > 6 and stuck.asked.is_set(), what="a first content of the second run", seconds=120)
        child.kill()
        child.communicate(timeout=120)
    assert lab.snapshots() == [before]
    found = lab.catalog(verify="quick")["backups"]
    assert [(one["id"], one["state"]) for one in found] == [(before, "complete")]
    lab.put("a/new", b"new")
    assert lab.back_up()["backup"]["state"] == "complete"


def test_two_runs_at_once_make_two_whole_snapshots(lab: BucketLab) -> None:
    children = [start(lab), start(lab)]
    for child in children:
        said, _errors = child.communicate(timeout=120)
        assert child.returncode == 0, said
    states = [one["state"] for one in lab.catalog(verify="quick")["backups"]]
    assert states == ["complete", "complete"]


def test_contents_stay_while_a_backup_is_running(lab: BucketLab) -> None:
    """The policy removes snapshots beside it, but nothing that it may rely on."""
    lab.back_up()
    lab.put("a/new", b"new")
    lab.back_up()
    with StuckBucket() as stuck:
        child = start(lab, source=stuck.source)
        wait_for(lambda: bool(list(lab.store.glob("objects/*/claim.json"))) and stuck.asked.is_set(), what="its claim", seconds=120)
        lab.remove("large.bin")
        lab.back_up()
        held = lab.contents()
        removed = lab.retain()
        assert (len(removed["removed"]), removed["contents_removed"], lab.contents()) == (2, 0, held)
        assert "a backup is running" in str(removed["warnings"])
        stuck.released.set()
        said, _errors = child.communicate(timeout=120)
        assert child.returncode == 0, said
    assert lab.retain()["contents_removed"] > 0
    assert {one["state"] for one in lab.catalog(verify="quick")["backups"]} == {"complete"}


def test_a_signed_backup_relies_on_nothing_that_another_key_has_signed(lab: BucketLab, tmp_path: Path) -> None:
    keys = []
    for name in ("mine", "theirs"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True, timeout=60)
        keys.append(str(tmp_path / name))
    lab.back_up(signing_key_file=keys[1])
    first = lab.back_up(signing_key_file=keys[0])
    assert (first["changed"], first["transferred"]["contents_stored"]) == (True, 6)
    assert lab.back_up(signing_key_file=keys[0])["changed"] is False
    public = " ".join((tmp_path / "mine.pub").read_text().split()[:2])
    found = lab.catalog(allowed_signers=[f"{PORTAL} {public}"])["backups"]
    assert [one["state"] for one in found] == ["complete", "damaged"]
    flip_a_byte(lab.store / "objects" / first["backup"]["id"] / "index.jsonl.gz")
    assert "index.jsonl.gz" in lab.catalog(verify="quick", newest=1)["backups"][0]["copies"][0]["damage"]
