# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `vercel_project`."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import bypass, serving, settings
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import open_api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.settings import Plain

# How often a project is made whose answers are lost.
ROUNDS = 3
# Stands for the id that a new project will get.
NEW = "(a new one)"
# What Vercel may do by itself with a change: enabling rolling releases turns skew protection on, too.
LEFT_TO_VERCEL = frozenset({"skew_protection_max_age"})


@dataclasses.dataclass(frozen=True)
class Project:
    """A project as the task cares for it. `file` tells whether the secret's file holds one of the project's secrets."""

    id: str
    settings: Plain
    rolling: t.Optional[Plain]
    secrets: tuple[str, ...]
    file: bool

    def shown(self, params: t.Mapping[str, t.Any]) -> Plain:
        """What counts as a change; secrets as whether they are there."""
        given = params["bypass_secret"]
        return {
            "exists": bool(self.id),
            **self.settings,
            "rolling_release": self.rolling,
            "bypass": given in self.secrets if given is not None else bool(self.secrets),
            "bypass_file": self.file if params["bypass_file"] else None,
        }


def ensure(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Have a project with these settings."""
    params = call.params
    settings.check(params)
    bypass.check(params)
    api = open_api(params, clock or SystemClock())
    before = _read(call, api)
    if before is None and params["project"].startswith("prj_"):
        raise NotFoundError(f"project: there is no project {params['project']}.", hint="Give a name to make a new one.")
    present = before or Project("", settings.settings_of({}), None, (), file=False)
    wanted = _wanted(params, present)
    after = wanted
    if not call.check_mode and wanted != before:
        after = _carry_out(call, api, before, wanted)
        _prove(params, wanted, after)
    return Outcome(
        before=present.shown(params),
        after=after.shown(params),
        values={"project": _told(params["project"], after)},
    )


def _told(name: str, project: Project) -> Plain:
    identity = None if project.id == NEW else project.id
    return {"id": identity, "name": name, **project.settings, "rolling_release": project.rolling}


def _read(call: Call, api: Api) -> t.Optional[Project]:
    """The project as it is; None when there is none."""
    params = call.params
    try:
        found = serving.read_project(api, params["project"])
    except NotFoundError:
        return None
    config = None
    if params["rolling_release"] is not None:
        path = f"/v1/projects/{found['id']}/rolling-release/config"
        config = (api.get("show the rolling release's template", path) or {}).get("rollingRelease")
    secrets = bypass.secrets_of(found)
    path = params["bypass_file"]
    kept = bypass.kept_in(path) if path else None
    for secret in [*secrets, kept]:
        call.mask(secret or "")
    fits = kept in ([params["bypass_secret"]] if params["bypass_secret"] else secrets)
    return Project(str(found["id"]), settings.settings_of(found), settings.rolling_of(config), tuple(secrets), fits)


def _wanted(params: t.Mapping[str, t.Any], present: Project) -> Project:
    given, secrets = params["bypass_secret"], present.secrets
    if given is not None and given not in secrets:
        secrets = (given, *secrets)
    if given is None and params["bypass_file"] and not secrets:
        secrets = ("a new one",)
    return Project(
        present.id or NEW,
        settings.wanted_of(params, present.settings),
        settings.rolling_wanted(params["rolling_release"], present.rolling),
        secrets,
        file=bool(params["bypass_file"]),
    )


def _carry_out(call: Call, api: Api, before: t.Optional[Project], wanted: Project) -> Project:
    """Make it so; the project as it is then."""
    params = call.params
    present = before or _create(call, api)
    body = settings.patch(present.settings, settings.wanted_of(params, present.settings))
    if body:
        api.change("change the project's settings", "PATCH", f"/v9/projects/{present.id}", body, repeat=True)
    if wanted.rolling != present.rolling:
        path = f"/v1/projects/{present.id}/rolling-release/config"
        api.change("set the rolling release's template", "PATCH", path, settings.rolling_body(wanted.rolling), repeat=True)
    _secure(call, api, present, wanted)
    return _again(call, api)


def _again(call: Call, api: Api) -> Project:
    found = _read(call, api)
    if found is None:
        raise NotFoundError(f"project: '{call.params['project']}' was made, but Vercel does not show it.", hint="Run the task again.")
    return found


def _create(call: Call, api: Api) -> Project:
    """A new project; where an answer was lost, looking tells whether it is there already."""
    name = call.params["project"]
    for _try in range(ROUNDS):
        try:
            api.change(f"make the project {name}", "POST", "/v11/projects", {"name": name}, repeat=False)
        except LostAnswerError:
            found = _read(call, api)
            if found is None:
                continue
            return found
        except ApiError as exc:
            if exc.status != 409:
                raise
        break
    return _again(call, api)


def _secure(call: Call, api: Api, present: Project, wanted: Project) -> None:
    """The secret for automation, in the project and in its file."""
    params = call.params
    given, path = params["bypass_secret"], params["bypass_file"]
    secrets = list(present.secrets)
    if wanted.secrets != present.secrets:
        secrets = bypass.make(api, present.id, given)
        for secret in secrets:
            call.mask(secret)
    if path and not present.file:
        bypass.keep_in(path, given or secrets[0])


def _prove(params: t.Mapping[str, t.Any], wanted: Project, after: Project) -> None:
    """What was asked for has to be there, and nothing else is promised."""
    want, have = wanted.shown(params), after.shown(params)
    asked = {name for name, value in want.items() if params.get(name) is not None or name in {"bypass", "bypass_file", "rolling_release"}}
    wrong = sorted(
        name for name in asked - (LEFT_TO_VERCEL if params["skew_protection_max_age"] is None else frozenset()) if want[name] != have[name]
    )
    if wrong:
        raise ConflictError(
            f"Vercel took the change, but shows another value of {', '.join(wrong)}.",
            hint="The plan may not include it, or somebody else changes the project at the same time.",
        )
