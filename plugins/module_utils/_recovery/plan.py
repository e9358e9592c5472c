# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recovery plan: steps that need each other, read from the inventory and refused before anything begins. Pure."""

from __future__ import annotations

import dataclasses
import graphlib
import math
import re
import typing as t

Record = t.Mapping[str, t.Any]
KEYS = ("id", "description", "depends_on", "estimate", "critical", "action", "left_out", "validation")
_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclasses.dataclass(frozen=True)
class Step:
    """One step. `estimate` in minutes; `action` names what does it, `left_out` says why nothing does: one of the two is empty."""

    id: str
    description: str
    depends_on: tuple[str, ...]
    estimate: float
    critical: bool
    action: str
    left_out: str
    validation: tuple[t.Any, ...]

    def as_dict(self) -> dict[str, t.Any]:
        """Plain data."""
        return {**dataclasses.asdict(self), "depends_on": list(self.depends_on), "validation": list(self.validation)}


@dataclasses.dataclass(frozen=True)
class Plan:
    """Checked steps, each after those that it needs. `levels`: ids of steps that do not need each other, level after level."""

    steps: tuple[Step, ...]
    levels: tuple[tuple[str, ...], ...]

    def step(self, step_id: str) -> Step:
        """The step of that id."""
        return next(step for step in self.steps if step.id == step_id)

    @property
    def critical_path(self) -> tuple[str, ...]:
        """Ids of the steps that take longest one after the other."""
        return _longest_path(self.steps)

    @property
    def estimate(self) -> float:
        """Minutes along the critical path: sooner it cannot be over, however many hands there are."""
        return sum(self.step(step_id).estimate for step_id in self.critical_path)


def read_plan(raw: t.Any, rto: float, actions: t.Collection[str]) -> tuple[t.Optional[Plan], list[str]]:
    """The plan, or None and a sentence for everything that is wrong. `rto` in minutes; `actions` are those that can be done."""
    if not isinstance(raw, (list, tuple)) or not raw:
        return None, ["The plan has no steps; give a list of them."]
    problems = [problem for number, each in enumerate(raw, 1) for problem in _misshapen(each, f"step {number}")]
    if problems:
        return None, problems
    steps = [_step(each) for each in raw]
    problems = [*_duplicates(steps), *_strange_dependencies(steps), *_without_action(steps, actions)]
    levels = [] if problems else _levels(steps, problems)
    if problems:
        return None, problems
    plan = Plan(tuple(next(step for step in steps if step.id == step_id) for level in levels for step_id in level), tuple(levels))
    problems = _hopeless(plan, rto)
    return (None if problems else plan), problems


def checked_plan(steps: t.Sequence[Record]) -> Plan:
    """The plan of steps that `read_plan` has checked, as `as_dict` showed them."""
    read = [_step(step) for step in steps]
    levels = _levels(read, [])
    return Plan(tuple(read), tuple(levels))


def _step(raw: Record) -> Step:
    return Step(
        id=raw["id"],
        description=raw["description"],
        depends_on=tuple(raw.get("depends_on") or ()),
        estimate=float(raw["estimate"]),
        critical=raw.get("critical", False),
        action=raw.get("action") or "",
        left_out=raw.get("left_out") or "",
        validation=tuple(raw.get("validation") or ()),
    )


