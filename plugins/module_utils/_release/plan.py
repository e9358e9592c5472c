# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The course of a run, step by step, before it runs: what check mode shows. Pure.

The steps are those that the ledger will have as `<step>.started`, in its order.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._release.course import SLOTS

Record = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Outlook:
    """What check mode found out.

    `backup` is {changed, backup}, None where none is asked for; `migrations` is {applied, pending}, None for a portal without any;
    `contracted` says that an earlier run of the release may have contracted the schema already; `seeds` is what is said of seed data.
    """

    steps: tuple[int, ...]
    analysis: Record
    backup: t.Optional[Record] = None
    migrations: t.Optional[Record] = None
    contracted: bool = False
    seeds: str = ""


def plan_steps(course: Record, outlook: Outlook) -> list[dict[str, t.Any]]:
    """The steps of a course, each with what it will do."""
    if course["action"] == "none":
        return []
    expands, contracts = _migrations(outlook.migrations)
    done, slot = course["steps_done"], course["slot"]
    steps: list[dict[str, t.Any]] = []
    if course["undo"]:
        steps.append({"step": "undo", "release": course["undo"]["id"], "slot": course["undo"]["slot"]})
    if "backup" not in done:
        steps.append({"step": "backup", **_backup(outlook.backup)})
    if course["from_percent"] == 0:
        seeds = {"seeds": outlook.seeds} if outlook.seeds else {}
        steps += [{"step": "expand", "migrations": expands, **seeds}, {"step": "stage", "slot": slot}, {"step": "verify", "slot": slot}]
    watched = outlook.analysis["window"]
    steps += [{"step": "shift", "percent": each, "watched": watched} for each in outlook.steps if each > course["from_percent"]]
    if "contract" not in done:
        steps.append({"step": "contract", "migrations": contracts})
    old = SLOTS[1 - SLOTS.index(slot)]
    contracted = outlook.contracted or (contracts and "contract" not in done)
    return [*steps, {"step": "retire", "slot": old, "becomes": "stopped" if contracted else "warm"}]


def _migrations(found: Record | None) -> tuple[list[str], list[str]]:
    """Those that run before the traffic moves, and those that run after it."""
    if not found:
        return [], []
    applied = list(found["applied"])
    return applied, [version for version in found["pending"] if version not in applied]


def _backup(found: Record | None) -> dict[str, t.Any]:
    if not found:
        return {"makes_one": False, "backup": None}
    return {"makes_one": bool(found["changed"]), "backup": None if found["changed"] else (found["backup"] or {}).get("id")}


def plan_lines(course: Record, steps: t.Sequence[Record], gates: t.Sequence[Record]) -> list[str]:
    """The plan for a person."""
    numbered = [f"{number}. {_SAYS[str(step['step'])](step)}" for number, step in enumerate(steps, 1)]
    asked = [f"Gate {gate['gate']}: {'passed' if gate['passed'] else 'REFUSED'}. {gate['says']}" for gate in gates]
    return [str(course["reason"]), *asked, *numbered]


def _listed(versions: t.Sequence[str]) -> str:
    return f"{len(versions)} migration{'' if len(versions) == 1 else 's'}: {', '.join(versions)}" if versions else "nothing to migrate"


def _backup_line(step: Record) -> str:
    if step["makes_one"]:
        return "backup: a new one is made"
    return f"backup: {step['backup']} is young enough" if step["backup"] else "backup: none is asked for"


def _shift_line(step: Record) -> str:
    watched = f"watched for at least {step['watched']} s" if step["watched"] else "not watched"
    return f"shift: {step['percent']} % of the traffic, {watched}"


_SAYS: dict[str, t.Callable[[Record], str]] = {
    "undo": lambda step: f"undo: {step['release']} gives back its traffic and is stopped on {step['slot']}",
    "backup": _backup_line,
    "expand": lambda step: f"expand: {_listed(step['migrations'])}{'; seed data: ' + step['seeds'] if step.get('seeds') else ''}",
    "stage": lambda step: f"stage: on {step['slot']}",
    "verify": lambda step: f"verify: on {step['slot']}, before users see it",
    "shift": _shift_line,
    "contract": lambda step: f"contract: {_listed(step['migrations'])}",
    "retire": lambda step: f"retire: {step['slot']} is {step['becomes']} from then on",
}
