# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Encryption to age recipients, by the library pyrage or the program `age`. Same format.

What is encrypted goes through the library where the host has it: the program takes a process and a pipe more. What is decrypted goes
through the program, which leaves this process free to fetch and to check.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import importlib.metadata
import os
import re
import shutil
import stat
import subprocess
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, failure, find_program, stop
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

PIECE = 256 * 1024
F_SETPIPE_SZ = 1031  # Linux; Python names it from 3.10 on
SMALL_TIMEOUT = 300.0  # seconds for what is small
_NO_AGE = "Install age, or the Python library pyrage."
END_TIMEOUT = 60.0  # seconds that age may take after its last byte
_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}|ssh-(ed25519|rsa) [A-Za-z0-9+/=]+( .*)?")
# What age says when it could write no more: `write /dev/stdout: no space left on device`.
_UNWRITTEN = re.compile(r"write /dev/stdout: (.+)")
_SECRET_KEY_START = "AGE-SECRET-KEY-"  # noqa: S105  (how one begins)

Sink = t.Callable[[bytes], None]


def check_recipients(recipients: t.Sequence[str], encryption: str) -> tuple[str, ...]:
    """The recipients without blanks; InputError when there is none, or one is no public key."""
    given = tuple(entry.strip() for entry in recipients)
    if encryption == "none":
        if given:
            raise InputError("encryption is none, but recipients are given.", hint="Leave one of the two out.")
        return ()
    if not given:
        raise InputError(
            "recipients is empty.", hint="Name age public keys (age1...), or say encryption: none if the backup shall be readable by all."
        )
    if any(entry.upper().startswith(_SECRET_KEY_START) for entry in given):
        raise InputError(
            "recipients holds a secret key.", hint="Put the public key there (age-keygen -y), and replace the key: it is in your logs now."
        )
    for entry in given:
        if not _RECIPIENT.fullmatch(entry):
            raise InputError(
                f"'{entry}' in recipients is no age public key.", hint="Write age1... (62 characters) or an ssh-ed25519 or ssh-rsa key."
            )
    return given


class WrongKeyError(InputError):
    """The secret key is none, or not one of those that the backup was encrypted to; another copy would not help."""


def read_pieces(source: t.IO[bytes]) -> t.Iterator[bytes]:
    """What comes out of a pipe or file until its end."""
    while True:
        piece = source.read(PIECE)
        if not piece:
            return
        yield piece


