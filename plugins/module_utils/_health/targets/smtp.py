# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind smtp: the mail server, and how one talks to it. Pure."""

from __future__ import annotations

import base64
import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.parts import read_host, read_port
from ansible_collections.holdfast.webops.plugins.module_utils._health.trust import Trust, read_trust

# The usual ports: submission with STARTTLS, submission inside TLS (RFC 8314), and between servers.
PORTS = {"starttls": 587, "implicit": 465, "none": 25}


@dataclasses.dataclass(frozen=True)
class SmtpTarget:
    """Without a `username` nobody logs in."""

    host: str
    port: int
    encryption: str
    username: t.Optional[str]
    password: str
    trust: Trust


def read(options: t.Mapping[str, t.Any]) -> SmtpTarget:
    """InputError names the option that is wrong."""
    name, encryption = options["name"], options["encryption"] or "starttls"
    if (options["username"] is None) != (options["password"] is None):
        raise InputError(f"The check '{name}' has only one of username and password.", hint="Set both, or none.")
    if options["username"] is not None and encryption == "none":
        raise InputError(f"The check '{name}' would send a password without encryption.", hint="Set encryption to starttls or implicit.")
    if encryption == "none" and any(options[option] is not None for option in ("validate_certs", "ca_file", "client_cert", "client_key")):
        raise InputError(f"The check '{name}' has options for certificates, but no encryption.", hint="Remove them, or set encryption.")
    port = read_port(options, PORTS[encryption])
    return SmtpTarget(read_host(options), port, encryption, options["username"], options["password"] or "", read_trust(options))


def secrets(target: SmtpTarget) -> t.Iterator[str]:
    """The forms in which the password goes over the line, should a server echo them (RFC 4616, AUTH LOGIN)."""
    if target.username is not None:
        for form in (target.password, f"\0{target.username}\0{target.password}"):
            yield base64.b64encode(form.encode()).decode("ascii")
