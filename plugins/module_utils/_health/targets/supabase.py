# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind supabase: a hosted project, asked through the management API, through its own endpoints, or both. Pure."""

from __future__ import annotations

import dataclasses
import re
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Request, read_location
from ansible_collections.holdfast.webops.plugins.module_utils._health.trust import Trust, read_trust

API_URL = "https://api.supabase.com"
# Of the management API's list those that every project has.
SERVICES = ("auth", "db", "pooler", "realtime", "rest", "storage")
ENDPOINTS = ("auth", "realtime", "rest", "storage")


@dataclasses.dataclass(frozen=True)
class Asked:
    """One request: what the answer says is read by the probe's function of the same `reading`."""

    label: str
    reading: str
    request: Request


@dataclasses.dataclass(frozen=True)
class SupabaseTarget:
    """All requests of one look, in their order."""

    asked: tuple[Asked, ...]


def read(options: t.Mapping[str, t.Any]) -> SupabaseTarget:
    """InputError names the option that is wrong."""
    name = options["name"]
    if options["access_token"] is None and options["api_key"] is None:
        raise InputError(
            f"The check '{name}' has neither access_token nor api_key.",
            hint="Set access_token for the management API, api_key for the project's own endpoints, or both.",
        )
    _refuse_lonely(options, "access_token", ("api_url", "services"))
    _refuse_lonely(options, "api_key", ("project_url", "endpoints", "rest_table"))
    project = options["project"]
    if project is not None and not re.fullmatch(r"[a-z]{20}", project):
        raise InputError(f"The project of the check '{name}' is '{project}'.", hint="Give the project's ref: 20 lower-case letters.")
    trust = read_trust(options)
    return SupabaseTarget((*_management(options, trust), *_own(options, trust)))


def secrets(target: SupabaseTarget) -> t.Iterator[str]:
    for asked in target.asked:
        yield from asked.request.secrets()


def _refuse_lonely(options: t.Mapping[str, t.Any], key: str, others: tuple[str, ...]) -> None:
    for option in others:
        if options[key] is None and options[option] is not None:
            raise InputError(
                f"The check '{options['name']}' has {option}, but no {key} to use it with.", hint=f"Set {key}, or remove {option}."
            )


def _management(options: t.Mapping[str, t.Any], trust: Trust) -> t.Iterator[Asked]:
    if options["access_token"] is None:
        return
    name, project = options["name"], options["project"]
    if project is None:
        raise InputError(f"The check '{name}' has an access_token, but no project.", hint="Set project to the project's ref.")
    services = SERVICES if options["services"] is None else tuple(options["services"])
    if not services:
        raise InputError(f"The services of the check '{name}' are empty.", hint=f"Name some of {', '.join(SERVICES)}, or leave it out.")
    headers = {"Authorization": f"Bearer {options['access_token']}"}
    base = f"{(options['api_url'] or API_URL).rstrip('/')}/v1/projects/{project}"
    query = urllib.parse.urlencode([("services", service) for service in services])
    yield Asked("project", "project", _request(name, "api_url", base, headers, trust))
    yield Asked("management API", "services", _request(name, "api_url", f"{base}/health?{query}", headers, trust))


def _own(options: t.Mapping[str, t.Any], trust: Trust) -> t.Iterator[Asked]:
    key = options["api_key"]
    if key is None:
        return
    name, project = options["name"], options["project"]
    if options["project_url"] is None and project is None:
        raise InputError(f"The check '{name}' has an api_key, but neither project nor project_url.", hint="Set one of them.")
    endpoints = ENDPOINTS if options["endpoints"] is None else tuple(options["endpoints"])
    if not endpoints or (options["rest_table"] is not None and "rest" not in endpoints):
        raise InputError(f"The endpoints of the check '{name}' are {list(endpoints)}.", hint="Name those that its other options need.")
    base = (options["project_url"] or f"https://{project}.supabase.co").rstrip("/")
    # A key of the old kind is a token too; one of the new kind (sb_...) is refused as such.
    headers = {"apikey": key, **({"Authorization": f"Bearer {key}"} if key.startswith("eyJ") else {})}
    paths = _paths(project or (urllib.parse.urlsplit(base).hostname or "").partition(".")[0], options["rest_table"])
    for endpoint in sorted(set(endpoints)):
        yield Asked(endpoint, endpoint, _request(name, "project_url", base + paths[endpoint], headers, trust))


def _paths(tenant: str, table: t.Optional[str]) -> dict[str, str]:
    """Where each service says how it is; docs/guides/health.md says what of it is documented."""
    rest = f"/rest/v1/{urllib.parse.quote(table, safe='')}?limit=0" if table else "/rest/v1/"
    return {
        "auth": "/auth/v1/health",
        "realtime": f"/realtime/v1/api/tenants/{tenant}/health",
        "rest": rest,
        "storage": "/storage/v1/health",
    }


def _request(name: str, option: str, url: str, headers: dict[str, str], trust: Trust) -> Request:
    location, credentials = read_location(name, option, url)
    if credentials:
        raise InputError(f"The {option} of the check '{name}' holds a user.", hint="Keys and tokens go into api_key and access_token.")
    return Request(location, secret_headers=headers, follow_redirects=False, trust=trust)
