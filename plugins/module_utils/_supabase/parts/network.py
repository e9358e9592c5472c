# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may connect to the database: the whole list is replaced, and takes a moment to be applied."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.interface import Part, View

PATH = "/network-restrictions"
# Supabase and its CLI refuse these: they can never be where a connection comes from.
PRIVATE = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")]
Cidr = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class Network(Part):
    """`cidrs` is the option network.allowed_cidrs."""

    name = "network"

    def __init__(self, cidrs: t.Sequence[str]) -> None:
        self._cidrs = sorted({_checked(text) for text in cidrs}, key=lambda cidr: (cidr.version, cidr))

    def read(self, api: Supabase) -> t.Any:
        return api.get("show the network restrictions", PATH)

    def before(self) -> View:
        config = self.found.get("config") or {}
        listed = [*(config.get("dbAllowedCidrs") or []), *(config.get("dbAllowedCidrsV6") or [])]
        return {"allowed_cidrs": _sorted(listed)}

    def after(self) -> View:
        return {"allowed_cidrs": [str(cidr) for cidr in self._cidrs]}

    def is_settled(self) -> bool:
        return bool(self.found.get("status") == "applied")

    def refuse(self) -> None:
        if self.found.get("entitlement") == "disallowed":
            raise ConflictError(
                "network: the organisation's plan has no network restrictions.",
                hint="Raise the plan, or take 'network' out of the configuration. Nothing was touched.",
            )

    def write(self, api: Supabase) -> None:
        of = {version: [str(cidr) for cidr in self._cidrs if cidr.version == version] for version in (4, 6)}
        body = {"dbAllowedCidrs": of[4], "dbAllowedCidrsV6": of[6]}
        api.post("change the network restrictions", f"{PATH}/apply", body, repeat=True)


def _checked(text: str) -> Cidr:
    place = "network.allowed_cidrs"
    try:
        cidr = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InputError(f"{place}: '{text}' is no network.", hint="Write it as 198.51.100.0/24 or 2001:db8::/32.") from None
    if "/" in text and ipaddress.ip_interface(text).ip != cidr.network_address:
        raise InputError(f"{place}: '{text}' is an address inside a network.", hint=f"The network is {cidr}.")
    if any(cidr.version == private.version and cidr.subnet_of(private) for private in PRIVATE):  # type: ignore[arg-type]
        raise InputError(f"{place}: '{text}' is private, no connection to Supabase comes from there.", hint="Give the public addresses.")
    return cidr


def _sorted(texts: t.Iterable[str]) -> list[str]:
    found = (ipaddress.ip_network(text, strict=False) for text in texts)
    return [str(cidr) for cidr in sorted(set(found), key=lambda cidr: (cidr.version, cidr))]
