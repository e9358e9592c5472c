# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `supabase_project_info`."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._supabase import bans, connecting, keys, readiness
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase, open_project
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts import pitr, pooler, secrets

Project = t.Mapping[str, t.Any]
# Milliseconds that Supabase may take to look at its services; its own upper limit.
LOOKING = "10000"


def look(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """What the project is, and what was asked for beside it."""
    params = call.params
    address = None if params["database_url"] is None else connecting.read(params["database_url"])
    api = open_project(params, clock or SystemClock())
    project = readiness.read(api)
    topics = params["gather"]
    values: dict[str, t.Any] = {
        "project": _shown(project),
        "health": _health(api, params["services"]) if "health" in topics else None,
        "connections": connecting.addresses(api.project_ref, _database(project), pooler.primary(api)) if "connections" in topics else None,
        "banned_addresses": bans.banned(api) if "bans" in topics else None,
        "addons": pitr.selected(api.get("list the add-ons", pitr.PATH)) if "addons" in topics else None,
        "buckets": _buckets(api) if "buckets" in topics else None,
        "api_keys": _api_keys(api) if "api_keys" in topics else None,
        "secrets": _secret_names(api) if "secrets" in topics else None,
        "database_url": None if address is None else _judged(address, project, params["purpose"]),
    }
    return Outcome({}, {}, values)


def _shown(project: Project) -> dict[str, t.Any]:
    database = _database(project)
    plain = {name: project.get(name) for name in ("ref", "name", "region", "status", "created_at")}
    return {
        **plain,
        "organization": project.get("organization_slug"),
        "database_host": database.get("host"),
        "database_version": database.get("version"),
    }


def _database(project: Project) -> t.Mapping[str, t.Any]:
    return project.get("database") or {}


def _health(api: Supabase, services: t.Sequence[str]) -> dict[str, t.Any]:
    query = [("services", service) for service in services] + [("timeout_ms", LOOKING)]
    found = api.get("tell the health of the services", "/health", query) or []
    return {
        str(service["name"]): {"healthy": bool(service.get("healthy")), "status": service.get("status"), "error": service.get("error")}
        for service in found
    }


def _buckets(api: Supabase) -> dict[str, bool]:
    return {str(bucket["name"]): bool(bucket["public"]) for bucket in api.get("list the buckets", "/storage/buckets") or []}


def _api_keys(api: Supabase) -> dict[str, t.Any]:
    found = api.get("list the API keys", "/api-keys", [("reveal", "false")]) or []
    return {keys.label(key): key.get("type") for key in found}


def _secret_names(api: Supabase) -> list[str]:
    return sorted(str(entry["name"]) for entry in api.get("list the secrets", secrets.PATH) or [])


def _judged(address: connecting.Address, project: Project, purpose: str) -> dict[str, t.Any]:
    ref = str(project["ref"])
    kind = connecting.kind_of(address, ref, str(_database(project).get("host")))
    return {"kind": kind, "problems": connecting.problems(address, kind, ref, purpose)}
