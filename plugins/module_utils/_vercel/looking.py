# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `vercel_deployment_info`."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import Query
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import deployments, rolling, serving, targets
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import open_api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import Serving

MOST = 1000


def look(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """What is served, what could be, and one deployment more closely."""
    params = call.params
    targets.check(params)
    for name in ("limit", "log_lines"):
        if not 0 <= params[name] <= MOST:
            raise InputError(f"{name}: {params[name]} is not between 0 and {MOST}.")
    api = open_api(params, clock or SystemClock())
    live = serving.read(api, params["project"])
    current = targets.current_of(api, live)
    named = any(params[name] is not None for name in ("deployment", "version", "git_sha"))
    found = targets.find(api, live, params) if named else None
    rollout = rolling.read_if_any(api, live.project_id) if live.stages else None
    values = {
        "project": {"id": live.project_id, "name": live.name},
        "live": deployments.shown(current),
        "domains": dict(live.domains),
        "auto_assign_custom_domains": live.auto_assign,
        "rolled_back": not live.auto_assign and targets.pinned(live, current, targets.promoted(api, live)),
        "rolling_release": rollout.shown() if rollout else None,
        "deployment": deployments.shown(found),
        "log": deployments.logs(api, deployments.id_of(found), params["log_lines"]) if found and params["log_lines"] else [],
        "deployments": _newest(api, live, params["target"], params["limit"]),
    }
    return Outcome({}, {}, values)


def _newest(api: Api, live: Serving, target: t.Optional[str], limit: int) -> list[t.Optional[dict[str, t.Any]]]:
    query: Query = {"target": target}
    return [deployments.shown(item) for item in deployments.listed(api, live.project_id, query, most=limit)]
