# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which deployment the production domains of a project serve: the truth that everything is decided by.

`lastAliasRequest` tells of intentions only; the domains' own entries in the project tell who gets the traffic.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError


@dataclasses.dataclass(frozen=True)
class Serving:
    """A project and what it serves. `domains` maps each production domain to a deployment's id, None where it has none.

    `stages` are the shares of its rolling releases, in whole percent; empty where it has none.
    """

    project_id: str
    name: str
    domains: t.Mapping[str, t.Optional[str]]
    auto_assign: bool
    request: t.Mapping[str, t.Any]
    stages: tuple[int, ...]

    @property
    def current(self) -> t.Optional[str]:
        """The one deployment that all production domains serve; None while they differ or serve nothing."""
        served = set(self.domains.values())
        return next(iter(served)) if len(served) == 1 else None

    @property
    def rolled_back(self) -> int:
        """When the last thing that was asked of the domains was a rollback, in milliseconds since 1970; else 0."""
        return int(self.request.get("requestedAt") or 0) if self.request.get("type") == "rollback" else 0

    def serves(self, deployment_id: str) -> bool:
        """Whether all production domains serve it."""
        return self.current == deployment_id

    def told(self) -> str:
        """For messages: what is live now."""
        if not self.domains:
            return "no production domain serves anything"
        if self.current:
            return f"{', '.join(self.domains)}: {self.current}"
        return ", ".join(f"{domain}: {served or 'nothing'}" for domain, served in self.domains.items())


def read_project(api: Api, project: str) -> dict[str, t.Any]:
    """The project as Vercel shows it; NotFoundError when there is none."""
    try:
        found = api.get(f"show the project {project}", f"/v9/projects/{project}", {"rollbackInfo": "true"})
    except ApiError as exc:
        if exc.status != 404:
            raise
        raise NotFoundError(
            f"project: Vercel knows no project '{project}' that this token may see.",
            hint="Look at the name and at 'team'; vercel_project makes a new one.",
        ) from exc
    return t.cast("dict[str, t.Any]", found or {})


def serving_of(project: t.Mapping[str, t.Any]) -> Serving:
    """What a project's own entry says."""
    domains = {
        str(alias.get("domain") or alias.get("alias")): (alias.get("deployment") or {}).get("id")
        for alias in project.get("alias") or []
        if _is_production(alias)
    }
    return Serving(
        project_id=str(project.get("id")),
        name=str(project.get("name")),
        domains=domains or _of_target(project),
        # Not said means yes, as in a new project.
        auto_assign=project.get("autoAssignCustomDomains") is not False,
        request=project.get("lastAliasRequest") or {},
        stages=tuple(int(stage.get("targetPercentage") or 0) for stage in (project.get("rollingRelease") or {}).get("stages") or []),
    )


def read(api: Api, project: str) -> Serving:
    """What a project serves now."""
    return serving_of(read_project(api, project))


def _is_production(alias: t.Mapping[str, t.Any]) -> bool:
    environment = alias.get("environment") or "production"
    return alias.get("target") == "PRODUCTION" and environment == "production" and not alias.get("redirect")


def _of_target(project: t.Mapping[str, t.Any]) -> dict[str, t.Optional[str]]:
    """The same from the project's production target, where the entries of the domains are left out of the answer."""
    production = (project.get("targets") or {}).get("production") or {}
    return {str(domain): production.get("id") for domain in production.get("alias") or []}