def widen(pipe: t.IO[bytes]) -> None:
    """Let a pipe hold a MiB, so that both ends work for longer before they wait for each other. Where it may not, it works too."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe.fileno(), F_SETPIPE_SZ, 1 << 20)


def encrypt(commands: Commands, source: t.IO[bytes], sink: Sink, recipients: t.Sequence[str]) -> None:
    """Read `source` to its end and give the encrypted bytes to `sink`."""
    try:
        pyrage = need("pyrage")
    except NotFoundError:
        _through(commands, _encryption(recipients), source, sink)
    else:
        _encrypt_here(pyrage, source, sink, recipients)


def decrypt(commands: Commands, source: t.IO[bytes], sink: Sink, identity_file: str) -> None:
    """Read the encrypted `source` to its end and give the plain bytes to `sink`. WebopsError for a wrong key or damage."""
    program = shutil.which("age")
    if program is not None:
        try:
            _through(commands, _decryption(program, identity_file), source, sink)
        except CommandError as exc:
            raise _undecryptable(str(exc), identity_file) from exc
        return
    _decrypt_here(source, sink, identity_file)


def encrypt_bytes(commands: Commands, data: bytes, recipients: t.Sequence[str]) -> bytes:
    """The same for what is small."""
    try:
        pyrage = need("pyrage")
    except NotFoundError:
        return commands.check(_encryption(recipients), input=data, timeout=SMALL_TIMEOUT).stdout
    return bytes(pyrage.encrypt(data, [_recipient(entry) for entry in recipients]))


def decrypt_bytes(commands: Commands, data: bytes, identity_file: str) -> bytes:
    """The plain bytes of what is small, for which the program would take longer than its work. WebopsError for a wrong key or damage."""
    try:
        pyrage = need("pyrage")
    except NotFoundError:
        argv = [find_program("age", hint=_NO_AGE), "--decrypt", "--identity", identity_file]
        try:
            return commands.check(argv, input=data, timeout=SMALL_TIMEOUT).stdout
        except CommandError as exc:
            raise _undecryptable(str(exc), identity_file) from exc
    try:
        return bytes(pyrage.decrypt(data, _identities(identity_file)))
    except pyrage.DecryptError as exc:
        raise _undecryptable(str(exc), identity_file) from exc


def decrypt_into(commands: Commands, source: t.IO[bytes], target: t.IO[bytes], identity_file: str) -> None:
    """As `decrypt`, from the beginning of an empty file on; OSError where its disk takes no more. The program age writes to the file
    itself, which spares this process half of the copying."""
    program = shutil.which("age")
    if program is None:
        _decrypt_here(source, lambda data: t.cast(None, target.write(data)), identity_file)
        return
    try:
        with _running(commands, _decryption(program, identity_file), source, target) as child:
            child.wait()
    except CommandError as exc:
        unwritten = _UNWRITTEN.search(str(exc))
        if unwritten:
            raise OSError(errno.EIO, unwritten[1]) from exc
        raise _undecryptable(str(exc), identity_file) from exc


def _encryption(recipients: t.Sequence[str]) -> list[str]:
    return [find_program("age", hint=_NO_AGE), "--encrypt"] + [part for entry in recipients for part in ("--recipient", entry)]


def _decryption(program: str, identity_file: str) -> list[str]:
    return [program, "--decrypt", "--identity", identity_file]


def check_identity_file(path: str | None) -> str:
    """The path of a key file that only its owner can read; InputError when there is none or it is open to others."""
    if not path:
        raise InputError(
            "The backup is encrypted, and identity_file is missing.",
            hint="Name the file with the age secret key (for the playbooks database_postgres_identity_file).",
        )
    try:
        mode = os.stat(path).st_mode
    except OSError as exc:
        raise InputError(f"identity_file '{path}' cannot be read: {exc.strerror}.", hint="Name the file with the age secret key.") from exc
    if stat.S_IMODE(mode) & 0o077:
        raise InputError(f"identity_file '{path}' can be read by others (mode {stat.S_IMODE(mode):04o}).", hint=f"chmod 600 {path}")
    return path


def _through(commands: Commands, argv: list[str], source: t.IO[bytes], sink: Sink) -> None:
    """Pump `source`, a real file or pipe, through a filter program."""
    with _running(commands, argv, source, subprocess.PIPE) as child:
        if child.stdout is not None:
            widen(child.stdout)
            for piece in read_pieces(child.stdout):
                sink(piece)
        child.wait(END_TIMEOUT)


@contextlib.contextmanager
def _running(commands: Commands, argv: list[str], source: t.IO[bytes], target: int | t.IO[bytes]) -> t.Iterator[subprocess.Popen[bytes]]:
    """A filter program that is gone after the block; CommandError unless it ended well."""
    with tempfile.TemporaryFile() as said:
        child = commands.start(argv, stdin=source, stdout=target, stderr=said)
        try:
            yield child
        finally:
            if child.poll() is None:
                stop(child)
            if child.stdout is not None:
                child.stdout.close()
        if child.returncode != 0:
            said.seek(0)
            raise failure(argv, child.returncode, said.read())


def _encrypt_here(pyrage: t.Any, source: t.IO[bytes], sink: Sink, recipients: t.Sequence[str]) -> None:
    """`source`, a real file or pipe, is read anew from where it stands: pyrage asks for 8 KiB at a time."""
    writer = _Writer(sink)
    with open(os.dup(source.fileno()), "rb", buffering=PIECE) as wide:
        try:
            pyrage.encrypt_io(wide, writer, [_recipient(entry) for entry in recipients])
        except pyrage.EncryptError as exc:
            raise writer.error or CommandError(f"pyrage failed to encrypt: {exc}.") from exc
    writer.finish()


def _decrypt_here(source: t.IO[bytes], sink: Sink, identity_file: str) -> None:
    pyrage = need("pyrage")
    writer = _Writer(sink)
    try:
        pyrage.decrypt_io(source, writer, _identities(identity_file))
    except (pyrage.DecryptError, OSError) as exc:
        raise writer.error or _undecryptable(str(exc), identity_file) from exc
    writer.finish()


def _recipient(entry: str) -> t.Any:
    pyrage = need("pyrage")
    kind = pyrage.ssh if entry.startswith("ssh-") else pyrage.x25519
    try:
        return kind.Recipient.from_str(entry)
    except pyrage.RecipientError as exc:
        raise InputError(f"'{entry}' in recipients is no age public key: {exc}.") from exc


def _identities(path: str) -> list[t.Any]:
    """The keys in an identity file: lines with age secret keys, or one SSH private key."""
    pyrage = need("pyrage")
    with open(path, "rb") as file:
        content = file.read()
    try:
        if b"PRIVATE KEY-----" in content:
            return [pyrage.ssh.Identity.from_buffer(content)]
        lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as exc:
        raise InputError(f"identity_file '{path}' holds no age secret key.", hint="It is the file that age-keygen wrote.") from exc


def _undecryptable(said: str, identity_file: str) -> WebopsError:
    text = said.lower()
    if "no identity matched" in text or "no matching keys" in text:
        return WrongKeyError(
            f"The key in '{identity_file}' does not open this backup: no identity matched any recipient.",
            hint="Its manifest names the public keys it was encrypted to; name the secret key of one of them"
            " (identity_file; for the playbooks database_postgres_identity_file).",
        )
    if "malformed secret key" in text or "error: reading" in text:
        return WrongKeyError(f"identity_file '{identity_file}' holds no age secret key.", hint="It is the file that age-keygen wrote.")
    return WebopsError(f"The archive cannot be decrypted: {said}", hint="It is damaged; choose another destination or another backup.")


def tool_version(commands: Commands) -> str:
    """What encrypts on this host: `pyrage 1.4.0`, or `1.1.1` of the program age."""
    try:
        need("pyrage")
    except NotFoundError:
        return commands.run([find_program("age", hint=_NO_AGE), "--version"], timeout=END_TIMEOUT).text.strip().lstrip("v")
    return f"pyrage {importlib.metadata.version('pyrage')}"


class _Writer:
    """What pyrage writes to, in pieces of 64 KiB; joins them, and keeps the error of the sink, which pyrage would turn into a text."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._waiting: list[bytes] = []
        self._size = 0
        self.error: WebopsError | OSError | None = None

    def write(self, data: bytes) -> int:
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= PIECE:
            self._pass_on()
        return len(data)

    def flush(self) -> None:
        """What waits goes on with the next piece, or when all is there."""

    def finish(self) -> None:
        """Pass on what waits. The error of the last bytes: pyrage writes those when it ends, and then drops what went wrong."""
        if self.error is not None:
            raise self.error
        if self._waiting:
            self._pass_on()

    def _pass_on(self) -> None:
        joined = b"".join(self._waiting)
        self._waiting, self._size = [], 0
        try:
            self._sink(joined)
        except (WebopsError, OSError) as exc:
            self.error = exc
            raise
