from __future__ import annotations

import typing as t

from pyrage import decrypt, encrypt, x25519

from tools.embedded import credentials

if t.TYPE_CHECKING:
    from pathlib import Path


def test_every_secret_is_a_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    credentials.make_missing(tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {*credentials.GENERATED, credentials.AGE_IDENTITY, credentials.AGE_RECIPIENTS}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_secrets_that_are_there_are_kept(tmp_path: Path) -> None:
    credentials.make_missing(tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    (tmp_path / "preview_token").unlink()
    credentials.make_missing(tmp_path)
    after = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert after.pop("preview_token") != before.pop("preview_token")
    assert after == before


def test_the_identity_opens_what_was_encrypted_for_the_recipients(tmp_path: Path) -> None:
    credentials.make_missing(tmp_path)
    recipient = x25519.Recipient.from_str(credentials.read(tmp_path, credentials.AGE_RECIPIENTS))
    identity = x25519.Identity.from_str(credentials.read(tmp_path, credentials.AGE_IDENTITY).splitlines()[-1])
    assert decrypt(encrypt(b"backup", [recipient]), [identity]) == b"backup"
