# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making a deployment, once: also where an answer is lost, or the files have to be sent first."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError, Query
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import deployments
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.deployments import ATTEMPT, Deployment
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError

# How often the answer may be "files are missing" or lost before something else must be wrong.
ROUNDS = 6
# Seconds between the looks for a deployment whose answer was lost: it may still be on its way into the list.
LOOKS = (0.0, 0.5, 1.5)
# Of the newest deployments, so many are looked through for our own.
NEWEST = 20


def create(api: Api, project_id: str, body: t.Mapping[str, t.Any], query: Query, send: t.Callable[[t.Sequence[str]], None]) -> Deployment:
    """The new deployment. `body["meta"]` holds the number of this attempt; `send` uploads contents by their digests."""
    lost: t.Optional[LostAnswerError] = None
    for number in range(ROUNDS):
        try:
            return t.cast(Deployment, api.change("create the deployment", "POST", "/v13/deployments", body, repeat=False, query=query))
        except LostAnswerError as exc:
            found = _find(api, project_id, body["meta"][ATTEMPT])
            if found:
                return found
            lost = exc
        except ApiError as exc:
            if exc.code != "missing_files" or number == ROUNDS - 1:
                raise
            send([str(sha1) for sha1 in exc.data.get("missing") or []])
    raise lost or LostAnswerError("Vercel did not create the deployment.")


def _find(api: Api, project_id: str, attempt: str) -> t.Optional[Deployment]:
    """The deployment of this attempt, when it was made although the answer did not come."""
    for pause in LOOKS:
        api.clock.sleep(pause)
        for item in deployments.listed(api, project_id, {}, most=NEWEST):
            if (item.get("meta") or {}).get(ATTEMPT) == attempt:
                return item
    return None


def find_equal(api: Api, project_id: str, target: str, meta: t.Mapping[str, str], names: t.Sequence[str]) -> t.Optional[Deployment]:
    """The newest deployment that has, or will have, the same content, settings and version (`names` of `meta`)."""
    known: Query = {"state": "READY,BUILDING,INITIALIZING,QUEUED", "target": target if target in {"production", "preview"} else None}
    for item in deployments.listed(api, project_id, known):
        its = item.get("meta") or {}
        if all(its.get(name) == meta.get(name) for name in names):
            return item
    return None
