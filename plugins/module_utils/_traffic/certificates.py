# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new certificate for a running router, without a reload: connections that are open keep theirs, new ones get the new one.

Format: HAProxy management guide 2.6, section 9.3 (`show ssl cert`, `set ssl cert`, `commit ssl cert`, `abort ssl cert`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import ssl
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import RuntimeSocket
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.router_files import PLAIN_PATH

_FIRST = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_FINGERPRINT = re.compile(r"^SHA1 FingerPrint: ([0-9A-F]{40})$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Certificate:
    """Chain and key as the file holds them; `fingerprint` is the SHA-1 of the first certificate, which HAProxy shows."""

    path: str
    pem: str = dataclasses.field(repr=False)
    fingerprint: str


def read_certificate(path: str) -> Certificate:
    """The file that the router's configuration names; InputError when it is no certificate with its key."""
    if not PLAIN_PATH.fullmatch(path):
        raise InputError(f"certificate: '{path}' is not usable.", hint="Give an absolute path of letters, digits and . _ + - / only.")
    try:
        with open(path, encoding="ascii") as file:
            pem = file.read()
    except (OSError, UnicodeDecodeError) as exc:
        reason = getattr(exc, "strerror", None) or "it is no PEM file"
        raise InputError(f"certificate: {path} cannot be read: {reason}.", hint="Put chain and key into one PEM file.") from exc
    first = _FIRST.search(pem)
    if not first or not _KEY.search(pem):
        lacks = "private key" if first else "certificate"
        raise InputError(f"certificate: {path} holds no {lacks}.", hint="Put chain and key into one PEM file.")
    return Certificate(path, pem, _fingerprint(first.group(), path))


def held_by(socket: RuntimeSocket, path: str) -> str | None:
    """The fingerprint of what the running router holds under this name; None when it does not use the file."""
    found = _FINGERPRINT.search(socket.ask(f"show ssl cert {path}"))
    return found.group(1) if found else None


def hand_over(socket: RuntimeSocket, certificate: Certificate) -> None:
    """Let a running router use it from the next handshake on, and see that it does."""
    # An empty line ends the value of a command.
    value = "\n".join(line for line in certificate.pem.splitlines() if line.strip())
    said = socket.ask(f"set ssl cert {certificate.path} <<\n{value}\n")
    if "ransaction" in said:
        said = socket.ask(f"commit ssl cert {certificate.path}")
    if "Success" not in said:
        socket.ask(f"abort ssl cert {certificate.path}")
        raise WebopsError(
            f"certificate: the router refused {certificate.path}: {_one_line(said)}. It keeps the one it had.",
            hint="Does the key belong to the first certificate in the file?",
        )
    if held_by(socket, certificate.path) != certificate.fingerprint:
        raise WebopsError(f"certificate: the router took {certificate.path}, but does not show it.", hint="Look at its log.")


def renewal(socket: RuntimeSocket | None, path: str | None) -> tuple[str | None, t.Optional[Certificate]]:
    """What the running router holds, and the certificate that it has to be given; no router or no certificate: nothing."""
    if path is None:
        return None, None
    certificate = read_certificate(path)
    held = held_by(socket, path) if socket else None
    return held, certificate if held not in (None, certificate.fingerprint) else None


def _fingerprint(pem: str, path: str) -> str:
    try:
        return hashlib.sha1(ssl.PEM_cert_to_DER_cert(pem), usedforsecurity=False).hexdigest().upper()
    except ValueError as exc:
        raise InputError(f"certificate: {path} is damaged: {exc}.", hint="Put chain and key into one PEM file.") from exc


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
