"""Signed manifests: made by pg_backup, checked by ssh-keygen as the guide says, and by who reads them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import typing as t
from pathlib import Path

import jsonschema
import pytest

from tests.integration.backups import PORTAL, Site, destination, make_site

if t.TYPE_CHECKING:
    from tools.embedded.objects import RcloneS3
    from tools.embedded.postgres import EmbeddedPostgres

PAGE = Path(__file__).parents[2] / "docs" / "manifest.md"
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "backups.md"


def make_key(path: Path, kind: str = "ed25519") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "a test", "-f", path], check=True, timeout=60)
    return path


def line_of(key: Path, portal: str = PORTAL) -> str:
    """Of allowed_signers."""
    return f"{portal} {' '.join(Path(f'{key}.pub').read_text().split()[:2])}"


@pytest.fixture
def site(postgres_server: EmbeddedPostgres, fresh_database: str, tmp_path: Path, rclone_s3: RcloneS3) -> Site:
    return make_site(postgres_server, fresh_database, tmp_path, [destination(rclone_s3, tmp_path.name)])


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return make_key(tmp_path / "signing.key")


def in_the_guide(about: str) -> str:
    """The block of shell commands in the guide that mentions something."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    return str(next(block for block in blocks if about in block))


def test_ssh_keygen_checks_a_manifest_as_the_guide_says(site: Site, key: Path, rclone_s3: RcloneS3, tmp_path: Path) -> None:
    made = site.back_up(signing_key_file=str(key))
    assert not made.get("failed"), made["raw"]
    folder = site.manifests()[0].parent
    remote = next((rclone_s3.home / "s3" / rclone_s3.bucket).glob(f"{site.folder.name}/{PORTAL}/backups/*"))
    for copy in (folder, remote):
        check = tmp_path / f"check-{copy is remote}"
        shutil.copytree(copy, check)
        (check / "allowed_signers").write_text(f"{line_of(key)}\n")
        said = _run(in_the_guide("ssh-keygen -Y verify").replace("orders", PORTAL), check)
        assert said.returncode == 0, said.stderr
        assert f'Good "holdfast-manifest" signature for {PORTAL}' in said.stdout
        (check / "manifest.json").write_bytes((check / "manifest.json").read_bytes().replace(b"shop", b"shoq", 1))
        assert _run(in_the_guide("ssh-keygen -Y verify").replace("orders", PORTAL), check).returncode != 0


def _run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-e", "-c", script], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("options", [{}, {"globals": True, "fingerprint": "counts", "format": "directory"}, {"schema_only": True}])
def test_a_manifest_is_what_its_page_describes(site: Site, options: dict[str, t.Any]) -> None:
    made = site.back_up(**options)
    assert not made.get("failed"), made["raw"]
    content = site.manifests()[0].read_bytes()
    plain = json.loads(content)
    schema = json.loads(PAGE.read_text().partition("```json\n")[2].partition("```")[0])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(plain, schema, jsonschema.Draft202012Validator)
    assert content == json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def test_only_a_good_signature_of_an_allowed_key_counts(site: Site, key: Path, tmp_path: Path) -> None:
    site.back_up(signing_key=key.read_text())
    other = make_key(tmp_path / "other.key")
    good = site.catalog(allowed_signers=["# who may", line_of(other), line_of(key, "*")])
    assert ([one["state"] for one in good["backups"]], good["latest"]) == (["complete"], good["backups"][0]["id"])
    for signers in ([line_of(other)], [line_of(key, "another-portal")]):
        refused = site.catalog(allowed_signers=signers)
        assert "no signature of manifest.json by a key in allowed_signers" in refused["backups"][0]["copies"][0]["damage"]
        assert refused["latest"] is None
    warned = site.catalog(allowed_signers=[line_of(other)], on_bad_signature="warn")
    assert warned["latest"] == good["latest"]
    assert len(warned["warnings"]) == 2
    assert site.catalog()["latest"] == good["latest"]


def test_nothing_is_restored_from_a_manifest_that_is_not_signed(site: Site, key: Path) -> None:
    site.back_up()
    refused = site.restore(allowed_signers=[line_of(key)])
    assert "manifest.json is not signed" in refused["msg"]
    assert "There is none" in refused["msg"]
    restored = site.restore(allowed_signers=[line_of(key)], on_bad_signature="warn", check=True)
    assert not restored.get("failed"), restored["raw"]
    assert "manifest.json is not signed" in str(restored["warnings"])


@pytest.mark.parametrize("how", ["rsa", "passphrase", "no key", "missing", "open to all", "both"])
def test_a_key_that_cannot_sign_is_refused_before_anything_is_written(site: Site, key: Path, tmp_path: Path, how: str) -> None:
    options, said = _wrong_key(how, key, tmp_path)
    refused = site.back_up(**options)
    assert said in refused["msg"]
    assert not site.store.exists()


def _wrong_key(how: str, key: Path, tmp_path: Path) -> tuple[dict[str, t.Any], str]:
    if how == "rsa":
        return {"signing_key_file": str(make_key(tmp_path / "rsa.key", "rsa"))}, "is a key of type ssh-rsa"
    if how == "passphrase":
        subprocess.run(
            ["ssh-keygen", "-q", "-p", "-P", "", "-N", "not empty", "-f", key], check=True, timeout=60, stdout=subprocess.DEVNULL
        )
        return {"signing_key": key.read_text()}, "incorrect passphrase"
    if how == "open to all":
        os.chmod(key, 0o644)
        return {"signing_key_file": str(key)}, "no SSH secret key that can be used"
    return {
        "no key": ({"signing_key": "hello"}, "signing_key is no SSH secret key that can be used"),
        "missing": ({"signing_key_file": "/nowhere"}, "No such file"),
        "both": ({"signing_key": "a", "signing_key_file": "b"}, "both given"),
    }[how]


def test_the_signing_key_is_not_shown(site: Site, key: Path) -> None:
    secret = key.read_text()
    made = site.back_up(signing_key=secret)
    assert not made.get("failed"), made["raw"]
    inner = secret.splitlines()[2]
    assert inner not in made["raw"]
    assert inner not in site.manifests()[0].read_text()
    refused = site.back_up(signing_key=secret.replace(inner, inner[::-1]))
    assert inner[::-1] not in refused["raw"]


def test_a_line_that_names_no_key_is_refused(site: Site) -> None:
    assert "in allowed_signers names no key" in site.catalog(allowed_signers=["shop AAAA"])["msg"]