def _misshapen(raw: t.Any, place: str) -> t.Iterator[str]:
    """What is wrong with one step by itself."""
    if not isinstance(raw, dict):
        yield f"{place} is {type(raw).__name__}, not a dictionary."
        return
    place = f"{place} ({raw['id']})" if isinstance(raw.get("id"), str) else place
    unknown = sorted(set(map(str, raw)) - set(KEYS))
    if unknown:
        yield f"{place}: '{unknown[0]}' is not known; a step has {', '.join(KEYS)}."
    if not _ID.fullmatch(str(raw.get("id", ""))):
        yield f"{place}: id is {raw.get('id')!r}; use up to 32 lower-case letters, digits and '_', beginning with a letter."
    for name in ("description", "action", "left_out"):
        if not isinstance(raw.get(name) or "", str) or (name == "description" and not raw.get(name)):
            yield f"{place}: {name} is {raw.get(name)!r}; give a text."
    for name in ("depends_on", "validation"):
        if not isinstance(raw.get(name) or [], (list, tuple)):
            yield f"{place}: {name} is {raw.get(name)!r}; give a list."
    if not isinstance(raw.get("critical", False), bool):
        yield f"{place}: critical is {raw['critical']!r}; give true or false."
    if not _is_minutes(raw.get("estimate")):
        yield f"{place}: estimate is {raw.get('estimate')!r}; give minutes, a number above 0."


def _is_minutes(value: t.Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value > 0


def _duplicates(steps: t.Sequence[Step]) -> list[str]:
    ids = [step.id for step in steps]
    return [f"The id {step_id} is there {ids.count(step_id)} times; each step needs its own." for step_id in _repeated(ids)]


def _repeated(ids: t.Sequence[str]) -> list[str]:
    return [step_id for step_id in dict.fromkeys(ids) if ids.count(step_id) > 1]


def _strange_dependencies(steps: t.Sequence[Step]) -> list[str]:
    known = {step.id for step in steps}
    return [
        f"{step.id} depends on {needed}, and no step is called so; there are {', '.join(sorted(known))}."
        for step in steps
        for needed in step.depends_on
        if needed not in known
    ]


def _without_action(steps: t.Sequence[Step], actions: t.Collection[str]) -> list[str]:
    """A step that nobody does must say so: a report that lists it as done would lie."""
    problems = []
    for step in steps:
        if bool(step.action) == bool(step.left_out):
            said = "both an action and left_out" if step.action else "no action"
            problems.append(f"{step.id} has {said}; name what does it in action, or say in left_out why nothing does.")
        elif step.action and step.action not in actions:
            problems.append(f"{step.id}: the action '{step.action}' is not known; there are {', '.join(sorted(actions))}.")
    if all(step.left_out for step in steps):
        problems.append("Every step is left out, so that nothing would be done.")
    return problems


def _levels(steps: t.Sequence[Step], problems: list[str]) -> list[tuple[str, ...]]:
    """Steps by level, in the order in which the plan names them; a cycle is added to `problems`."""
    sorter = graphlib.TopologicalSorter({step.id: step.depends_on for step in steps})
    try:
        sorter.prepare()
    except graphlib.CycleError as exc:
        # It names each step before the one that needs it.
        problems.append(f"The steps wait for each other: {' needs '.join(reversed(exc.args[1]))}.")
        return []
    levels = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        levels.append(tuple(step.id for step in steps if step.id in ready))
        sorter.done(*ready)
    return levels


def _hopeless(plan: Plan, rto: float) -> list[str]:
    if not _is_minutes(rto):
        return [f"The RTO is {rto!r}; give minutes, a number above 0."]
    if plan.estimate <= rto:
        return []
    path = " → ".join(f"{step_id} {plan.step(step_id).estimate:g}" for step_id in plan.critical_path)
    return [f"By its own estimates the plan takes {plan.estimate:g} minutes ({path}), and the RTO is {rto:g}."]


def _longest_path(steps: t.Sequence[Step]) -> tuple[str, ...]:
    """`steps` in an order in which each comes after those that it needs."""
    minutes = {step.id: step.estimate for step in steps}
    best: dict[str, tuple[str, ...]] = {}

    def length(path: tuple[str, ...]) -> float:
        return sum(minutes[step_id] for step_id in path)

    for step in steps:
        before: tuple[str, ...] = max((best[needed] for needed in step.depends_on), key=length, default=())
        best[step.id] = (*before, step.id)
    return max(best.values(), key=length)
