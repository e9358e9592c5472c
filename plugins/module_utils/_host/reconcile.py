# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module host_slot: bring one slot into the wanted state, in one process."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pwd
import shutil
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._host import artifact
from ansible_collections.holdfast.webops.plugins.module_utils._host.arguments import choose_supervisor
from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import secrets_in
from ansible_collections.holdfast.webops.plugins.module_utils._host.health import Answer, ask
from ansible_collections.holdfast.webops.plugins.module_utils._host.layout import Layout
from ansible_collections.holdfast.webops.plugins.module_utils._host.processes import listeners
from ansible_collections.holdfast.webops.plugins.module_utils._host.slot import (
    Present,
    Wanted,
    is_as_wanted,
    shown,
    shown_when_absent,
    shown_when_started,
    shown_when_stopped,
    wanted_of,
)
from ansible_collections.holdfast.webops.plugins.module_utils._host.status import slot_status
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor import Supervisor
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal

HEALTH_TIMEOUT_SECONDS = 5
LOOK_EVERY_SECONDS = 0.2
SETTLE_SECONDS = 3
LINES_SHOWN = 20
# A process that ended so often while it was waited for will not get better by waiting.
MOST_STARTS = 2


def reconcile_slot(call: Call) -> Outcome:
    """Check the order, look, do what is missing, look again."""
    check_portal(call.params["portal"])
    for secret in secrets_in(call.params["environment"]):
        call.mask(secret)
    layout = Layout(call.params["root"])
    wanted = wanted_of(layout, call.params)
    keeper = SlotKeeper(call, layout, wanted, choose_supervisor(call.params), SystemClock())
    layout.fence.check(call.params["fencing"])
    if call.check_mode:
        return keeper.predict()
    with layout.locked(keeper.clock):
        layout.fence.check(call.params["fencing"])
        layout.fence.note(call.params["fencing"])
        return keeper.reconcile()


