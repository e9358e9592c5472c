# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind dns: the name, who is asked for it, and what the answer must hold. Pure."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.parts import read_host, read_port


@dataclasses.dataclass(frozen=True)
class DnsTarget:
    """Without a `nameserver` those of the host are asked. `expected` is normalised as `normal` does it."""

    name: str
    record_type: str
    nameserver: t.Optional[str]
    port: int
    expected: frozenset[str]
    only_expected: bool


def read(options: t.Mapping[str, t.Any]) -> DnsTarget:
    """InputError names the option that is wrong."""
    name, expected = options["name"], options["expect_records"]
    if expected is not None and not expected:
        raise InputError(f"The expect_records of the check '{name}' are empty.", hint="Give at least one, or leave the option out.")
    if options["only_expected"] and not expected:
        raise InputError(f"The check '{name}' wants only expected records, but expects none.", hint="Set expect_records.")
    if options["port"] is not None and not options["nameserver"]:
        raise InputError(f"The check '{name}' has a port, but no nameserver.", hint="Set nameserver, or remove port.")
    record_type = options["record_type"] or "A"
    return DnsTarget(
        read_host(options),
        record_type,
        _address(name, options["nameserver"]),
        read_port(options, 53),
        frozenset(normal(record) for record in expected or ()),
        bool(options["only_expected"]),
    )


def normal(record: str) -> str:
    """A record's text so that equal records are equal: no final dots, one blank, lower case unless quoted."""
    if record.startswith('"'):
        return record
    return " ".join(word[:-1] if len(word) > 1 and word.endswith(".") else word for word in record.lower().split())


def _address(name: str, nameserver: t.Optional[str]) -> t.Optional[str]:
    if nameserver is None:
        return None
    try:
        return str(ipaddress.ip_address(nameserver.strip()))
    except ValueError:
        raise InputError(
            f"The nameserver of the check '{name}' is '{nameserver}'.", hint="Give its address; its name would have to be resolved first."
        ) from None
