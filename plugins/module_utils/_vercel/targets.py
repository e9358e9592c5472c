# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which deployment a task means: by its id or address, by version, by commit, or the one before."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import deployments
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import Params
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.deployments import VERSION, Deployment, commit_of, created, id_of
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import Serving

PREVIOUS = "previous"
# Of the newest deployments for production, so many are looked through.
MOST = 300


def check(params: Params) -> None:
    """What is named can be the name of a deployment."""
    if params["deployment"] is not None and params["deployment"] != PREVIOUS:
        deployments.address(params["deployment"])
    if params["git_sha"] is not None and not re.fullmatch(r"[0-9a-f]{7,40}", params["git_sha"]):
        raise InputError(f"git_sha: '{params['git_sha']}' is no commit.", hint="7 to 40 hexadecimal digits in lower case.")


def find(api: Api, live: Serving, params: Params) -> Deployment:
    """The deployment that the options `deployment`, `version` or `git_sha` mean."""
    named = params["deployment"]
    if named == PREVIOUS:
        return previous(live, current_of(api, live), promoted(api, live))
    if named is not None:
        return own(deployments.read(api, deployments.address(named)), live, named)
    found = list(deployments.listed(api, live.project_id, {"target": "production", "state": "READY"}, most=MOST))
    # The entry in a list lacks what its own page says.
    return deployments.read(api, id_of(newest(found, version=params["version"], commit=params["git_sha"], meta=params.get("meta") or {})))


def newest(found: t.Iterable[Deployment], *, version: t.Optional[str], commit: t.Optional[str], meta: t.Mapping[str, str]) -> Deployment:
    """The newest of these with that version, or that commit, and these meta data."""
    for item in sorted(found, key=created, reverse=True):
        its = item.get("meta") or {}
        if not meta.items() <= its.items():
            continue
        if version is not None and its.get(VERSION) == version:
            return item
        if commit is not None and (commit_of(item) or "").startswith(commit):
            return item
    beside = f" with this {' and '.join(meta)}" if meta else ""
    named = f"version: no deployment for production has the version {version}" if version else f"git_sha: none was made from {commit}"
    raise NotFoundError(f"{named}{beside}.", hint="vercel_deployment_info lists what there is; vercel_deploy makes a new one.")


def promoted(api: Api, live: Serving) -> list[Deployment]:
    """Deployments that can be rolled back to: those that have served production, newest first."""
    query = {"target": "production", "state": "READY", "rollbackCandidate": "true"}
    found = deployments.listed(api, live.project_id, query, most=MOST)
    return sorted((item for item in found if item.get("readySubstate") == "PROMOTED"), key=created, reverse=True)


def current_of(api: Api, live: Serving) -> t.Optional[Deployment]:
    """The deployment that is live; None when there is none, or several."""
    return deployments.read(api, live.current) if live.current else None


def previous(live: Serving, current: t.Optional[Deployment], found: t.Sequence[Deployment]) -> Deployment:
    """What served before the current one. After a rollback it is the current one itself: the same command twice goes back once."""
    if current is not None and pinned(live, current, found):
        return current
    by_id = {id_of(item): item for item in found if id_of(item) != live.current}
    request = live.request
    if request.get("toDeploymentId") == live.current and request.get("fromDeploymentId") in by_id:
        return by_id[str(request["fromDeploymentId"])]
    older = [item for item in found if current is not None and created(item) < created(current)]
    if not older:
        raise NotFoundError(
            f"deployment: nothing has served production before {live.current or 'now'} that Vercel could go back to.",
            hint="Name a deployment; vercel_deployment_info lists them.",
        )
    return older[0]


def pinned(live: Serving, current: t.Optional[Deployment], found: t.Sequence[Deployment]) -> bool:
    """Whether production was rolled back and is meant to stay there. `found` are those that can be rolled back to.

    Vercel turns autoAssignCustomDomains off with a rollback, and on with a promotion. A project may have it off for good; then only
    the last request tells, or a newer deployment that has already served production. Ending a rolling release is a rollback, too, to
    what was live anyway.
    """
    if live.auto_assign or current is None:
        return False
    telling = live.request.get("toDeploymentId") == live.current and not live.request.get("fromRollingReleaseId")
    if telling and live.request.get("type") in {"promote", "rollback"}:
        return bool(live.request["type"] == "rollback")
    return any(created(item) > created(current) for item in found)


def own(deployment: Deployment, live: Serving, named: str) -> Deployment:
    """The deployment, if it is one of the project; InputError names the project it belongs to."""
    owner = deployment.get("projectId")
    if owner and owner != live.project_id:
        raise InputError(f"deployment: {named} belongs to another project ({owner}) than {live.name} ({live.project_id}).")
    return deployment


def refuse_wrong(target: Deployment, action: str) -> None:
    """Only what was built for production, is ready, and has served before if it is to serve again."""
    named, state = id_of(target), deployments.state_of(target)
    if target.get("target") != "production":
        raise InputError(
            f"deployment: {named} was built for {target.get('target') or 'preview'}, not for production: Vercel would build it anew.",
            hint="Deploy it with vercel_deploy and target: production, then promote that one.",
        )
    if state != "READY":
        raise ConflictError(f"deployment: {named} is {state}, not READY.", hint="Deploy again, or wait for its build to end.")
    if action == "rollback" and target.get("readySubstate") not in {"PROMOTED", None}:
        raise InputError(
            f"deployment: {named} has never served production (it is {target.get('readySubstate')}), so that nobody can roll back to it.",
            hint="Use action: promote.",
        )
