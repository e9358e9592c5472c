# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages of one portal in one run, from the results of its tasks. Pure: results and moments in, lines out.

The stages of a release are what its ledger says, so that the screen and the record cannot differ. Where no ledger speaks, as in
a backup, each task that does something is a stage.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration
from ansible_collections.holdfast.webops.plugins.module_utils._host.fleet import failure_reason
from ansible_collections.holdfast.webops.plugins.plugin_utils.course_words import TOLD, entry_words, one_line, outcomes, verdict_words

Record = t.Mapping[str, t.Any]
NAMES: t.Final = {"backup": "back up", "rollback": "roll back"}
BEGUN = " ..."
AFTER_UNREACHABLE = (
    "Traffic stays where it is, and nothing was undone. When the host is back, run the same command again: it goes on, or takes back"
    " what is too old. Until the lease has run out, only its owner may."
)
STEP_ENDS: t.Final = {"completed": "done", "failed": "FAILED"}


@dataclasses.dataclass
class Stage:
    """One stage: `began` and `ended` are moments of one clock in seconds."""

    name: str
    began: float
    ended: float | None = None
    how: str = "not finished"
    says: str = ""

    def line(self) -> str:
        """For a screen."""
        took = "" if self.ended is None else f" in {_took(self.ended - self.began)}"
        return f"{self.name}: {self.how}{took}{f' - {self.says}' if self.says else ''}"


