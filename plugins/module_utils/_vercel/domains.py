# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `vercel_domain`: the domains of a project."""

from __future__ import annotations

import contextlib
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError, Query
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import serving
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import Params, open_api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError

ROUNDS = 4
PAGE = 100
# Vercel gives every project an address below this; nobody asked for it, so that nobody purges it.
OWN = ".vercel.app"
FIELDS = {"redirect": "redirect", "redirect_status": "redirectStatusCode", "git_branch": "gitBranch"}
Domains = dict[str, dict[str, t.Any]]


def reconcile(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Bring the domains of a project to what the task lists."""
    params = call.params
    _check(params)
    api = open_api(params, clock or SystemClock())
    project = str(serving.read_project(api, params["project"])["id"])
    found = _read(api, project)
    before = _settings(found)
    wanted = _wanted(params, before)
    after = wanted
    if not call.check_mode:
        for _round in range(ROUNDS):
            if _settings(found) == wanted:
                break
            with contextlib.suppress(LostAnswerError):  # the next look tells what was done
                _apply(api, project, _settings(found), wanted)
            found = _read(api, project)
        found = _verified(api, project, found) if params["verify"] else found
        after = _settings(found)
        _prove(wanted, after)
    shown = {name: _shown(name, found.get(name) or {}, fields) for name, fields in after.items()}
    return Outcome(before, after, {"domains": [shown[name] for name in sorted(shown)]})


def _wanted(params: Params, before: Domains) -> Domains:
    """All domains as they shall be; what the task does not name stays, unless it purges."""
    named = {item["name"].lower(): item for item in params["domains"]}
    kept = {name: fields for name, fields in before.items() if name not in named and (not params["purge"] or name.endswith(OWN))}
    present = {name: item for name, item in named.items() if item["state"] == "present"}
    return {**kept, **{name: _fields_of(item) for name, item in present.items()}}


def _fields_of(item: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    status = item["redirect_status"] or (307 if item["redirect"] else None)
    return {"redirect": item["redirect"], "redirect_status": status, "git_branch": item["git_branch"]}


def _apply(api: Api, project: str, present: Domains, wanted: Domains) -> None:
    """Redirects last: what they lead to has to be there."""
    for name in present.keys() - wanted.keys():
        api.change(f"remove the domain {name}", "DELETE", f"/v9/projects/{project}/domains/{name}", repeat=False)
    for name in sorted(wanted, key=lambda name: (wanted[name]["redirect"] is not None, name)):
        fields = {FIELDS[ours]: value for ours, value in wanted[name].items()}
        if name not in present:
            body = {"name": name, **{theirs: value for theirs, value in fields.items() if value is not None}}
            api.change(f"add the domain {name}", "POST", f"/v10/projects/{project}/domains", body, repeat=False)
        elif present[name] != wanted[name]:
            api.change(f"change the domain {name}", "PATCH", f"/v9/projects/{project}/domains/{name}", fields, repeat=True)


def _verified(api: Api, project: str, found: dict[str, t.Any]) -> dict[str, t.Any]:
    """Have Vercel look again at what others must prove to own; it stays unverified without an error while the records are missing."""
    unverified = [name for name, domain in found.items() if domain.get("verified") is False]
    for name in unverified:
        try:
            api.change(f"verify the domain {name}", "POST", f"/v9/projects/{project}/domains/{name}/verify", repeat=True)
        except ApiError as exc:
            if exc.status not in {400, 409}:
                raise
    return _read(api, project) if unverified else found


def _read(api: Api, project: str) -> dict[str, t.Any]:
    """The domains of a project by name."""
    found: dict[str, t.Any] = {}
    until: t.Optional[int] = None
    while True:
        query: Query = {"limit": PAGE, "until": until}
        answer = api.get("list the domains of the project", f"/v9/projects/{project}/domains", query) or {}
        found.update({str(domain["name"]): domain for domain in answer.get("domains") or []})
        until = (answer.get("pagination") or {}).get("next")
        if not until:
            return found


def _settings(found: t.Mapping[str, t.Any]) -> Domains:
    domains: Domains = {}
    for name, domain in found.items():
        fields = {ours: domain.get(theirs) or None for ours, theirs in FIELDS.items()}
        if fields["redirect"] and not fields["redirect_status"]:
            fields["redirect_status"] = 307
        domains[name] = fields
    return domains


def _shown(name: str, domain: t.Mapping[str, t.Any], fields: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    records = [
        {"type": record.get("type"), "name": record.get("domain"), "value": record.get("value")}
        for record in domain.get("verification") or []
    ]
    return {"name": name, **fields, "verified": domain.get("verified"), "records": records}


def _check(params: Params) -> None:
    names = [item["name"].lower() for item in params["domains"]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"domains: {', '.join(twice)} is listed twice.")
    for number, item in enumerate(params["domains"]):
        for option in ("name", "redirect"):
            text = item[option]
            if text is not None and not re.fullmatch(
                r"(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,62}", text
            ):
                raise InputError(f"domains[{number}].{option}: '{text}' is no domain.", hint="Without https:// and without a path.")
        if item["redirect_status"] and not item["redirect"]:
            raise InputError(f"domains[{number}].redirect_status: {item['name']} redirects nowhere.", hint="Give 'redirect' as well.")


def _prove(wanted: Domains, after: Domains) -> None:
    wrong = sorted(name for name in wanted.keys() | after.keys() if wanted.get(name) != after.get(name))
    if wrong:
        raise ConflictError(
            f"Vercel took the change, but shows something else for {', '.join(wrong)}.", hint="Look at the project's domains."
        )
