# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `supabase_project`: read all parts, plan, write what differs, look again."""

from __future__ import annotations

import concurrent.futures
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._supabase import bans, keys, readiness
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Params, Supabase, open_project
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.auth import Auth, misplaced_secrets
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.interface import Part, View
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.network import Network
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.pitr import Pitr
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.pooler import Pooler
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.postgres import Postgres
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.secrets import Secrets
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.ssl_enforcement import SslEnforcement
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.storage import Storage
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.settling import settle

# Reading is waiting for answers, so several are asked for at once.
AT_ONCE = 6
UNHEALTHY = "The project is ACTIVE_UNHEALTHY: some of its services do not answer."
UNTRIED = "Addresses are banned; whether our own is among them, and its ban would be lifted, is only known by trying."


def configure(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Bring the parts of the configuration that the task names to what it says."""
    params = call.params
    for secret in misplaced_secrets(params["auth"] or {}):
        call.mask(secret)
    parts = _chosen(params)
    keys.check_file(params["api_keys_file"])
    api = open_project(params, clock or SystemClock(), connections=AT_ONCE)
    project = readiness.await_usable(api)
    _look(api, parts)
    changing = [part for part in parts if part.names]
    for part in changing:
        part.refuse()
    before: dict[str, t.Any] = {part.name: part.before() for part in parts}
    after: dict[str, t.Any] = {part.name: part.after() for part in parts}
    if changing and not call.check_mode:
        after.update(_carry_out(api, changing))
        project = readiness.read(api)
    warnings = [note for part in parts for note in part.notes()] + _lift_ban(call, api, before, after)
    _keep_keys(call, api, before, after)
    if project["status"] != readiness.HEALTHY:
        warnings.append(UNHEALTHY)
    values = {
        "project": _shown(project),
        "configuration": after,
        "changes": [name for part in changing for name in _named(part)],
        "restart_pending": [name for part in changing for name in part.pending()],
    }
    return Outcome(before, after, values, tuple(warnings))


def _chosen(params: Params) -> list[Part]:
    """The parts that the task names, checked, in the order in which they are written: what restarts the database comes last."""
    parts: list[Part] = []
    if params["auth"] or params["auth_secrets"]:
        plain, secret = params["auth"] or {}, params["auth_secrets"] or {}
        parts.append(Auth(plain, secret, params["project_ref"], rewrite=params["rewrite_secrets"]))
    if params["pooler"]:
        parts.append(Pooler(params["pooler"]))
    if params["storage"]:
        parts.append(Storage(params["storage"]))
    if params["secrets"] or params["variables"] or params["secrets_purge"]:
        parts.append(Secrets(params["secrets"] or {}, params["variables"] or {}, purge=params["secrets_purge"]))
    if params["network"]:
        parts.append(Network(params["network"]["allowed_cidrs"]))
    if params["pitr"]:
        parts.append(Pitr(params["pitr"]["retention_days"], allow_shorter=params["pitr"]["allow_shorter"]))
    if params["ssl_enforcement"] is not None:
        parts.append(SslEnforcement(params["ssl_enforcement"], params["restart"]))
    if params["postgres"]:
        parts.append(Postgres(params["postgres"], params["restart"]))
    return parts


def _look(api: Supabase, parts: t.Sequence[Part]) -> None:
    """Find out what is there, and what differs."""
    if not parts:
        return
    with concurrent.futures.ThreadPoolExecutor(min(AT_ONCE, len(parts))) as pool:
        list(pool.map(lambda part: part.look(api), parts))
    for part in parts:
        part.plan()


def _carry_out(api: Supabase, parts: t.Sequence[Part]) -> dict[str, View]:
    """Write what differs; the parts as they are then. An error tells in `done` what was changed before it."""
    after: dict[str, View] = {}
    done: list[str] = []
    for part in parts:
        try:
            after[part.name] = _write(api, part)
        except WebopsError as exc:
            exc.details["done"] = done
            raise
        done += _named(part)
    return after


def _write(api: Supabase, part: Part) -> View:
    wanted = part.after()
    part.write(api)
    if part.restarts():
        readiness.await_restarted(api)
    return settle(api, part, wanted)


def _named(part: Part) -> list[str]:
    return [f"{part.name}.{name}" for name in part.names]


def _lift_ban(call: Call, api: Supabase, before: dict[str, t.Any], after: dict[str, t.Any]) -> list[str]:
    """Lift our own ban where that is asked for; sentences about what could not be said."""
    if not call.params["unban_own_address"]:
        return []
    found = bans.banned(api)
    before["bans"] = after["bans"] = {"addresses": found}
    if not found:
        return []
    if call.check_mode:
        return [UNTRIED]
    bans.lift_own(api)
    after["bans"] = {"addresses": bans.banned(api)}
    return []


def _keep_keys(call: Call, api: Supabase, before: dict[str, t.Any], after: dict[str, t.Any]) -> None:
    path = call.params["api_keys_file"]
    if path is None:
        return
    wanted = keys.content(keys.revealed(api, call.mask))
    before["api_keys_file"] = {"state": keys.word_for(path, wanted)}
    after["api_keys_file"] = {"state": keys.HOLDS}
    if before["api_keys_file"] != after["api_keys_file"] and not call.check_mode:
        keys.keep(path, wanted)


def _shown(project: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    database = project.get("database") or {}
    return {**{name: project.get(name) for name in ("ref", "name", "region", "status")}, "database_version": database.get("version")}
