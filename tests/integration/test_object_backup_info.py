"""object_backup_info: flipped, lost and swapped bytes of real objects, and what backup_retention does with contents."""

from __future__ import annotations

import os
import typing as t

import pytest

from tests.integration.backups import flip_a_byte
from tests.integration.bucket_lab import PORTAL, BucketLab, make_lab

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.objects import MotoS3, RcloneS3

OLD = "20260101T030000Z-1a2b3c"


@pytest.fixture
def lab(tmp_path: Path, moto_s3: MotoS3, rclone_s3: RcloneS3) -> BucketLab:
    made = make_lab(tmp_path, moto_s3, rclone_s3)
    done = made.back_up()
    assert not done.get("failed"), done["raw"]
    return made


def damage(found: dict[str, t.Any]) -> list[str | None]:
    """Of each copy of the only snapshot."""
    [backup] = found["backups"]
    return [copy["damage"] for copy in backup["copies"]]


def test_flipped_and_lost_bytes_are_found_in_the_copy_that_has_them(lab: BucketLab) -> None:
    content = lab.store / "contents" / lab.contents()[0]
    assert damage(lab.catalog(verify="full", identity_file=str(lab.identity_file))) == [None, None]
    flip_a_byte(content)
    assert damage(lab.catalog()) == [None, None]
    for level in ("quick", "full"):
        flipped, good = damage(lab.catalog(verify=level, identity_file=str(lab.identity_file)))
        assert good is None
        assert content.name in (flipped or "")
    os.truncate(content, 10)
    shortened = damage(lab.catalog())[0]
    assert "has 10 bytes" in (shortened or "")
    content.unlink()
    lost = lab.catalog()
    assert "is missing" in (damage(lost)[0] or "")
    assert (lost["backups"][0]["state"], lost["latest"]) == ("damaged", lab.snapshots()[0])


def test_full_needs_the_key_and_says_so(lab: BucketLab) -> None:
    assert "identity_file is missing" in lab.catalog(verify="full")["msg"]


def test_contents_go_with_the_last_snapshot_that_needs_them(lab: BucketLab) -> None:
    only_in_first = lab.contents()
    lab.remove("large.bin")
    lab.put("a/two.txt", b"two, changed")
    second = lab.back_up()["backup"]
    predicted = lab.retain(check=True)
    assert (len(lab.snapshots()), predicted["contents_removed"]) == (2, 4)  # two contents in each destination
    done = lab.retain()
    assert not done.get("failed"), done["raw"]
    assert [done[name] for name in ("diff", "contents_removed", "freed_bytes", "removed")] == [
        predicted[name] for name in ("diff", "contents_removed", "freed_bytes", "removed")
    ]
    assert lab.snapshots() == [second["id"]]
    assert len(set(only_in_first) - set(lab.contents())) == 2
    assert damage(lab.catalog(verify="full", identity_file=str(lab.identity_file))) == [None, None]
    assert lab.retain()["changed"] is False


def test_leftovers_go_after_the_grace_time_and_what_is_not_ours_stays(lab: BucketLab) -> None:
    """The bucket's clock counts too: there everything is as old as this test, so only the directory is asked."""
    here = lab.destinations[:1]
    old = [f"contents/{OLD}/000001.age", f"objects/{OLD}/claim.json"]
    foreign = [f"contents/{OLD}/notes.txt", "contents/mine/000001.age"]
    for name in [*old, *foreign]:
        path = lab.store / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left")
        os.utime(path, (1_767_236_400, 1_767_236_400))
    young = lab.store / "contents" / "20991231T030000Z-1a2b3c" / "000001.age"
    young.parent.mkdir()
    young.write_bytes(b"of a host whose clock is ahead")
    done = lab.retain(destinations=here)
    assert ([one["key"] for one in done["orphans"]], done["contents_removed"]) == ([f"{PORTAL}/objects/{OLD}/claim.json"], 1), done["raw"]
    assert not any((lab.store / name).exists() for name in old)
    assert all((lab.store / name).exists() for name in foreign)
    assert young.exists()


def test_while_a_snapshot_cannot_be_judged_no_content_goes(lab: BucketLab) -> None:
    lab.remove("large.bin")
    lab.back_up()
    for destination in (lab.store, lab.folder / "elsewhere"):
        if destination.exists():
            (destination / "objects" / lab.snapshots()[0] / "manifest.json").write_bytes(b'{"format": 2}')
    held = lab.contents()
    done = lab.retain(destinations=lab.destinations[:1])
    assert (done["contents_removed"], lab.contents()) == (0, held)
    assert "nobody knows what a snapshot needs" in str(done["warnings"])
