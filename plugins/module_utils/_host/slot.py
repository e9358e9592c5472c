# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a slot is to be and what it is, and whether the two agree. Pure but for looking up a user's name."""

from __future__ import annotations

import dataclasses
import os
import pwd
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import (
    Program,
    absolute,
    check_environment,
    program_name,
    render_environment,
)
from ansible_collections.holdfast.webops.plugins.module_utils._host.health import Answer
from ansible_collections.holdfast.webops.plugins.module_utils._host.layout import Layout
from ansible_collections.holdfast.webops.plugins.module_utils._host.limits import limits_from
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor import Status

Params = t.Mapping[str, t.Any]
# Under these names an application finds out what it is, unless the environment of the portal says otherwise.
_OWN = ("PORT", "HOST", "HOLDFAST_PORTAL", "HOLDFAST_SLOT", "HOLDFAST_RELEASE", "HOLDFAST_VERSION", "HOLDFAST_COMMIT")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A checked order for one slot. `metadata` is what release.json will say, `environment` the content of its file."""

    program: Program
    metadata: dict[str, t.Any]
    environment: bytes = b""

    @property
    def release_id(self) -> str:
        return str(self.metadata["release_id"])


@dataclasses.dataclass(frozen=True)
class Present:
    """What was found. `defined`: the supervisor knows it as wanted, and starts it with the machine."""

    status: Status
    metadata: dict[str, t.Any] | None
    current: str | None
    environment: bytes | None
    defined: bool
    answer: Answer | None = None

    @property
    def healthy(self) -> bool:
        return self.answer is not None and self.answer.healthy

    @property
    def exists(self) -> bool:
        return self.metadata is not None or self.status.state != "absent"


def is_as_wanted(present: Present, wanted: Wanted) -> bool:
    """Whether a slot needs nothing: the same release, command and environment run, and are healthy."""
    return (
        present.status.state == "running"
        and present.healthy
        and present.defined
        and present.metadata == wanted.metadata
        and present.current == wanted.release_id
        and present.environment == wanted.environment
    )


def shown_state(present: Present) -> str:
    """The state as the platform contract names it."""
    if not present.exists:
        return "absent"
    return "running" if present.status.state == "running" else "stopped"


def shown(present: Present, environment_before: bytes | None) -> dict[str, t.Any]:
    """A slot as diff and `changed` see it: without process ids and times, and without values of the environment."""
    return {
        "state": shown_state(present),
        "content": present.metadata,
        "current": present.current,
        "environment": described(present.environment, environment_before),
        "starts_with_host": present.defined,
        "healthy": present.healthy,
    }


def shown_when_started(wanted: Wanted, environment_before: bytes | None) -> dict[str, t.Any]:
    """What `shown` will say once the order was carried out."""
    return {
        "state": "running",
        "content": wanted.metadata,
        "current": wanted.release_id,
        "environment": described(wanted.environment, environment_before),
        "starts_with_host": True,
        "healthy": True,
    }


def shown_when_stopped(before: dict[str, t.Any]) -> dict[str, t.Any]:
    """The same for a slot that is stopped and keeps its content."""
    state = "absent" if before["state"] == "absent" else "stopped"
    return {**before, "state": state, "starts_with_host": False, "healthy": False}


def shown_when_absent() -> dict[str, t.Any]:
    """The same for a slot that is removed."""
    return {"state": "absent", "content": None, "current": None, "environment": "none", "starts_with_host": False, "healthy": False}


def described(environment: bytes | None, before: bytes | None) -> str:
    """An environment in words that give nothing away."""
    if environment is None:
        return "none"
    return "as before" if environment == before else "new"


def program_of(layout: Layout, params: Params, command: t.Sequence[str] = ()) -> Program:
    """The supervisor's program for a slot."""
    slot = params["slot"]
    return Program(
        name=program_name(params["portal"], slot),
        portal=params["portal"],
        slot=slot,
        command=absolute(command, layout.current(slot)) if command else (),
        directory=layout.current(slot),
        environment_file=layout.environment(slot),
        launcher=layout.launcher(slot),
        log=layout.log(slot),
        user=params["user"],
        stop_timeout=params["stop_timeout"],
        limits=limits_from(params.get("limits")),
    )


def wanted_of(layout: Layout, params: Params) -> Wanted:
    """The order in the options of a task, with every value checked."""
    for name, least in (("start_timeout", 1), ("stop_timeout", 1), ("keep_releases", 2)):
        if params[name] < least:
            raise InputError(f"{name}: {params[name]} is too small.", hint=f"Give {least} or more.")
    if params["state"] != "started":
        return Wanted(program_of(layout, params), {})
    _check_started(params)
    own = dict(zip(_OWN, (params["port"], params["host"], params["portal"], params["slot"], *_release_words(params["release"]))))
    environment = check_environment({**own, **params["environment"]}, params["secret_environment"])
    return Wanted(program_of(layout, params, params["command"]), _metadata(params, environment), render_environment(environment))


def _release_words(release: Params) -> tuple[str, str, str]:
    return release["id"], release["version"], release["commit"] or ""


def _metadata(params: Params, environment: t.Mapping[str, str]) -> dict[str, t.Any]:
    release = params["release"]
    return {
        "release_id": release["id"],
        "version": release["version"],
        "commit": release["commit"] or None,
        "artifact_sha256": params["artifact_sha256"] or None,
        "command": list(params["command"]),
        "environment_names": sorted(environment),
        "host": params["host"],
        "port": params["port"],
        "user": params["user"],
        "health_path": params["health_path"],
        "stop_timeout": params["stop_timeout"],
        "limits": limits_from(params["limits"]).shown(),
    }


def _check_started(params: Params) -> None:
    for name in ("release", "port"):
        if params[name] is None:
            raise InputError(f"{name}: it is null.", hint="A slot that is started needs it.")
    if not params["command"]:
        raise InputError("command: it is empty.", hint="Give the program and its arguments as a list.")
    if not 1 <= params["port"] <= 65535:
        raise InputError(f"port: {params['port']} is not a TCP port.", hint="Give a number from 1 to 65535.")
    if not params["health_path"].startswith("/") or any(character.isspace() for character in params["health_path"]):
        raise InputError(f"health_path: '{params['health_path']}' is not the path of a URL.", hint="Write it like /api/health.")
    if params["user"]:
        check_user(params["user"])


def check_user(name: str) -> None:
    """InputError unless the user exists and this process may become it."""
    try:
        found = pwd.getpwnam(name)
    except KeyError as exc:
        raise InputError(f"user: there is no user '{name}' on this host.", hint="Create it first, or leave user out.") from exc
    if os.geteuid() not in (0, found.pw_uid):
        raise InputError(f"user: only root can run programs as '{name}'.", hint="Use become, or leave user out.")
