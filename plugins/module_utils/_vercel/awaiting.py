# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for a deployment: what is good, what never will be, and how often to look."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError
from ansible_collections.holdfast.webops.plugins.module_utils._core.pacing import GRACE, Pace
from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import Progress
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import deployments, serving
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.deployments import Deployment

# Seconds between two looks: short for what is ready at once, long for builds of minutes.
FIRST, GROWTH, LONGEST = 0.2, 1.4, 5.0
# Seconds that a deployment which can do without gets for its addresses after its build.
PATIENCE = 5.0
LOG_LINES = 20
DEAD = {"ERROR": "failed", "CANCELED": "was canceled", "BLOCKED": "is blocked by Vercel", "DELETED": "was deleted"}


def is_built(deployment: Deployment) -> bool:
    """Whether its build and its checks are over. Asked of one that has no `failure_of`."""
    return deployments.state_of(deployment) == "READY" and deployment.get("checksState") not in {"registered", "running"}


def has_addresses(deployment: Deployment) -> bool:
    """Whether Vercel has given it the addresses that it is to have."""
    return bool(deployment.get("aliasAssigned")) or deployment.get("readySubstate") in {"PROMOTED", "ROLLING"}


def needs_addresses(deployment: Deployment, *, staged: bool) -> bool:
    """Whether it is of no use without them: it is meant to serve production by itself."""
    return not staged and deployment.get("target") == "production" and deployment.get("autoAssignCustomDomains") is not False


def failure_of(deployment: Deployment) -> t.Optional[str]:
    """Why it will never be ready, as the end of a sentence; None while it still may."""
    state = deployments.state_of(deployment)
    if state in DEAD:
        message = deployment.get("errorMessage") or (deployment.get("seatBlock") or {}).get("message")
        return f"{DEAD[state]}{f': {message}' if message else ''}".rstrip(".")
    if deployment.get("checksConclusion") in {"failed", "canceled"}:
        return f"was built, but its checks ended as {deployment['checksConclusion']}"
    gate = (deployment.get("checks") or {}).get("deployment-alias") or {}
    if gate.get("state") == "failed":
        return "was built, but the checks before its domains are assigned failed"
    problem = deployment.get("aliasError") or {}
    if state == "READY" and problem:
        return f"was built, but its addresses could not be assigned: {problem.get('message') or problem.get('code')}".rstrip(".")
    return None


def wait_ready(api: Api, deployment_id: str, project: str, *, staged: bool, progress: Progress) -> Deployment:
    """The deployment once it can be used. The error says why it never can be, and what is live instead."""
    clock, pace = api.clock, Pace(api, FIRST, GROWTH, LONGEST)
    started, built = clock.monotonic(), float("inf")
    while True:
        deployment = deployments.read(pace.looking, deployment_id)
        problem = failure_of(deployment)
        if problem:
            raise _failed(api, project, deployment, problem)
        if is_built(deployment):
            built = min(built, clock.monotonic())
            # Vercel sometimes never says so of a staged one, which can be used all the same.
            patient = needs_addresses(deployment, staged=staged) or clock.monotonic() < built + PATIENCE
            if has_addresses(deployment) or not patient:
                return deployment
        state = deployments.state_of(deployment)
        progress.show(f"{deployment_id} is {state}, {clock.monotonic() - started:.0f} s")
        if not pace.goes_on():
            raise DeadlineError(
                f"The deployment {deployment_id} is not ready in time, its state is {state}.",
                hint="It goes on by itself; the same task run again waits for it. Raise wait_timeout where builds take longer.",
            )


@contextlib.contextmanager
def saying_what_is_live(api: Api, project: str) -> t.Iterator[None]:
    """Whoever runs out of time, or of answers, has to know what users get now."""
    try:
        yield
    except (DeadlineError, LostAnswerError) as exc:
        raise type(exc)(f"{exc.message} {live_now(api, project)}", hint=exc.hint, **exc.details) from exc


def live_now(api: Api, project: str) -> str:
    """For messages, also after the deadline: what the production domains serve, as well as that can be told."""
    try:
        return f"Live now: {serving.read(api.within(GRACE), project).told()}."
    except WebopsError as exc:
        return f"What is live now could not be read: {exc.message}"


def _failed(api: Api, project: str, deployment: Deployment, problem: str) -> WebopsError:
    deployment_id = deployments.id_of(deployment)
    lines = _last_lines(api, deployment_id)
    said = "".join(f"\n  {line}" for line in lines)
    log = f" The last lines of its log:{said}\n" if lines else " "
    return WebopsError(
        f"The deployment {deployment_id} {problem}.{log}{live_now(api, project)}",
        hint=f"More is at {deployment.get('inspectorUrl')}." if deployment.get("inspectorUrl") else "",
        deployment=deployments.shown(deployment),
        log=lines,
    )


def _last_lines(api: Api, deployment_id: str) -> list[str]:
    try:
        return deployments.logs(api.within(GRACE), deployment_id, LOG_LINES)
    except WebopsError:
        return []
