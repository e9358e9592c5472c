# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind tcp: the port that is connected to. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.parts import read_host, read_port


@dataclasses.dataclass(frozen=True)
class TcpTarget:
    """A port that something must accept connections on."""

    host: str
    port: int


def read(options: t.Mapping[str, t.Any]) -> TcpTarget:
    return TcpTarget(read_host(options), read_port(options, 0))
