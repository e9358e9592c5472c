# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments as Vercel's API writes them, and as our modules show them."""

from __future__ import annotations

import datetime
import re
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import Query
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError

Deployment = dict[str, t.Any]

# What we write into a deployment's meta data, to know it again. Names of others never begin like this.
OURS = "webops"
DIGEST = "webopsDigest"
SETTINGS = "webopsSettings"
VERSION = "webopsVersion"
COMMIT = "webopsCommit"
ATTEMPT = "webopsAttempt"
COMMITS = (COMMIT, "githubCommitSha", "gitlabCommitSha", "bitbucketCommitSha")
PAGE = 100


def shown(deployment: t.Optional[t.Mapping[str, t.Any]]) -> t.Optional[dict[str, t.Any]]:
    """A deployment as the modules return it, from a list or from its own page; None for none."""
    if not deployment:
        return None
    meta = deployment.get("meta") or {}
    host = deployment.get("url")
    return {
        "id": id_of(deployment),
        "url": f"https://{host}" if host else None,
        "state": state_of(deployment),
        "substate": deployment.get("readySubstate"),
        "target": deployment.get("target") or "preview",
        "version": meta.get(VERSION),
        "git_sha": commit_of(deployment),
        "digest": meta.get(DIGEST),
        "created": moment(deployment.get("createdAt") or deployment.get("created")),
        "inspector_url": deployment.get("inspectorUrl"),
    }


def id_of(deployment: t.Mapping[str, t.Any]) -> str:
    return str(deployment.get("id") or deployment.get("uid"))


def state_of(deployment: t.Mapping[str, t.Any]) -> str:
    return str(deployment.get("readyState") or deployment.get("state"))


def commit_of(deployment: t.Mapping[str, t.Any]) -> t.Optional[str]:
    """The commit it was made from, whoever noted it."""
    source = deployment.get("gitSource") or {}
    meta = deployment.get("meta") or {}
    return source.get("sha") or next(filter(None, (meta.get(name) for name in COMMITS)), None)


def created(deployment: t.Mapping[str, t.Any]) -> int:
    """When it was made, in milliseconds since 1970."""
    return int(deployment.get("createdAt") or deployment.get("created") or 0)


def moment(milliseconds: t.Any) -> t.Optional[str]:
    """A time of Vercel's as ISO 8601; None for none."""
    if not milliseconds:
        return None
    return iso(datetime.datetime.fromtimestamp(float(milliseconds) / 1000, datetime.timezone.utc))


def address(text: str) -> str:
    """The id or host inside what a user may call a deployment: its id, its host, or its URL."""
    named = text.split("://", 1)[-1].split("/", 1)[0]
    if not re.fullmatch(r"[A-Za-z0-9._-]+", named) or set(named) == {"."}:
        raise InputError(f"deployment: '{text}' is neither an id (dpl_...) nor an address of a deployment.")
    return named


def read(api: Api, id_or_host: str) -> Deployment:
    """One deployment; NotFoundError when there is none."""
    try:
        return t.cast(Deployment, api.get(f"show the deployment {id_or_host}", f"/v13/deployments/{urllib.parse.quote(id_or_host)}"))
    except ApiError as exc:
        if exc.status != 404:
            raise
        raise NotFoundError(
            f"deployment: Vercel knows no deployment {id_or_host}.", hint="It may be deleted, or belong to another team: look at 'team'."
        ) from exc


def listed(api: Api, project_id: str, query: Query, *, most: int = PAGE) -> t.Iterator[Deployment]:
    """Deployments of a project, newest first, at most `most`; a page is asked for when it is needed."""
    until: t.Optional[int] = None
    seen = 0
    while seen < most:
        page = {"projectId": project_id, "limit": min(PAGE, most - seen), "until": until, **query}
        answer = api.get("list the deployments of the project", "/v7/deployments", page) or {}
        found = answer.get("deployments") or []
        yield from found
        seen += len(found)
        until = (answer.get("pagination") or {}).get("next")
        if not found or not until:
            return


def logs(api: Api, deployment_id: str, lines: int) -> list[str]:
    """The last lines that the build of a deployment wrote."""
    query: Query = {"builds": 1, "direction": "backward", "follow": 0, "limit": lines}
    events = api.get("show the build's log", f"/v3/deployments/{deployment_id}/events", query) or []
    texts = [
        event.get("text") or (event.get("payload") or {}).get("text")
        for event in sorted(events, key=lambda event: event.get("created") or 0)
    ]
    return [str(text).rstrip() for text in texts if text and str(text).strip()][-lines:]
