# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind tls: whose certificate is looked at, and what it must be good for. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.parts import read_host, read_port
from ansible_collections.holdfast.webops.plugins.module_utils._health.trust import Trust, read_trust


@dataclasses.dataclass(frozen=True)
class TlsTarget:
    """`names` must all be covered by the certificate; the first is asked for in the handshake."""

    host: str
    port: int
    names: tuple[str, ...]
    minimum_protocol: str
    trust: Trust


def read(options: t.Mapping[str, t.Any]) -> TlsTarget:
    """InputError names the option that is wrong."""
    host = read_host(options)
    name = (options["server_name"] or "").strip() or host
    names = dict.fromkeys([name, *(options["expect_names"] or [])])
    return TlsTarget(host, read_port(options, 443), tuple(names), options["minimum_protocol"] or "TLSv1.2", read_trust(options))
