# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses that the database refuses because somebody there tried wrong passwords."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase

PATH = "/network-bans"


def banned(api: Supabase) -> list[str]:
    """The banned addresses, sorted."""
    found = api.post("list the banned addresses", f"{PATH}/retrieve", {}, repeat=True) or {}
    return sorted(map(str, found.get("banned_ipv4_addresses") or []))


def lift_own(api: Supabase) -> None:
    """Lift the ban of the address that the request comes from, if there is one."""
    api.delete("lift the ban of our own address", PATH, {"ipv4_addresses": [], "requester_ip": True})
