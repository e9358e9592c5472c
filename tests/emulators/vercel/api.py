"""Which request does what. Paths are without version: old and new clients ask for different ones of the same thing."""

from __future__ import annotations

import re
import typing as t

from tests.emulators.vercel import deployments, domains, env, events, projects, promotion, rolling, storage_api, uploads
from tests.emulators.vercel.errors import ApiError, not_found

if t.TYPE_CHECKING:
    from tests.emulators.vercel.call import Handler

ROUTES: t.Final[dict[str, Handler]] = {
    "POST /files": uploads.upload,
    "GET /user": projects.user,
    "GET /teams": projects.teams,
    "GET /teams/*": projects.team,
    "POST /projects": projects.create,
    "GET /projects": projects.index,
    "GET /projects/*": projects.show,
    "PATCH /projects/*": projects.change,
    "DELETE /projects/*": projects.delete,
    "POST /projects/*/pause": projects.pause,
    "POST /projects/*/unpause": projects.pause,
    "PATCH /projects/*/protection-bypass": projects.change_bypass,
    "GET /projects/*/custom-environments": projects.custom_environments,
    "POST /projects/*/custom-environments": projects.add_custom_environment,
    "GET /projects/*/env": env.index,
    "POST /projects/*/env": env.create,
    "DELETE /projects/*/env": env.delete_several,
    "GET /projects/*/env/*": env.show,
    "PATCH /projects/*/env/*": env.change,
    "DELETE /projects/*/env/*": env.delete,
    "GET /env/pull/*/*": env.pull,
    "GET /projects/*/domains": domains.index,
    "POST /projects/*/domains": domains.add,
    "GET /projects/*/domains/*": domains.show,
    "PATCH /projects/*/domains/*": domains.change,
    "DELETE /projects/*/domains/*": domains.remove,
    "POST /projects/*/domains/*/verify": domains.verify,
    "GET /domains/*": domains.account_domain,
    "GET /domains/*/config": domains.config,
    "POST /projects/*/promote/*": promotion.promote,
    "POST /projects/*/rollback/*": promotion.rollback,
    "GET /projects/*/promote/aliases": promotion.aliases_of_request,
    "GET /projects/*/rollback/aliases": promotion.aliases_of_request,
    "GET /projects/*/rolling-release": rolling.show,
    "GET /projects/*/rolling-release/config": rolling.show_config,
    "PATCH /projects/*/rolling-release/config": rolling.change_config,
    "DELETE /projects/*/rolling-release/config": rolling.drop_config,
    "POST /projects/*/rolling-release/start": rolling.begin,
    "POST /projects/*/rolling-release/approve-stage": rolling.approve,
    "POST /projects/*/rolling-release/complete": rolling.complete,
    "POST /deployments": deployments.create,
    "GET /deployments": deployments.index,
    "GET /deployments/*": deployments.show,
    "DELETE /deployments/*": deployments.delete,
    "PATCH /deployments/*/cancel": deployments.cancel,
    "GET /deployments/*/files": deployments.files_of,
    "GET /deployments/*/files/*": deployments.file_of,
    "GET /deployments/*/events": events.show,
    "GET /deployments/*/builds": events.builds,
    "GET /deployments/*/checks": events.checks,
    "GET /deployments/*/aliases": domains.aliases_of_deployment,
    "POST /deployments/*/aliases": domains.assign,
    "GET /aliases": domains.aliases,
    "GET /aliases/*": domains.alias,
    "DELETE /aliases/*": domains.drop_alias,
    "POST /storage/stores/blob": storage_api.create,
    "GET /storage/stores": storage_api.index,
    "GET /storage/stores/*": storage_api.show,
    "DELETE /storage/stores/blob/*": storage_api.delete,
}
PREFIX = re.compile(r"^/v\d+(?=/)")


class Route(t.NamedTuple):
    """Where a request ends up."""

    pattern: str
    handler: Handler
    names: list[str]


def _by_shape() -> dict[tuple[str, int], list[tuple[list[str], str, Handler]]]:
    table: dict[tuple[str, int], list[tuple[list[str], str, Handler]]] = {}
    for pattern, handler in ROUTES.items():
        method, path = pattern.split(" ")
        parts = path.strip("/").split("/")
        table.setdefault((parts[0], len(parts)), []).append(([method, *parts], pattern, handler))
    return table


_TABLE: t.Final = _by_shape()


def plain(path: str) -> str:
    """The path without version and without the legacy `/now`."""
    path = PREFIX.sub("", path)
    return path.removeprefix("/now") if path.startswith("/now/") else path


def find(method: str, path: str) -> Route:
    """What handles a request for a plain path; the route that names more of it wins."""
    parts = path.strip("/").split("/")
    fitting = [row for row in _TABLE.get((parts[0], len(parts)), []) if _fits(row[0][1:], parts)]
    if not fitting:
        raise not_found(f"The local Vercel has no {path}.")
    allowed = [row for row in fitting if row[0][0] == method]
    if not allowed:
        raise ApiError(405, "method_unknown", f"The method {method} is not allowed here.")
    pattern, name, handler = min(allowed, key=lambda row: row[0].count("*"))
    return Route(name, handler, [part for part, wanted in zip(parts, pattern[1:], strict=True) if wanted == "*"])


def _fits(pattern: list[str], parts: list[str]) -> bool:
    return all(wanted in ("*", part) for wanted, part in zip(pattern, parts, strict=True))
