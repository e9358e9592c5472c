# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of pgbackrest_restore: a whole cluster as it was at a moment, first beside the live one, then in its place."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_size
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest import client, cluster, questioning
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster, find_cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.questioning import Told, ask_all, read_questions
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.replacing import (
    MARKER,
    aside,
    finish,
    put_in_place,
    ready,
    write_marker,
)
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.scratch import (
    Fresh,
    fetch,
    forget_recovery,
    look_into,
    running,
    throw_away,
)
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.target import GRAMMAR, Choice, Finder
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.window import Window, folder_of, measure
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Target

ARGUMENTS: t.Final[dict[str, t.Any]] = {
    **cluster.ARGUMENTS,
    **cluster.PLACE_ARGUMENTS,
    **client.ARGUMENTS,
    **questioning.ARGUMENTS,
    "state": {"type": "str", "choices": ["proven", "restored"], "default": "proven"},
    "target": {"type": "str", "default": "latest"},
    "confirm": {"type": "str"},
    "force": {"type": "bool", "default": False},
    "checks": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "database": {"type": "str", "required": True},
            "query": {"type": "str", "required": True},
            "expect": {"type": "str"},
        },
    },
    "jobs": {"type": "int", "default": 2},
    "wait_timeout": {"type": "int", "default": 14400},
}
# WAL and what the recovery writes come on top of the files of the backup.
SPARE = 1.1


@dataclasses.dataclass(frozen=True)
class Plan:
    """What will be done: checked, and nothing touched yet."""

    target: Target
    choice: Choice
    window: Window
    place: str

    @property
    def lost_seconds(self) -> float:
        return round(max((self.window.now - self.choice.moment).total_seconds(), 0.0), 1)


def restore(call: Call) -> Outcome:
    """Read, plan, apply, look again; check mode ends after the plan."""
    params, commands, clock = call.params, Commands(), SystemClock()
    deadline = Deadline(clock, params["wait_timeout"])
    target = GRAMMAR.read(params["target"])
    server = find_cluster(commands, params)
    _check(params, server)
    read_questions(params)
    place = f"{server.data_dir}.holdfast-restore"
    marker = _marker(server.data_dir if os.path.isdir(server.data_dir) else ready(place))
    if params["state"] == "restored" and marker.get("target") == str(target) and not params["force"]:
        return _found(call, commands, server, ready(place), marker)
    backrest = client.PgBackRest(commands, server, params["stanza"], params["config_file"])
    call.progress.show("look at the archive")
    window = measure(commands, server, backrest)
    plan = Plan(target, Finder(commands, server, backrest, window, deadline).choose(target), window, place)
    _check_room(plan, server)
    before = {"restored": marker.get("target")}
    if call.check_mode:
        return _outcome(params, server, plan, before, None, Told(), None, 0.0)
    begun = clock.monotonic()
    for leftover in (place, ready(place)):
        throw_away(commands, server, leftover)
    fresh, told, kept = _carry_out(call, commands, backrest, server, plan, deadline)
    return _outcome(params, server, plan, before, fresh, told, kept, clock.monotonic() - begun)


def _check(params: t.Mapping[str, t.Any], server: Cluster) -> None:
    if params["state"] == "restored" and not server.name:
        raise InputError("data_dir names a cluster that Debian's tools do not know, which can be proven only.", hint="Swap it in by hand.")
    if params["state"] == "restored" and params["confirm"] != server.name:
        given = f"confirm is '{params['confirm']}'" if params["confirm"] else "confirm is missing"
        raise InputError(
            f"{given}, and cluster {server.name} with all of its databases would be replaced.",
            hint=f"Say confirm: {server.name} to mean it.",
        )
    if params["state"] == "restored" and os.path.ismount(server.data_dir):
        raise InputError(f"{server.data_dir} is a mount point and cannot be renamed.", hint="Move the cluster into a folder below it.")
    for name in ("jobs", "wait_timeout"):
        if params[name] < 1:
            raise InputError(f"{name} is {params[name]}.", hint="Give 1 or more.")