@dataclasses.dataclass(frozen=True)
class SlotKeeper:
    """One order for one slot, and everything it takes to carry it out."""

    call: Call
    layout: Layout
    wanted: Wanted
    supervisor: Supervisor
    clock: Clock

    @property
    def slot(self) -> str:
        return self.wanted.program.slot

    @property
    def state(self) -> str:
        return str(self.call.params["state"])

    @property
    def sha256(self) -> str | None:
        """The checksum that the artifact must have."""
        return t.cast("t.Optional[str]", self.wanted.metadata["artifact_sha256"])

    def look(self) -> Present:
        """The slot as it is now."""
        status = self.supervisor.status(self.wanted.program.name)
        started = self.state == "started"
        return Present(
            status=status,
            metadata=self.layout.read_metadata(self.slot),
            current=self.layout.current_release(self.slot),
            environment=read_if_there(self.layout.environment(self.slot)),
            defined=self.supervisor.is_defined(self.wanted.program) if started else self.supervisor.starts_with_host(self.wanted.program),
            answer=self.ask() if started and status.state == "running" else None,
        )

    def look_when_settled(self) -> Present:
        """The slot once its process is neither coming nor going; one that began a second ago is not to be started anew."""
        name = self.wanted.program.name
        with contextlib.suppress(DeadlineError):
            wait_until(
                lambda: self.supervisor.status(name).state not in ("starting", "stopping"),
                clock=self.clock,
                timeout=SETTLE_SECONDS,
                interval=LOOK_EVERY_SECONDS,
                what="a settled process",
            )
        return self.look()

    def ask(self) -> Answer:
        """One health request to the slot's own port."""
        params = self.call.params
        host = "127.0.0.1" if params["host"] in ("0.0.0.0", "::", "") else params["host"]  # noqa: S104 - compared, not bound
        return ask(host, params["port"], params["health_path"], HEALTH_TIMEOUT_SECONDS)

    def predict(self) -> Outcome:
        """What `reconcile` would do, nothing touched."""
        before = self.look_when_settled()
        warnings: tuple[str, ...] = ()
        if self.state == "started" and not self._is_unpacked():
            path = self.call.params["artifact"]
            if path and os.path.exists(path):
                artifact.check_artifact(path, self.sha256)
            else:
                warnings = (f"artifact: {path} is not on this host yet, so its checksum could not be looked at.",)
        return self._outcome(before, self._expected(before), before, pruned=[], warnings=warnings)

    def reconcile(self) -> Outcome:
        """Do what is missing; unchanged when nothing is."""
        before = self.look_when_settled()
        if self._is_done(before):
            return self._outcome(before, self._expected(before), before, pruned=[])
        {"started": self._start, "stopped": self._stop, "absent": self._remove}[self.state](before)
        pruned = artifact.prune(self.layout, self.call.params["keep_releases"]) if self.state == "started" else []
        after = self.look()
        return self._outcome(before, shown(after, before.environment), after, pruned=pruned)

    def _is_done(self, present: Present) -> bool:
        if self.state == "started":
            return is_as_wanted(present, self.wanted)
        if self.state == "absent":
            return not present.exists
        return not present.status.active and not present.defined

    def _expected(self, before: Present) -> dict[str, t.Any]:
        if self.state == "started":
            return shown_when_started(self.wanted, before.environment)
        return shown_when_absent() if self.state == "absent" else shown_when_stopped(shown(before, before.environment))

    def _outcome(
        self, before: Present, after: dict[str, t.Any], now: Present, *, pruned: list[str], warnings: tuple[str, ...] = ()
    ) -> Outcome:
        values = {
            "slot": slot_status(self.layout, self.supervisor, self.call.params["portal"], self.slot),
            "previous": before.metadata,
            "health": now.answer.as_dict() if now.answer else None,
            "pruned": pruned,
        }
        return Outcome(shown(before, before.environment), after, values, warnings + self._unkept_limits())

    def _unkept_limits(self) -> tuple[str, ...]:
        unkept = [name for name in self.supervisor.cannot_limit if name in self.wanted.program.limits.shown()]
        return tuple(f"limits.{name}: the supervisor of this host cannot limit it; the slot runs without." for name in unkept)

    def _is_unpacked(self) -> bool:
        return artifact.is_unpacked(self.layout, self.wanted.release_id, self.sha256)

    def _start(self, before: Present) -> None:
        params = self.call.params
        if not self._is_unpacked():
            if not params["artifact"]:
                raise WebopsError(
                    f"artifact: release {self.wanted.release_id} is not unpacked here yet.", hint="Give the path of its artifact."
                )
            artifact.check_artifact(params["artifact"], self.sha256)
            self.layout.prepare(self.slot)
            artifact.unpack(self.layout, self.wanted.release_id, params["artifact"], self.sha256, self.clock)
        self.layout.prepare(self.slot)
        self.supervisor.halt(self.wanted.program)
        self._refuse_taken_port()
        self._write()
        self.supervisor.start(self.wanted.program)
        self._wait_until_healthy(before)

    def _write(self) -> None:
        """The environment for the application's user alone, the link, and the record of what is on the slot."""
        write_atomic(self.layout.environment(self.slot), self.wanted.environment)
        user = self.call.params["user"]
        if user and os.geteuid() == 0:
            found = pwd.getpwnam(user)
            os.chown(self.layout.environment(self.slot), found.pw_uid, found.pw_gid)
        self.layout.point(self.slot, self.wanted.release_id)
        write_atomic(self.layout.metadata(self.slot), json.dumps(self.wanted.metadata, sort_keys=True).encode("utf-8"))

    def _refuse_taken_port(self) -> None:
        port = self.call.params["port"]
        taken = listeners(port)
        if taken:
            raise ConflictError(
                f"port: {port} is taken by {', '.join(taken)}; slot {self.slot} is stopped.", hint="End that process, or give another port."
            )

    def _wait_until_healthy(self, before: Present) -> None:
        timeout = self.call.params["start_timeout"]
        what = f"slot {self.slot} to be healthy"
        begun: set[str] = set()
        try:
            wait_until(lambda: self._is_ready(begun), clock=self.clock, timeout=timeout, interval=LOOK_EVERY_SECONDS, what=what)
        except (DeadlineError, _HopelessError) as exc:
            raise self._not_started(before, exc) from exc

    def _is_ready(self, begun: set[str]) -> bool:
        """Whether it can take traffic; `begun` collects the starts of its process that were seen."""
        status = self.supervisor.status(self.wanted.program.name)
        if status.state in ("failed", "stopped", "absent"):
            raise _HopelessError(f"Its process ended: {status.said or status.state}.")
        begun.add(status.begun)
        if len(begun) > MOST_STARTS:
            raise _HopelessError(f"Its process ended {MOST_STARTS} times: {status.said}.")
        return status.state == "running" and self.ask().healthy

    def _not_started(self, before: Present, reason: WebopsError) -> WebopsError:
        """Everything that helps to see why, gathered before the slot is stopped."""
        answer, status = self.ask(), self.supervisor.status(self.wanted.program.name)
        listening = listeners(self.call.params["port"])
        lines = self.supervisor.output(self.wanted.program, LINES_SHOWN)
        with contextlib.suppress(WebopsError):
            self.supervisor.stop(self.wanted.program)
        said = "\n".join(lines) or "(it wrote nothing)"
        return WebopsError(
            f"Release {self.wanted.release_id} did not start on slot {self.slot}, which is stopped now. {reason} Health: {answer}. "
            f"Port {self.call.params['port']}: {', '.join(listening) + ' listens' if listening else 'nobody listens'}. "
            f"{_hint(answer, listening)} Its last output:\n{said}",
            health=answer.as_dict(),
            supervisor_said=status.said,
            listening=listening,
            output=lines,
            previous=before.metadata,
        )

    def _stop(self, _before: Present) -> None:
        self.supervisor.stop(self.wanted.program)

    def _remove(self, _before: Present) -> None:
        self.supervisor.remove(self.wanted.program)
        shutil.rmtree(self.layout.slot(self.slot), ignore_errors=True)


class _HopelessError(WebopsError):
    """Waiting longer cannot help."""


def _hint(answer: Answer, listening: t.Sequence[str]) -> str:
    if answer.location:
        return "health_path must answer 2xx itself; a redirect does not count."
    if not listening:
        return "Does the application listen on the address in the environment variables HOST and PORT?"
    return "Look at its log, and at what health_path answers."
