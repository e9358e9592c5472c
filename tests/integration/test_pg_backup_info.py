"""pg_backup_info against real stores: what is complete, partial, damaged or proven."""

from __future__ import annotations

import hashlib
import json
import typing as t

import pyrage
import pytest

from tests.integration.backups import PORTAL, Site, destination, flip_a_byte, make_site

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.objects import RcloneS3
    from tools.embedded.postgres import EmbeddedPostgres


@pytest.fixture
def site(postgres_server: EmbeddedPostgres, fresh_database: str, tmp_path: Path, rclone_s3: RcloneS3) -> Site:
    return make_site(postgres_server, fresh_database, tmp_path, [destination(rclone_s3, tmp_path.name)])


def test_stores_without_a_backup_are_no_error(site: Site) -> None:
    found = site.catalog()
    assert (found["changed"], found["backups"], found["latest"], found["latest_proven"]) == (False, [], None, None)
    assert not site.store.exists()


def test_backups_are_listed_newest_first_with_their_states(site: Site) -> None:
    partial, damaged, complete = (site.back_up()["backup"]["id"] for _number in range(3))
    folder = site.store / PORTAL / "backups"
    (folder / partial / "manifest.json").unlink()
    stored = folder / damaged / "database.dump.age"
    stored.write_bytes(stored.read_bytes()[:-1])
    found = site.catalog()
    assert {one["id"]: one["state"] for one in found["backups"]} == {partial: "partial", damaged: "damaged", complete: "complete"}
    assert [one["id"] for one in found["backups"]] == sorted([partial, damaged, complete], reverse=True)
    by_id = {one["id"]: one for one in found["backups"]}
    assert by_id[partial]["missing"] == [site.destinations[0]["store"]]
    assert "were written" in by_id[damaged]["copies"][0]["damage"]
    assert by_id[damaged]["copies"][1]["damage"] is None
    assert len(site.catalog(newest=2)["backups"]) == 2


def test_a_flipped_byte_is_found_by_reading_only(site: Site) -> None:
    site.back_up()
    flip_a_byte(next(site.store.glob(f"{PORTAL}/backups/*/database.dump.age")))
    assert site.catalog(verify="sizes")["backups"][0]["state"] == "complete"
    quick = site.catalog(verify="quick")["backups"][0]
    assert quick["state"] == "damaged"
    assert "SHA-256" in quick["copies"][0]["damage"]
    assert site.catalog(verify="quick")["latest"] == quick["id"]  # the other copy is sound


def test_a_full_verification_reads_what_was_encrypted(site: Site) -> None:
    """The digest of what was stored is right here; what was stored is no archive."""
    site.back_up()
    read = {"verify": "full", "newest": 1, "identity_file": str(site.identity_file), "pg_bin_dir": str(site.server.bin_dir)}
    assert site.catalog(**read)["backups"][0]["state"] == "complete"
    manifest = site.manifests()[0]
    archive = manifest.parent / "database.dump.age"
    archive.write_bytes(pyrage.encrypt(b"PGDMP, and then nothing of use" * 100, [pyrage.x25519.Recipient.from_str(site.recipient)]))
    told = json.loads(manifest.read_text())
    told["archive"] |= {"size": archive.stat().st_size, "sha256": hashlib.sha256(archive.read_bytes()).hexdigest()}
    manifest.write_text(json.dumps(told))
    here = {**read, "destinations": site.destinations[:1]}
    assert site.catalog(**{**here, "verify": "quick"})["backups"][0]["state"] == "complete"
    assert "its archive cannot be read: pg_restore" in site.catalog(**here)["backups"][0]["copies"][0]["damage"]
    assert "identity_file is missing" in site.catalog(**{**here, "identity_file": None})["msg"]


def test_an_archive_without_a_manifest_and_a_strangers_object_are_no_backups(site: Site) -> None:
    made = site.back_up()["backup"]["id"]
    folder = site.store / PORTAL / "backups"
    (folder / "20260101T000000Z-abcdef").mkdir()
    (folder / "20260101T000000Z-abcdef" / "database.dump.age").write_bytes(b"x")
    (folder / "readme.txt").write_text("hello")
    assert [one["id"] for one in site.catalog()["backups"]] == [made]


@pytest.mark.parametrize(
    ("options", "said"),
    [({"newest": 0}, "newest is 0"), ({"destinations": []}, "destinations is empty"), ({"portal": ""}, "is not a name")],
)
def test_bad_input_gets_a_sentence(site: Site, options: dict[str, t.Any], said: str) -> None:
    assert said in site.catalog(**options)["msg"]
