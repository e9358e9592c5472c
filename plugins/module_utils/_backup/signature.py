# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures of manifests by SSH keys, made and checked by ssh-keygen, so that anybody can check them with it.

The identity that a signature is checked for is the portal's name: a line of allowed_signers says which portals a key may
sign for. Format: OpenSSH's PROTOCOL.sshsig; the lines: ALLOWED SIGNERS in ssh-keygen(1).
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, find_program
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, InputError

NAMESPACE = "holdfast-manifest"
TIMEOUT = 60.0
# Nobody is there to answer, and no agent shall sign instead of the key that was named.
_ALONE = {"SSH_ASKPASS_REQUIRE": "never", "SSH_AUTH_SOCK": ""}
_HINT = "Install OpenSSH's client programs (Debian package openssh-client)."

SIGNING_ARGUMENTS: dict[str, t.Any] = {
    "signing_key": {"type": "str", "no_log": True},
    "signing_key_file": {"type": "path", "no_log": False},
}
SIGNERS_ARGUMENTS: dict[str, t.Any] = {
    "allowed_signers": {"type": "list", "elements": "str", "default": []},
    "on_bad_signature": {"type": "str", "choices": ["refuse", "warn"], "default": "refuse"},
}


@dataclasses.dataclass(frozen=True)
class SigningKey:
    """An Ed25519 secret key without a passphrase, as text or in a file. `public` is `ssh-ed25519 AAAA...`."""

    text: str | None
    file: str | None
    public: str = ""

    @contextlib.contextmanager
    def path(self) -> t.Iterator[str]:
        """Where a child can read it while the block lasts; a text never reaches a disk."""
        if self.file is not None:
            yield self.file
            return
        with _in_memory("signing_key", f"{(self.text or '').strip()}\n") as path:
            yield path


def signing_key(commands: Commands, params: t.Mapping[str, t.Any]) -> SigningKey | None:
    """The key that the options name, tried out; None without one. InputError when it cannot sign."""
    text, file = params["signing_key"], params["signing_key_file"]
    if text is None and file is None:
        return None
    if text is not None and file is not None:
        raise InputError("signing_key and signing_key_file are both given.", hint="Give one of them.")
    key = SigningKey(text, file)
    name = "signing_key" if file is None else f"signing_key_file '{file}'"
    with key.path() as path:
        done = commands.run([_program(), "-y", "-P", "", "-f", path], env=_ALONE, timeout=TIMEOUT)
    if done.returncode != 0:
        said = " ".join(done.errors.replace(path, "the key").split())
        raise InputError(
            f"{name} is no SSH secret key that can be used: {said}.",
            hint="Make one with ssh-keygen -t ed25519 -N '' -f signing.key, readable by its owner alone.",
        )
    public = " ".join(done.text.split()[:2])
    if not public.startswith("ssh-ed25519 "):
        raise InputError(f"{name} is a key of type {public.partition(' ')[0]}.", hint="Make an Ed25519 key: ssh-keygen -t ed25519.")
    return dataclasses.replace(key, public=public)


def sign(commands: Commands, content: bytes, key: SigningKey) -> bytes:
    """The signature of these bytes, as the file that ssh-keygen would write beside them."""
    with key.path() as path:
        argv = [_program(), "-Y", "sign", "-q", "-f", path, "-n", NAMESPACE]
        done = commands.check(argv, env=_ALONE, input=content, timeout=TIMEOUT)
    if not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        raise CommandError("ssh-keygen ended well, but gave no signature.")
    return done.stdout


@dataclasses.dataclass(frozen=True)
class Verifier:
    """Checks signatures against keys that may sign. `refuse`: what is not signed well does not count."""

    commands: Commands
    signers: tuple[str, ...]
    refuse: bool

    def problem(self, content: bytes, signature: bytes | None, portal: str) -> str:
        """What is wrong with the signature of a portal's manifest, "" when it is good."""
        if signature is None:
            return "manifest.json is not signed."
        with _in_memory("allowed_signers", "".join(f"{line}\n" for line in self.signers)) as signers, _stored(signature) as stored:
            argv = [_program(), "-Y", "verify", "-f", signers, "-I", portal, "-n", NAMESPACE, "-s", stored]
            done = self.commands.run(argv, env=_ALONE, input=content, timeout=TIMEOUT)
        if done.returncode == 0:
            return ""
        return f"manifest.json.sig is no signature of manifest.json by a key in allowed_signers for '{portal}'."


def verifier(commands: Commands, params: t.Mapping[str, t.Any]) -> Verifier | None:
    """What checks signatures as the options say; None where they name nobody. InputError for lines that name no key."""
    lines = tuple(line.strip() for line in params["allowed_signers"] if line.strip() and not line.lstrip().startswith("#"))
    for line in lines:
        if " ssh-" not in line and " sk-" not in line:
            raise InputError(
                f"'{line}' in allowed_signers names no key.",
                hint="Write the portal's name (or *), a blank, and the public key.",
            )
    return Verifier(commands, lines, params["on_bad_signature"] == "refuse") if lines else None


def _program() -> str:
    return find_program("ssh-keygen", hint=_HINT)


@contextlib.contextmanager
def _in_memory(name: str, text: str) -> t.Iterator[str]:
    """A file that only this process and its children can open, and that is on no disk."""
    handle = os.memfd_create(name)
    try:
        os.fchmod(handle, 0o600)  # ssh-keygen refuses secret keys that others could read
        os.write(handle, text.encode())
        yield f"/proc/{os.getpid()}/fd/{handle}"
    finally:
        os.close(handle)


@contextlib.contextmanager
def _stored(signature: bytes) -> t.Iterator[str]:
    with tempfile.NamedTemporaryFile(prefix="holdfast-") as file:
        file.write(signature)
        file.flush()
        yield file.name
