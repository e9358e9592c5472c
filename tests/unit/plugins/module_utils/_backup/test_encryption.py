"""Both ways of encryption write the same format, and say the same when it cannot be read."""

from __future__ import annotations

import shutil
import tempfile
import typing as t

import pyrage
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup import encryption
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoreError

if t.TYPE_CHECKING:
    from pathlib import Path

PLAIN = bytes(range(256)) * 2000
# The program is part of `make packages`; the library is always there.
WAYS = ["pyrage"] + (["age"] if shutil.which("age") else [])


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return write_key(tmp_path / "key", pyrage.x25519.Identity.generate())


def write_key(path: Path, content: object) -> Path:
    path.write_text(f"# a comment\n{content}\n")
    path.chmod(0o600)
    return path


def recipient(key: Path) -> str:
    return str(pyrage.x25519.Identity.from_str(key.read_text().splitlines()[1]).to_public())


def use(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a host that has nothing else."""

    def lacking(name: str) -> t.NoReturn:
        raise NotFoundError(f"There is no {name}.")

    if way == "pyrage":
        monkeypatch.setattr(shutil, "which", lambda _name: None)
    else:
        monkeypatch.setattr(encryption, "need", lacking)


def through(act: t.Callable[[t.IO[bytes], encryption.Sink], None], content: bytes) -> bytes:
    pieces: list[bytes] = []
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        file.seek(0)
        act(file, pieces.append)
    return b"".join(pieces)


def encrypted(key: Path) -> bytes:
    return through(lambda source, sink: encryption.encrypt(Commands(), source, sink, [recipient(key)]), PLAIN)


def decrypted(key: Path, content: bytes) -> bytes:
    return through(lambda source, sink: encryption.decrypt(Commands(), source, sink, str(key)), content)


@pytest.mark.parametrize("reading", WAYS)
@pytest.mark.parametrize("writing", WAYS)
def test_what_one_writes_the_other_reads(key: Path, writing: str, reading: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        use(writing, patch)
        content = encrypted(key)
    assert PLAIN not in content
    use(reading, monkeypatch)
    assert decrypted(key, content) == PLAIN


@pytest.mark.parametrize("way", WAYS)
def test_another_key_is_said_to_be_another_key(way: str, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(way, monkeypatch)
    other = write_key(tmp_path / "other", pyrage.x25519.Identity.generate())
    with pytest.raises(WebopsError, match="no identity matched any recipient"):
        decrypted(other, encrypted(key))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("damage", ["flipped", "cut", "foreign"])
def test_damage_is_said_to_be_damage(way: str, damage: str, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(way, monkeypatch)
    content = bytearray(encrypted(key))
    content[len(content) // 2] ^= 1
    broken = {"flipped": bytes(content), "cut": encrypted(key)[:-100], "foreign": b"PGDMP" * 100}[damage]
    with pytest.raises(WebopsError, match="cannot be decrypted"):
        decrypted(key, broken)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_without_a_key_is_said_to_hold_none(way: str, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(way, monkeypatch)
    with pytest.raises(InputError, match="holds no age secret key"):
        decrypted(write_key(tmp_path / "nothing", "nonsense"), encrypted(key))


@pytest.mark.parametrize("way", WAYS)
def test_a_file_gets_the_plain_bytes_and_nothing_from_before(way: str, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = encrypted(key)
    use(way, monkeypatch)
    with tempfile.TemporaryFile() as target:
        through(lambda source, _sink: encryption.decrypt_into(Commands(), source, target, str(key)), content)
        target.seek(0)
        assert target.read() == PLAIN


@pytest.mark.parametrize("way", WAYS)
def test_a_disk_that_takes_no_more_is_not_taken_for_damage(way: str, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = encrypted(key)
    use(way, monkeypatch)
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match=r"(?i)no space left on device"):
        through(lambda source, _sink: encryption.decrypt_into(Commands(), source, full, str(key)), content)


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_does_not_fit_is_said_where_a_file_is_filled(
    way: str, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, other = encrypted(key), write_key(tmp_path / "other", pyrage.x25519.Identity.generate())
    use(way, monkeypatch)
    with tempfile.TemporaryFile() as target, pytest.raises(encryption.WrongKeyError, match="no identity matched any recipient"):
        through(lambda source, _sink: encryption.decrypt_into(Commands(), source, target, str(other)), content)


@pytest.mark.parametrize("way", WAYS)
def test_an_error_of_the_place_it_goes_to_is_not_hidden(way: str, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(way, monkeypatch)

    def refuse(_data: bytes) -> None:
        raise StoreError("The place is full.")

    with tempfile.TemporaryFile() as file, pytest.raises(StoreError, match="The place is full"):
        encryption.encrypt(Commands(), file, refuse, [recipient(key)])


@pytest.mark.parametrize(
    ("recipients", "mode", "said"),
    [
        ([], "age", "recipients is empty"),
        (["age1short"], "age", "is no age public key"),
        (["AGE-SECRET-KEY-1QQQQQQ"], "age", "holds a secret key"),
        (["ssh-dss AAAA"], "age", "is no age public key"),
        (["age1" + "q" * 58], "none", "encryption is none, but recipients are given"),
    ],
)
def test_recipients_that_make_no_sense_are_refused(recipients: list[str], mode: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        encryption.check_recipients(recipients, mode)
    assert "1QQQQQQ" not in str(caught.value)


def test_public_keys_of_both_kinds_are_taken(key: Path) -> None:
    given = [f" {recipient(key)} ", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP somebody"]
    assert encryption.check_recipients(given, "age") == (recipient(key), given[1])
    assert encryption.check_recipients([], "none") == ()
