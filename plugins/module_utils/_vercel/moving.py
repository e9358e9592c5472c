# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moving the production domains to a deployment, and knowing that they moved.

Promote and rollback have no key against being carried out twice, and answer before anything has happened. So a request whose answer
is lost is followed by looking at the domains, and only sent again when nothing came of it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError, Query
from ansible_collections.holdfast.webops.plugins.module_utils._core.pacing import Pace
from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import Progress
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import serving
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import Serving

ROUNDS = 4
# Seconds between the looks after a lost answer.
LOOKS = (0.0, 0.3, 0.7, 1.5)
# Seconds between looks while domains move, which takes one or two.
FIRST, GROWTH, LONGEST = 0.1, 1.3, 2.0
# Looks at a request that has moved every domain and is not noted as ended; the domains are what counts.
ENDINGS = 8
# Requests of this age (milliseconds) are not under way any more, whatever they say.
OLD = 180_000
PATHS = {"promote": "/v10/projects/{project}/promote/{target}", "rollback": "/v1/projects/{project}/rollback/{target}"}


def move(api: Api, before: Serving, target: str, action: str, description: str, progress: Progress) -> Serving:
    """Give all production domains to `target`; what they serve afterwards."""
    if not is_under_way(api, before, target):
        request(api, before, target, action, description)
    return wait_moved(api, before, target, progress)


def request(api: Api, before: Serving, target: str, action: str, description: str) -> None:
    """Ask for it until it is known to be accepted."""
    path = PATHS[action].format(project=before.project_id, target=target)
    query: Query = {"description": description or None} if action == "rollback" else {}
    lost: t.Optional[LostAnswerError] = None
    for _try in range(ROUNDS):
        try:
            api.change(f"{action} {target}", "POST", path, repeat=False, query=query)
            return
        except LostAnswerError as exc:
            lost = exc
            if _came_of_it(api, before, target):
                return
        except ApiError as exc:
            # Our own lost request may be what it is in conflict with.
            if exc.status != 409 or not _came_of_it(api, before, target):
                raise
            return
    raise lost or LostAnswerError(f"Vercel did not {action} {target}.")


def wait_moved(api: Api, before: Serving, target: str, progress: Progress) -> Serving:
    """What is served, once every production domain serves `target`. `before` is what was served when it was asked for."""
    pace = Pace(api, FIRST, GROWTH, LONGEST)
    endings = ENDINGS
    while True:
        now = serving.read(pace.looking, before.project_id)
        if now.serves(target):
            # Until Vercel has noted the end, it still takes the deployment before for the current one, and does not go back to it.
            if not endings or not is_under_way(api, now, target):
                return now
            endings -= 1
        _refuse_hopeless(api, before, now, target)
        progress.show(f"{sum(served == target for served in now.domains.values())} of {len(now.domains)} domains serve {target}")
        if not pace.goes_on():
            raise DeadlineError(
                f"Not all production domains serve {target} in time.",
                hint="Vercel may still be at it: the same task run again waits for it, and asks only when nothing is on its way.",
            )


def is_under_way(api: Api, now: Serving, target: str) -> bool:
    """Whether an earlier task has asked for the same, and Vercel is still at it."""
    age = api.server_time() * 1000 - float(now.request.get("requestedAt") or 0)
    return now.request.get("toDeploymentId") == target and now.request.get("jobStatus") in {"pending", "in-progress"} and age < OLD


def _is_new(before: Serving, now: Serving) -> bool:
    """Whether the last request came after `before`: compared as it is written, because clocks differ."""
    names = ("requestedAt", "toDeploymentId", "type")
    return [before.request.get(name) for name in names] != [now.request.get(name) for name in names]


def _came_of_it(api: Api, before: Serving, target: str) -> bool:
    for pause in LOOKS:
        api.clock.sleep(pause)
        now = serving.read(api, before.project_id)
        moved = any(served == target for domain, served in now.domains.items() if before.domains.get(domain) != target)
        asked = _is_new(before, now) and now.request.get("toDeploymentId") == target
        if now.serves(target) or moved or asked:
            return True
    return False


def _refuse_hopeless(api: Api, before: Serving, now: Serving, target: str) -> None:
    """Vercel has given up, or somebody else was faster."""
    other = now.request.get("toDeploymentId")
    if not _is_new(before, now) and not is_under_way(api, before, target):
        return
    if other != target:
        raise ConflictError(f"Somebody else moves production to {other} at the same time. Live now: {now.told()}.", hint="Agree first.")
    status = now.request.get("jobStatus")
    if status in {"failed", "skipped"}:
        failed = ", ".join(_failed_domains(api, now)) or "it does not say which"
        raise WebopsError(
            f"Vercel could not give {target} its domains ({status}; {failed}). Live now: {now.told()}.",
            hint="Look at the domains in the project; the same task run again tries once more.",
            domains=dict(now.domains),
        )


def _failed_domains(api: Api, now: Serving) -> list[str]:
    query: Query = {"failedOnly": "true", "limit": 20}
    try:
        answer = api.get("list the domains that failed", f"/v1/projects/{now.project_id}/promote/aliases", query) or {}
    except WebopsError:
        return []
    # The description of the API has a text here, the CLI reads an object.
    aliases = [entry.get("alias") for entry in answer.get("aliases") or [] if entry.get("status") == "failed"]
    return [str(alias.get("alias") if isinstance(alias, dict) else alias) for alias in aliases]