def _check_room(plan: Plan, server: Cluster) -> None:
    room = os.statvfs(os.path.dirname(server.data_dir))
    free, needed = room.f_bavail * room.f_frsize, int(plan.choice.copy.size * SPARE)
    if free < needed:
        raise InputError(
            f"The restored cluster needs {as_size(needed)} beside the live one; {os.path.dirname(server.data_dir)} has {as_size(free)}.",
            hint="Make room; nothing was touched.",
        )


def _marker(folder: str) -> dict[str, t.Any]:
    """What a finished restore wrote into its data directory."""
    content = read_if_there(os.path.join(folder, MARKER))
    return t.cast("dict[str, t.Any]", json.loads(content)) if content else {}


def _found(call: Call, commands: Commands, server: Cluster, place: str, marker: t.Mapping[str, t.Any]) -> Outcome:
    """This target was restored before; a run that was killed while it swapped is finished now."""
    halfway = not os.path.isdir(server.data_dir) or not cluster.answers(commands, server)
    if halfway and not call.check_mode:
        finish(commands, server, place)
    shown = {**dataclasses.asdict(Told()), **marker["shown"], "cluster": server.name}
    return Outcome({"running": not halfway}, {"running": True}, {"physical": shown, "restored": True})


def _carry_out(
    call: Call, commands: Commands, backrest: client.PgBackRest, server: Cluster, plan: Plan, deadline: Deadline
) -> tuple[Fresh, Told, str | None]:
    params, clock = call.params, SystemClock()
    begun = clock.monotonic()
    try:
        call.progress.show(f"restore | {as_size(plan.choice.copy.size)} from {plan.choice.copy.label}")
        fetch(backrest, server, plan.choice, plan.place, jobs=params["jobs"], timeout=deadline.remaining())
        call.progress.show(f"restore | recover to {plan.target}")
        with folder_of(server) as folder, running(commands, clock, server, plan.place, folder, deadline) as scratch:
            fresh = look_into(commands, scratch, params["checks"])
            told = ask_all(scratch, read_questions(params), clock, deadline)
        if params["state"] == "proven":
            return fresh, told, None
        forget_recovery(plan.place)
        kept = aside(server.data_dir, clock.now())
        shown = _shown(server, plan, fresh, told, kept, clock.monotonic() - begun)
        write_marker(plan.place, {"target": str(plan.target), "shown": shown})
        call.progress.show("restore | swap in")
        os.rename(plan.place, ready(plan.place))
        put_in_place(commands, server, ready(plan.place), kept)
        return fresh, told, kept
    finally:
        throw_away(commands, server, plan.place)


def _shown(server: Cluster, plan: Plan, fresh: Fresh | None, told: Told, kept: str | None, seconds: float) -> dict[str, t.Any]:
    """The documented value `physical`."""
    return {
        "cluster": server.name or None,
        "target": str(plan.target),
        "moment": iso(plan.choice.moment),
        "lost_seconds": plan.lost_seconds,
        "newest": iso(t.cast(datetime.datetime, plan.window.newest)),
        "backup": plan.choice.copy.label,
        "repository": plan.choice.copy.repository,
        "size": plan.choice.copy.size,
        "databases": fresh.databases if fresh else [],
        "checks": fresh.checks if fresh else [],
        "validations": list(told.validations),
        "youngest_change": told.youngest_change,
        "data_dir": server.data_dir,
        "kept": kept,
        "duration_s": round(seconds, 1),
    }


def _outcome(
    params: t.Mapping[str, t.Any],
    server: Cluster,
    plan: Plan,
    before: dict[str, t.Any],
    fresh: Fresh | None,
    told: Told,
    kept: str | None,
    seconds: float,
) -> Outcome:
    restored = params["state"] == "restored"
    values = {"physical": _shown(server, plan, fresh, told, kept, seconds), "restored": restored}
    # A proof leaves nothing behind.
    after = {"restored": f"{plan.target} (again)" if before["restored"] == str(plan.target) else str(plan.target)} if restored else before
    return Outcome(before, after, values, plan.window.problems)
