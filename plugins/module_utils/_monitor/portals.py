# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a monitor has to know about portals, from the variables that describe them. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

Variables = t.Mapping[str, t.Any]

# What is read of a host; the rest of its variables holds secrets.
VARIABLES = ("inventory_hostname", "portal_name", "portal_environment", "portal_url", "portal_checks", "portal_router_metrics")


@dataclasses.dataclass(frozen=True)
class WatchedPortal:
    """One portal. `router_metrics` is host:port of its router's exporter, empty where it has none."""

    name: str
    environment: str
    url: str
    checks: tuple[t.Mapping[str, t.Any], ...]
    router_metrics: str = ""

    @property
    def labels(self) -> dict[str, str]:
        return {"portal": self.name, "environment": self.environment}

    def __str__(self) -> str:
        return f"{self.name} ({self.environment})" if self.environment else self.name


def portals_from(hosts: t.Sequence[Variables]) -> tuple[WatchedPortal, ...]:
    """The portals that these inventory hosts are."""
    portals = tuple(_portal(host) for host in hosts)
    labels = [tuple(portal.labels.values()) for portal in portals]
    for portal in portals:
        if labels.count(tuple(portal.labels.values())) > 1:
            raise InputError(f"Two portals are {portal}.", hint="Give them different values of portal_name or portal_environment.")
    return portals


def _portal(host: Variables) -> WatchedPortal:
    name = host.get("portal_name")
    if not name:
        host_name = host.get("inventory_hostname", "without a name")
        raise InputError(f"The host {host_name} has no portal_name.", hint="Only portals belong into the group portals.")
    return WatchedPortal(
        name=str(name),
        environment=str(host.get("portal_environment") or ""),
        url=str(host.get("portal_url") or ""),
        checks=tuple(host.get("portal_checks") or ()),
        router_metrics=str(host.get("portal_router_metrics") or ""),
    )
