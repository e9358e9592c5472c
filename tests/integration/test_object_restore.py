"""object_restore against real servers: what arrives in a bucket, what is left alone, and what is refused."""

from __future__ import annotations

import json
import re
import subprocess
import typing as t
from pathlib import Path

import jsonschema
import pyrage
import pytest

from tests.integration.backups import flip_a_byte
from tests.integration.bucket_lab import NAME, PORTAL, BucketLab, make_lab

if t.TYPE_CHECKING:
    from tools.embedded.objects import MotoS3, RcloneS3

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def lab(tmp_path: Path, moto_s3: MotoS3, rclone_s3: RcloneS3) -> BucketLab:
    made = make_lab(tmp_path, moto_s3, rclone_s3)
    done = made.back_up()
    assert not done.get("failed"), done["raw"]
    return made


def test_a_bucket_comes_back_with_its_attributes_and_a_second_run_changes_nothing(lab: BucketLab) -> None:
    bucket = lab.new_bucket("empty")
    target = lab.place(bucket)
    predicted = lab.restore(target=target, check=True)
    assert (predicted["changed"], lab.read(bucket)) == (True, {})
    done = lab.restore(target=target)
    assert not done.get("failed"), done["raw"]
    assert (done["diff"], done["plan"]) == (predicted["diff"], predicted["plan"])
    assert lab.read(bucket) == lab.read(lab.bucket)
    head = lab.client.head_object(Bucket=bucket, Key="a/one.txt")
    assert (head["ContentType"], head["CacheControl"], head["Metadata"]) == ("text/plain", "max-age=60", {"owner": "me"})
    again = lab.restore(target=target)
    assert (again["changed"], again["plan"]["unchanged"]) == (False, 6)


def test_a_bucket_in_use_is_changed_only_when_it_is_confirmed(lab: BucketLab) -> None:
    lab.put("a/one.txt", b"ONE")
    lab.put("a/later.txt", b"later")
    lab.remove("b/one again.txt")
    now = lab.read(lab.bucket)
    refused = lab.restore(target=lab.source)
    assert "is not empty" in refused["msg"]
    assert lab.read(lab.bucket) == now
    done = lab.restore(target=lab.source, confirm=lab.source["store"], prefix="a/")
    assert (done["plan"]["write"], done["plan"]["replace"], done["plan"]["remove"]) == (0, 1, 0)
    assert lab.read(lab.bucket) == {**now, "a/one.txt": b"one"}
    lab.restore(target=lab.source, confirm=lab.source["store"], remove_others=True)
    assert lab.read(lab.bucket) == {
        **{key: data for key, data in now.items() if key != "a/later.txt"},
        "a/one.txt": b"one",
        "b/one again.txt": b"one",
    }


def test_each_snapshot_brings_back_its_own_moment(lab: BucketLab) -> None:
    first = lab.snapshots()[0]
    lab.put("a/one.txt", b"changed")
    lab.remove("large.bin")
    lab.back_up()
    for backup, one, large in (("latest", b"changed", False), (first, b"one", True)):
        bucket = lab.new_bucket(backup[:6].lower())
        done = lab.restore(target=lab.place(bucket), backup=backup)
        found = lab.read(bucket)
        assert (found["a/one.txt"], "large.bin" in found) == (one, large), done["raw"]
    too_early = lab.restore(target=lab.place(lab.bucket), backup="2026-01-01T00:00:00Z")
    assert "No usable backup from before 2026-01-01T00:00:00Z" in too_early["msg"]


