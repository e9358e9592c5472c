"""config_restore: back into an empty folder, by the module and by hand, and never out of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tarfile
import typing as t
from pathlib import Path

import pyrage
import pytest

from tests.integration.backups import PORTAL, environment, flip_a_byte
from tests.integration.configurations import SECRET, Desk, make_desk

if t.TYPE_CHECKING:
    from collections.abc import Callable

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "backups.md"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = make_desk(tmp_path, [{"store": f"file://{tmp_path}/second"}])
    os.utime(made.etc / "main.conf", (1_700_000_000, 1_700_000_000))
    assert made.backup()["changed"]
    return made


def test_everything_comes_back_at_once_and_the_second_run_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    back = tmp_path / "back"
    predicted = desk.restore(back, check=True)
    assert (predicted["changed"], back.exists()) == (True, False)
    done = desk.restore(back)
    assert done["diff"] == predicted["diff"]
    assert (done["folder"], back.stat().st_mode & 0o777) == (str(back), 0o700)
    conf = back / desk.kept("main.conf")
    assert (conf.read_text(), conf.stat().st_mode & 0o777, conf.stat().st_mtime) == ("workers 2\n", 0o640, 1_700_000_000)
    assert os.readlink(back / desk.kept("enabled")) == "conf.d/shop.conf"
    assert json.loads((back / "secrets/vercel.json").read_text()) == {"API_KEY": SECRET}
    assert (back / "secrets/vercel.json").stat().st_mode & 0o777 == 0o600
    assert SECRET not in done["raw"]
    assert desk.restore(back)["changed"] is False
    assert [path.name for path in tmp_path.glob("holdfast-*")] == []


def test_an_earlier_moment_can_be_chosen_and_only_of_the_name_that_is_meant(desk: Desk, tmp_path: Path) -> None:
    first = desk.catalog()["latest"]
    (desk.etc / "main.conf").write_text("workers 4\n")
    desk.backup()
    desk.backup(name="web2", paths=[], inventories=[], git=None)
    assert len(desk.restore(tmp_path, state="listed", name="web2")["files"]) == 2
    assert desk.restore(tmp_path / "first", backup=first)["changed"]
    assert (tmp_path / "first" / desk.kept("main.conf")).read_text() == "workers 2\n"
    assert "No usable backup" in desk.restore(tmp_path / "none", backup="2026-01-01T00:00:00Z")["msg"]


def test_a_folder_that_holds_something_else_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    back = tmp_path / "back"
    back.mkdir()
    (back / "mine").touch()
    assert "is not empty, and holds something else" in desk.restore(back)["msg"]
    (back / "mine").unlink()
    back.chmod(0o750)
    assert desk.restore(back)["changed"]
    assert back.stat().st_mode & 0o777 == 0o750
    (back / desk.kept("main.conf")).write_text("changed by hand\n")
    assert "holds something else" in desk.restore(back)["msg"]


def test_bad_input_is_a_sentence(desk: Desk, tmp_path: Path) -> None:
    for options, said in (
        ({"dest": None}, "dest"),
        ({"dest": "relative"}, "dest is 'relative'"),
        ({"dest": "/not/there/back"}, "'/not/there' is missing"),
        ({"backup": "newest"}, "is no backup's name"),
        ({"identity_file": None}, "identity_file is missing"),
        ({"destinations": []}, "destinations is empty"),
    ):
        assert said in desk.restore(tmp_path / "back", **options)["msg"]
        assert not (tmp_path / "back").exists()


def test_a_wrong_key_is_told_from_damage(desk: Desk, tmp_path: Path) -> None:
    desk.identity_file.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    assert "no identity matched any recipient" in desk.restore(tmp_path / "back")["msg"]
    assert not (tmp_path / "back").exists()


def test_a_flipped_byte_is_found_and_the_other_copy_is_used(desk: Desk, tmp_path: Path) -> None:
    flip_a_byte(desk.archives()[0])
    assert desk.catalog()["backups"][0]["state"] == "complete"  # its size is right
    looked = desk.catalog(verify="quick")["backups"][0]
    assert (looked["state"], [bool(copy["damage"]) for copy in looked["copies"]]) == ("damaged", [True, False])
    done = desk.restore(tmp_path / "back")
    assert done["changed"]
    assert "is not what was written" in json.dumps(done["warnings"])
    for path in (tmp_path / "second").rglob("*.age"):
        flip_a_byte(path)
    refused = desk.restore(tmp_path / "other")
    assert "No copy of the backup can be used" in refused["msg"], refused
    assert not (tmp_path / "other").exists()


def link_away(archive: tarfile.TarFile, outside: Path) -> None:
    link = tarfile.TarInfo("files")
    link.type, link.linkname = tarfile.SYMTYPE, str(outside)
    archive.addfile(link)
    archive.addfile(tarfile.TarInfo("files/planted"))


def climb(archive: tarfile.TarFile, _outside: Path) -> None:
    archive.addfile(tarfile.TarInfo("files/../../outside/planted"))


@pytest.mark.parametrize("plant", [link_away, climb])
def test_a_forged_archive_puts_nothing_outside(desk: Desk, tmp_path: Path, plant: Callable[[tarfile.TarFile, Path], None]) -> None:
    """Whoever writes to the store knows the public key and can write a manifest that fits."""
    outside = tmp_path / "outside"
    outside.mkdir()
    with tarfile.open(tmp_path / "forged.tar", "w") as archive:
        plant(archive, outside)
    content = pyrage.encrypt((tmp_path / "forged.tar").read_bytes(), [pyrage.x25519.Recipient.from_str(desk.recipient)])
    for name in ("store", "second"):
        (path,) = (tmp_path / name).rglob("*.age")
        path.write_bytes(content)
        manifest = json.loads((path.parent / "manifest.json").read_text())
        manifest["archive"] |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        (path.parent / "manifest.json").write_text(text + "\n")
    refused = desk.restore(tmp_path / "back")
    assert "in the archive" in refused["msg"], refused
    assert (os.listdir(outside), (tmp_path / "back").exists()) == ([], False)
    assert desk.catalog(verify="full")["backups"][0]["state"] == "damaged"


def test_owners_and_special_bits_come_back_for_who_asks(desk: Desk, tmp_path: Path) -> None:
    uid, gid = (12345, 54321) if os.geteuid() == 0 else (os.geteuid(), os.getegid())  # only root can give files away
    os.chown(desk.etc / "main.conf", uid, gid)
    (desk.etc / "conf.d").chmod(0o2775)
    assert desk.backup()["reason"] == "The content has changed."
    assert desk.restore(tmp_path / "back", same_owner=True)["changed"]
    status = (tmp_path / "back" / desk.kept("main.conf")).stat()
    assert (status.st_uid, status.st_gid) == (uid, gid)
    assert (tmp_path / "back" / desk.kept("conf.d")).stat().st_mode & 0o7777 == 0o2775
    assert desk.restore(tmp_path / "back", same_owner=True)["changed"] is False


def test_what_the_guide_and_the_manifest_say_restores_it_by_hand(desk: Desk, tmp_path: Path) -> None:
    """Literally, next to the downloaded archive."""
    archive = desk.archives()[0]
    manifest = json.loads((archive.parent / "manifest.json").read_text())
    section = GUIDE.read_text(encoding="utf-8").partition("### The configuration by hand")[2]
    block = re.search(r"```\n(.*?)```", section, re.DOTALL)
    assert block is not None
    for number, lines in enumerate((block.group(1).splitlines(), manifest["restore_by_hand"])):
        place = tmp_path / f"by-hand-{number}"
        place.mkdir()
        (place / archive.name).write_bytes(archive.read_bytes())
        script = "\n".join(["set -eu", *lines]).replace("KEYFILE", str(desk.identity_file))
        subprocess.run(["sh", "-c", script], cwd=place, check=True, env=environment())
        assert (place / "configuration" / desk.kept("main.conf")).read_text() == "workers 2\n"
        assert json.loads((place / "configuration/secrets/vercel.json").read_text()) == {"API_KEY": SECRET}


def test_the_manifest_is_what_its_schema_says(desk: Desk) -> None:
    import jsonschema

    manifest = json.loads((desk.archives()[0].parent / "manifest.json").read_text())
    text = (GUIDE.parents[1] / "manifest.md").read_text(encoding="utf-8").partition("## Schema of a configuration")[2]
    block = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert block is not None
    schema = json.loads(block.group(1))
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(manifest)
    assert schema["required"] == sorted(manifest)
    assert manifest["portal"] == PORTAL
    assert SECRET not in json.dumps(manifest)
