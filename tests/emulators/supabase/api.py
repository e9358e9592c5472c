"""Which request does what. Paths are without `/v1`; `*` stands for what differs, first of all the ref."""

from __future__ import annotations

import functools
import typing as t

from tests.emulators.supabase import (
    addons,
    auth_config,
    backups,
    database_config,
    health,
    keys,
    lifecycle,
    network,
    projects,
    queries,
    storage_config,
    vault,
)
from tests.emulators.supabase.errors import ApiError, not_found

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Handler

ROUTES: t.Final[dict[str, Handler]] = {
    "GET /profile": projects.profile,
    "GET /organizations": projects.organizations,
    "GET /organizations/*": projects.organization,
    "GET /projects": projects.index,
    "POST /projects": projects.create,
    "GET /projects/*": projects.show,
    "PATCH /projects/*": projects.rename,
    "DELETE /projects/*": projects.delete,
    "GET /projects/*/health": health.show,
    "POST /projects/*/pause": lifecycle.pause,
    "GET /projects/*/restore": lifecycle.versions,
    "POST /projects/*/restore": lifecycle.resume,
    "POST /projects/*/restart": lifecycle.restart,
    "GET /projects/*/upgrade/eligibility": lifecycle.eligibility,
    "GET /projects/*/upgrade/status": lifecycle.upgrade_status,
    "GET /projects/*/api-keys": keys.index,
    "GET /projects/*/api-keys/legacy": keys.legacy,
    "GET /projects/*/api-keys/*": keys.show,
    "GET /projects/*/config/auth": auth_config.show,
    "PATCH /projects/*/config/auth": auth_config.change,
    "GET /projects/*/config/database/postgres": database_config.show,
    "PUT /projects/*/config/database/postgres": database_config.replace,
    "PATCH /projects/*/config/database/postgres": database_config.change,
    "GET /projects/*/config/database/pooler": database_config.pooler,
    "PATCH /projects/*/config/database/pooler": database_config.change_pooler,
    "GET /projects/*/config/database/pgbouncer": database_config.pgbouncer,
    "GET /projects/*/postgrest": database_config.postgrest,
    "PATCH /projects/*/postgrest": database_config.change_postgrest,
    "GET /projects/*/config/realtime": storage_config.realtime,
    "PATCH /projects/*/config/realtime": storage_config.change_realtime,
    "GET /projects/*/config/storage": storage_config.show,
    "PATCH /projects/*/config/storage": storage_config.change,
    "GET /projects/*/storage/buckets": storage_config.buckets,
    "GET /projects/*/network-restrictions": network.restrictions,
    "POST /projects/*/network-restrictions/apply": network.apply,
    "PATCH /projects/*/network-restrictions": network.amend,
    "POST /projects/*/network-bans/retrieve": network.bans,
    "POST /projects/*/network-bans/retrieve/enriched": network.enriched_bans,
    "DELETE /projects/*/network-bans": network.lift_bans,
    "GET /projects/*/ssl-enforcement": network.ssl,
    "PUT /projects/*/ssl-enforcement": network.change_ssl,
    "GET /projects/*/secrets": vault.index,
    "POST /projects/*/secrets": vault.put,
    "DELETE /projects/*/secrets": vault.delete,
    "GET /projects/*/billing/addons": addons.index,
    "PATCH /projects/*/billing/addons": addons.buy,
    "DELETE /projects/*/billing/addons/*": addons.drop,
    "GET /projects/*/database/backups": backups.index,
    "POST /projects/*/database/backups/restore": backups.restore,
    "POST /projects/*/database/backups/restore-pitr": backups.restore_pitr,
    "GET /projects/*/database/backups/restore-point": backups.restore_point,
    "POST /projects/*/database/backups/restore-point": backups.make_restore_point,
    "POST /projects/*/database/backups/undo": backups.undo,
    "GET /projects/*/database/backups/schedule": backups.schedule,
    "PATCH /projects/*/database/backups/schedule": backups.change_schedule,
    "GET /projects/*/readonly": queries.readonly,
    "POST /projects/*/readonly/temporary-disable": queries.disable_readonly,
    "POST /projects/*/database/query": queries.query,
    "POST /projects/*/cli/login-role": queries.login_role,
    "DELETE /projects/*/cli/login-role": queries.drop_login_roles,
}


class Route(t.NamedTuple):
    """Where a request ends up."""

    pattern: str
    handler: Handler
    names: list[str]


@functools.cache
def _by_length() -> dict[int, list[tuple[list[str], str]]]:
    table: dict[int, list[tuple[list[str], str]]] = {}
    for pattern in ROUTES:
        parts = pattern.split(" ")[1].strip("/").split("/")
        table.setdefault(len(parts), []).append((parts, pattern))
    return table


def find(method: str, path: str) -> Route:
    """What handles a request for a path without `/v1`; the route that names more of it wins."""
    parts = path.strip("/").split("/")
    fitting = [row for row in _by_length().get(len(parts), []) if _fits(row[0], parts)]
    allowed = [row for row in fitting if row[1].startswith(f"{method} ")]
    if not fitting or not allowed:
        raise not_found(f"Cannot {method} /v1{path}") if not fitting else ApiError(405, f"Cannot {method} /v1{path}")
    pattern, name = min(allowed, key=lambda row: row[0].count("*"))
    return Route(name, ROUTES[name], [part for part, wanted in zip(parts, pattern, strict=True) if wanted == "*"])


def _fits(pattern: list[str], parts: list[str]) -> bool:
    return all(wanted in ("*", part) for wanted, part in zip(pattern, parts, strict=True))