def test_a_damaged_copy_gets_no_name_in_the_target_and_another_is_used(lab: BucketLab) -> None:
    for name in lab.contents():
        flip_a_byte(lab.store / "contents" / name)
    bucket = lab.new_bucket("healthy")
    done = lab.restore(target=lab.place(bucket))
    assert lab.read(bucket) == lab.read(lab.bucket), done["raw"]
    bucket = lab.new_bucket("alone")
    alone = lab.restore(target=lab.place(bucket), destinations=lab.destinations[:1])
    assert "is not what was written" in alone["msg"]
    assert lab.read(bucket) == {}
    (lab.store / "contents" / lab.contents()[0]).unlink()
    lost = lab.restore(target=lab.place(lab.new_bucket("lost")), destinations=lab.destinations[:1])
    assert "are whole in no destination" in lost["msg"]


def test_a_proof_is_kept_in_every_destination_and_leaves_nothing_else(lab: BucketLab, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    predicted = lab.restore(state="proven", scratch_dir=str(scratch), check=True)
    assert (predicted["changed"], predicted["proof"]) == (True, None)
    proven = lab.restore(state="proven", scratch_dir=str(scratch))
    assert (proven["changed"], proven["proof"]["equal"], proven["proof"]["objects"]) == (True, True, 6), proven["raw"]
    assert list(scratch.iterdir()) == []
    assert lab.restore(state="proven")["changed"] is False
    for destination in lab.destinations:
        assert lab.catalog(destinations=[destination])["latest_proven"] == proven["backup"]["id"]
    bucket = lab.new_bucket("proof")
    again = lab.restore(state="proven", target=lab.place(bucket), proof_max_age=1, check=True)
    assert again["plan"]["objects"] == 6
    lab.client.put_object(Bucket=bucket, Key="mine", Body=b"mine")
    (lab.store / "objects" / proven["backup"]["id"] / f"{proven['proof']['id']}.json").unlink()
    refused = lab.restore(state="proven", target=lab.place(bucket), destinations=lab.destinations[:1])
    assert "is not empty" in refused["msg"]
    assert lab.read(bucket) == {"mine": b"mine"}


def test_a_wrong_key_is_told_as_such(lab: BucketLab, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    secret = str(pyrage.x25519.Identity.generate())
    other.write_text(f"{secret}\n")
    other.chmod(0o600)
    refused = lab.restore(target=lab.place(lab.new_bucket("locked")), identity_file=str(other))
    assert "does not open this backup" in refused["msg"]
    assert secret not in refused["raw"]


def test_by_hand_it_takes_age_and_gunzip_as_the_guide_says(lab: BucketLab) -> None:
    section = (DOCS / "guides" / "backups.md").read_text(encoding="utf-8").partition("### Objects by hand")[2]
    listing, content = re.findall(r"```\n(.*?)```", section, re.DOTALL)[:2]
    line = by_hand(lab, listing.replace("SNAPSHOT", lab.snapshots()[0]))
    name = json.loads(line)["content"]
    by_hand(lab, content.replace("20261121T030000Z-1a2b3c/000001.age", name))
    assert (lab.store / "one.txt").read_bytes() == b"one"


def by_hand(lab: BucketLab, lines: str) -> str:
    """What a person would see who types them in the folder of the portal."""
    script = "set -eu\n" + lines.replace("KEYFILE", str(lab.identity_file))
    return subprocess.run(["sh", "-c", script], cwd=lab.store, check=True, capture_output=True, text=True, timeout=60).stdout


def test_the_manifest_is_what_its_schema_says(lab: BucketLab) -> None:
    manifest = lab.manifest(lab.snapshots()[0])
    text = (DOCS / "manifest.md").read_text(encoding="utf-8").partition("## Schema of a snapshot")[2]
    block = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert block is not None
    schema = json.loads(block.group(1))
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(manifest)
    assert schema["required"] == sorted(manifest)


def test_the_catalog_tells_names_apart(lab: BucketLab) -> None:
    lab.back_up(name="avatars", source=lab.place(f"{lab.bucket}/a"))
    assert {one["name"]: one["objects"] for one in lab.catalog()["backups"]} == {NAME: 6, "avatars": 2}
    assert [one["portal"] for one in lab.catalog(name="avatars")["backups"]] == [PORTAL]
