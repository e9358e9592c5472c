# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom a check believes on an encrypted connection, and how it shows who it is itself."""

from __future__ import annotations

import dataclasses
import functools
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

if t.TYPE_CHECKING:
    import ssl


@dataclasses.dataclass(frozen=True)
class Trust:
    """`ca_file` holds the certificates to believe instead of the system's. Files are in PEM, on the host that runs the module."""

    validate_certs: bool = True
    ca_file: t.Optional[str] = None
    client_cert: t.Optional[str] = None
    client_key: t.Optional[str] = None


def read_trust(options: t.Mapping[str, t.Any]) -> Trust:
    """What the options say; InputError when they contradict each other. No file is opened."""
    name = options["name"]
    trust = Trust(
        options.get("validate_certs") is not False,
        options.get("ca_file") or None,
        options.get("client_cert") or None,
        options.get("client_key") or None,
    )
    if trust.ca_file and not trust.validate_certs:
        raise InputError(
            f"The check '{name}' has a ca_file, but does not validate certificates.", hint="Remove ca_file, or validate_certs: false."
        )
    if trust.client_key and not trust.client_cert:
        raise InputError(f"The check '{name}' has a client_key, but no client_cert.", hint="Set client_cert too.")
    return trust


def prepare(trust: Trust) -> None:
    """InputError where a file is missing or holds something else than it should."""
    if trust == Trust(trust.validate_certs):
        return
    for option in ("ca_file", "client_cert", "client_key"):
        path = getattr(trust, option)
        if path and not os.access(path, os.R_OK):
            raise InputError(f"The {option} '{path}' cannot be read on this host.", hint="Name a file in PEM that is there.")
    try:
        context(trust)
    except OSError as exc:
        raise InputError(
            f"The files in ca_file, client_cert and client_key cannot be used: {exc.strerror or exc}.",
            hint="Give certificates in PEM, and the key that belongs to client_cert, without a passphrase.",
        ) from None


@functools.lru_cache(maxsize=64)
def context(trust: Trust) -> ssl.SSLContext:
    """The same for all checks with this trust: reading the system's certificates takes longer than a handshake."""
    import ssl

    made = ssl.create_default_context(cafile=trust.ca_file)
    if not trust.validate_certs:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if trust.client_cert:
        # An empty passphrase: otherwise OpenSSL would ask for one at the terminal.
        made.load_cert_chain(trust.client_cert, trust.client_key, password="")
    return made