@dataclasses.dataclass
class Course:
    """What happened on one host. `purpose` is what the run is for, `outcome` how it ended, in words."""

    began: float
    stages: list[Stage] = dataclasses.field(default_factory=list)
    purpose: str = ""
    outcome: str = ""

    @property
    def running(self) -> Stage | None:
        """The stage that has begun and not ended."""
        return self.stages[-1] if self.stages and self.stages[-1].ended is None else None

    def done(self, module: str, result: Record, began: float, now: float) -> list[str]:
        """The lines about a task that ended well."""
        if module == "release_ledger":
            return [line for entry in result.get("entries") or () for line in self._entry(entry, began, now)]
        stage, words = TOLD.get(module, ("", None))
        says = words(result) if words else ""
        if not says:
            return []
        if self.running:
            self.running.says = says
            return [f"{self.running.name}: {says}"]
        self.stages.append(Stage(stage, began, now, "done", says))
        return [self.stages[-1].line()]

    def _entry(self, entry: Record, began: float, now: float) -> list[str]:
        event, data = str(entry.get("event")), entry.get("data") or {}
        subject, _dot, end = event.partition(".")
        if event == "release.opened":
            return [self._opened(data)]
        if subject == "release":
            return self._release(end, data)
        if subject == "recovery":
            return self._recovery(end, data, now)
        if event == "rollback.completed":
            return self._back(data, now)
        if end == "started":
            return [self._begun(subject, data, now)]
        if end in STEP_ENDS and self._is_running(subject, data):
            return [self._ended(STEP_ENDS[end], entry_words(event, data), now)]
        return self._noted(event, data, began, now)

    def _opened(self, data: Record) -> str:
        wanted, replaces = data.get("release") or {}, data.get("replaces")
        self.purpose = f"deploy {wanted.get('version')}"
        return f"{self.purpose} on {data.get('slot')}" + (f", in place of {replaces}" if replaces else ", the first release")

    def _release(self, end: str, data: Record) -> list[str]:
        said = {
            "live": "live: all users get it, the public address shows it",
            "completed": "live, and found good",
            "failed": f"did not go live, and was undone: {one_line(data.get('reason') or 'no reason was given')}",
        }
        self.outcome = said.get(end, end)
        return [self.outcome] if end != "completed" else []

    def _recovery(self, end: str, data: Record, now: float) -> list[str]:
        """Its steps are known once they have ended: each begins where the one before it ended."""
        if end == "stepped":
            began = next((stage.ended for stage in reversed(self.stages) if stage.ended is not None), self.began)
            how = STEP_ENDS.get(str(data.get("status")), str(data.get("status")))
            self.stages.append(Stage(str(data.get("id")), began, now, how, one_line(data.get("says") or "")))
            return [self.stages[-1].line()]
        self.purpose = self.purpose or str(data.get("recovery_id"))
        if end == "completed":
            self.outcome = str(data.get("verdict"))
        return [f"{self.purpose}: {self.outcome if end == 'completed' else end}"]

    def _back(self, data: Record, now: float) -> list[str]:
        target = data.get("to")
        self.outcome = f"back on {target.get('id') if isinstance(target, dict) else target}, slot {data.get('slot')}"
        if not self.running:
            self.stages.append(Stage(NAMES["rollback"], self.began))
        return [self._ended(STEP_ENDS["completed"], self.outcome, now)]

    def _begun(self, subject: str, data: Record, now: float) -> str:
        self.stages.append(Stage(_named(subject, data), now))
        return f"{self.stages[-1].name}{BEGUN}"

    def _is_running(self, subject: str, data: Record) -> bool:
        return self.running is not None and self.running.name in (_named(subject, data), _named(subject, {}))

    def _ended(self, how: str, says: str, now: float) -> str:
        stage = t.cast("Stage", self.running)
        news = says if says != stage.says else ""
        stage.ended, stage.how, stage.says = now, how, says or stage.says
        return dataclasses.replace(stage, says=news).line()

    def _noted(self, event: str, data: Record, began: float, now: float) -> list[str]:
        """An entry that ends nothing which this run began."""
        says = entry_words(event, data)
        if event.endswith(".recorded") or not (event.endswith((".completed", ".failed")) or says):
            return []
        self.stages.append(Stage(event.replace(".", " "), began, now, "recorded", says))
        return [self.stages[-1].line()]

    def failed(self, task: str, result: Record) -> list[str]:
        """The lines about a task that failed."""
        reason = one_line(failure_reason(result))
        result = next((item for item in outcomes(result) if item.get("failed") or item.get("unreachable")), result)
        said = verdict_words(result.get("verdict")) if isinstance(result.get("verdict"), dict) else ""
        if self.outcome == f"FAILED: {reason}":  # said already, by the task whose failure this one hands on
            return []
        self.outcome = f"FAILED: {reason}"
        if self.running:
            self.running.says = reason
        return [f"FAILED at '{one_line(task)}': {reason}", *([said] if said else []), *_last_words(result)]

    def unreachable(self, reason: str, now: float) -> list[str]:
        """Nobody undoes anything then: the host cannot be spoken to."""
        stage = self.running
        if stage:
            stage.ended, stage.how, stage.says = now, "broken off", "the host cannot be reached"
        self.outcome = "BROKEN OFF: the host cannot be reached"
        return [f"{self.outcome}: {one_line(reason)}", AFTER_UNREACHABLE]

    def summary(self, now: float) -> list[str]:
        """The end: how the run went, and its stages with their durations."""
        if not self.stages and not self.outcome:
            return []
        head = ": ".join(filter(None, [self.purpose, self.outcome or "done"]))
        width = max((len(stage.name) for stage in self.stages), default=0)
        return [f"{head} (after {_took(now - self.began)})", *(_row(stage, width) for stage in self.stages)]


def _named(subject: str, data: Record) -> str:
    name = NAMES.get(subject, subject)
    return f"{name} {data['percent']} %" if subject == "shift" and "percent" in data else name


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else as_duration(seconds)


def _row(stage: Stage, width: int) -> str:
    took = "-" if stage.ended is None else _took(stage.ended - stage.began)
    return f"  {stage.name:<{width}}  {took:>10}  {stage.how}{f' - {stage.says}' if stage.says else ''}"


def _last_words(result: Record) -> list[str]:
    """What a program said last, where one failed."""
    for name in ("module_stderr", "stderr", "module_stdout", "stdout"):
        if text := str(result.get(name) or "").strip():
            return [f"  {one_line(line)}" for line in text.splitlines()[-10:]]
    return []
