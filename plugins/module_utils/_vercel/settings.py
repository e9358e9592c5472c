# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A project's settings and its rolling-release template: what the task wants against what is there. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

# Our option, and Vercel's name for it.
NAMES = {
    "framework": "framework",
    "build_command": "buildCommand",
    "install_command": "installCommand",
    "dev_command": "devCommand",
    "ignore_command": "commandForIgnoringBuildStep",
    "output_directory": "outputDirectory",
    "root_directory": "rootDirectory",
    "node_version": "nodeVersion",
    "function_region": "serverlessFunctionRegion",
    "auto_assign_custom_domains": "autoAssignCustomDomains",
    "git_fork_protection": "gitForkProtection",
    "skew_protection_max_age": "skewProtectionMaxAge",
}
# What a project has that never said otherwise.
UNSAID = {"auto_assign_custom_domains": True, "git_fork_protection": True, "skew_protection_max_age": 0}
UNPROTECTED = "none"
MANUAL, AUTOMATIC = "manual-approval", "automatic"
# Of Vercel's own limits.
MOST_STAGES, LONGEST_STAGE, LONGEST_SKEW = 10, 10_000, 30 * 24 * 3600
Plain = dict[str, t.Any]


def settings_of(project: t.Mapping[str, t.Any]) -> Plain:
    """A project's settings under our names; None where there is none."""
    found = {ours: project.get(theirs, UNSAID.get(ours)) for ours, theirs in NAMES.items()}
    protection = project.get("ssoProtection") or {}
    return {**found, "protection": protection.get("deploymentType") or UNPROTECTED}


def wanted_of(params: t.Mapping[str, t.Any], present: Plain) -> Plain:
    """The settings as the task wants them. What is not given stays; an empty text means Vercel's default."""
    wanted = {name: present[name] if params[name] is None else params[name] for name in present}
    return {name: None if value == "" else value for name, value in wanted.items()}


def patch(present: Plain, wanted: Plain) -> Plain:
    """The differences as Vercel's API takes them."""
    body = {NAMES[name]: wanted[name] for name in NAMES if wanted[name] != present[name]}
    if wanted["protection"] != present["protection"]:
        kind = wanted["protection"]
        body["ssoProtection"] = None if kind == UNPROTECTED else {"deploymentType": kind}
    return body


def check(params: t.Mapping[str, t.Any]) -> None:
    """What can be said before anything is read."""
    age = params["skew_protection_max_age"]
    if age is not None and not 0 <= age <= LONGEST_SKEW:
        raise InputError(f"skew_protection_max_age: {age} is not between 0 and {LONGEST_SKEW} seconds.")
    rolling = params["rolling_release"]
    if rolling is not None and rolling["enabled"]:
        _check_stages(rolling["stages"] or [], rolling["advancement"])


def _check_stages(stages: t.Sequence[t.Mapping[str, t.Any]], advancement: str) -> None:
    shares = [stage["share"] for stage in stages]
    if not 2 <= len(shares) <= MOST_STAGES or shares[-1] != 100 or sorted(set(shares)) != shares or shares[0] < 1:
        raise InputError(
            f"rolling_release.stages: shares of {', '.join(map(str, shares)) or 'nothing'} are no rolling release.",
            hint=f"2 to {MOST_STAGES} stages, each with a larger share than the one before, the last with 100.",
        )
    for stage in stages[:-1]:
        minutes = stage["minutes"]
        if advancement == "manual" and minutes is not None:
            raise InputError("rolling_release.stages.minutes: with advancement: manual a stage lasts until it is approved.")
        if advancement == "automatic" and (minutes is None or not 1 <= minutes <= LONGEST_STAGE):
            raise InputError(
                f"rolling_release.stages.minutes: with advancement: automatic, 1 to {LONGEST_STAGE} are needed, not {minutes}."
            )
    if stages[-1]["minutes"] is not None:
        raise InputError("rolling_release.stages.minutes: the last stage has no end.")


def rolling_of(config: t.Optional[t.Mapping[str, t.Any]]) -> t.Optional[Plain]:
    """Vercel's template under our names; None when rolling releases are off."""
    if not config or not config.get("stages"):
        return None
    stages = [{"share": stage.get("targetPercentage"), "minutes": stage.get("duration")} for stage in config["stages"]]
    automatic = any(stage["minutes"] is not None for stage in stages[:-1])
    return {"advancement": "automatic" if automatic else "manual", "stages": stages}


def rolling_wanted(wanted: t.Optional[t.Mapping[str, t.Any]], present: t.Optional[Plain]) -> t.Optional[Plain]:
    """The template as the task wants it."""
    if wanted is None:
        return present
    if not wanted["enabled"]:
        return None
    stages = [{"share": stage["share"], "minutes": stage["minutes"]} for stage in wanted["stages"]]
    return {"advancement": wanted["advancement"], "stages": stages}


def rolling_body(wanted: t.Optional[Plain]) -> Plain:
    """The template as Vercel's API takes it."""
    if wanted is None:
        return {"enabled": False}
    stages = [
        {"targetPercentage": stage["share"], **({} if stage["minutes"] is None else {"duration": stage["minutes"]})}
        for stage in wanted["stages"]
    ]
    return {"enabled": True, "advancementType": AUTOMATIC if wanted["advancement"] == "automatic" else MANUAL, "stages": stages}
