# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `slot_router`: files first, the running router second, proof third."""

from __future__ import annotations

import contextlib
import dataclasses
import time
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._host.processes import machine
from ansible_collections.holdfast.webops.plugins.module_utils._traffic import certificates, settings
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.draining import drain
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import RuntimeSocket
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.router_files import RouterFiles
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.settings import Settings, Tables, other_slot
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.slots import router_shown, servers_shown, standing


@dataclasses.dataclass
class Router:
    """One router: its files and its socket. `socket` is None while it is not running."""

    files: RouterFiles
    socket: RuntimeSocket | None

    def live_tables(self) -> Tables | None:
        """What the running router holds."""
        if self.socket is None:
            return None
        return {name: self.socket.table(self.files.path(name)) for name in settings.TABLE_NAMES}

    def write(self, tables: Tables) -> None:
        """Durable first, so that a router that dies half-way comes back with what was meant; then live; then compared."""
        self.files.write(tables)
        if self.socket is None:
            return
        for name in settings.TABLE_NAMES:
            self.socket.write_table(self.files.path(name), tables[name])
        left = settings.drift(tables, t.cast(Tables, self.live_tables()))
        if left:
            raise WebopsError(f"The router took the change, but does not show it: {'; '.join(left)}.", hint="Look at its log.")


def open_router(params: dict[str, t.Any], *, must_run: bool) -> Router:
    """The router that the options `directory` and `socket` name; RouterDownError when it must run and does not."""
    files = RouterFiles(params["directory"])
    socket = RuntimeSocket(params["socket"] or files.path("router.sock"))
    if must_run:
        socket.ask("show version")
        return Router(files, socket)
    return Router(files, socket if socket.is_running() else None)


def route(call: Call, clock: Clock | None = None) -> Outcome:
    """Bring a router to what the task asks for."""
    clock = clock or SystemClock()
    params = call.params
    settings.check(params)
    configures = params["state"] == "configured"
    router = open_router(params, must_run=not configures)
    if configures and not call.check_mode:
        router.files.create()
    with contextlib.ExitStack() as held:
        if not call.check_mode:
            held.enter_context(router.files.locked(clock=clock, lock_wait=params["lock_wait"]))
        outcome = _change(call, router, clock)
    if params["drain"] is None or call.check_mode:
        return outcome
    closed = drain(_running(router), params["drain"], clock=clock, timeout=params["drain_timeout"], force=params["drain_force"])
    servers = {**outcome.values["router"], "servers": servers_shown(_running(router))}
    return dataclasses.replace(outcome, values={**outcome.values, "router": servers, "drained": True, "sessions_closed": closed})


def show_router(call: Call) -> Outcome:
    """The use case of `slot_router_info`."""
    return Outcome({}, {}, {**inspect(call.params), "machine": machine()})


def inspect(params: dict[str, t.Any]) -> dict[str, t.Any]:
    """`router` and `drift`: what the running router says, or its files while it is down."""
    router = open_router(params, must_run=False)
    on_disk, live = router.files.tables(), router.live_tables()
    known = live if live is not None else on_disk
    shown = router_shown(
        router.socket, settings.from_tables(known) if known else None, router.files.fence.seen(), router.files.rolled_back()
    )
    drift = settings.drift(on_disk, live) if on_disk and live is not None else []
    return {"router": shown, "drift": drift}


def _change(call: Call, router: Router, clock: Clock) -> Outcome:
    """Read, plan, apply, look again."""
    params = call.params
    router.files.fence.check(params["fencing"])
    before, live = router.files.tables(), router.live_tables()
    if params["state"] == "routing":
        before = router.files.known_tables()
    present = settings.from_tables(before) if before else Settings()
    plan = settings.wanted(present, params)
    _check_drain(plan, params["drain"], router)
    held, renewed = certificates.renewal(router.socket, params["certificate"])
    took, warning = None, None
    if not call.check_mode:
        if live is not None:
            warning = _wait_for_health(router, settings.rising(settings.from_tables(live), plan), clock, params["wait_timeout"])
        router.files.fence.note(params["fencing"])
        if before != plan.tables() or (live is not None and live != plan.tables()):
            took = _timed(lambda: router.write(plan.tables()))
        if renewed and router.socket:
            certificates.hand_over(router.socket, renewed)
    return Outcome(
        before={"files": _shown(before), "router": _shown(live), "certificate": held},
        after={
            "files": plan.shown(),
            "router": plan.shown() if live is not None else None,
            "certificate": renewed.fingerprint if renewed else held,
        },
        values={
            "router": router_shown(router.socket, plan, max(params["fencing"] or 0, router.files.fence.seen()), router.files.rolled_back()),
            "drift": settings.drift(before, live) if before and live is not None else [],
            "drained": None,
            "sessions_closed": 0,
            "switch_ms": took,
        },
        warnings=(warning,) if warning else (),
    )


def _shown(tables: Tables | None) -> dict[str, t.Any] | None:
    return None if tables is None else settings.from_tables(tables).shown()


def _timed(action: t.Callable[[], None]) -> float:
    """Milliseconds that an action takes."""
    start = time.perf_counter()
    action()
    return round((time.perf_counter() - start) * 1000, 2)


def _check_drain(plan: Settings, slot: str | None, router: Router) -> None:
    if slot is not None and router.socket is None:
        raise InputError(f"drain: no router is running that could have requests to {slot}.", hint="Leave the option out.")
    if slot is not None and plan.weights[slot]:
        raise ConflictError(
            f"drain: {slot} still gets {plan.weights[slot]} % of the traffic and would never run dry.",
            hint="Give the other slot all of it.",
        )


def _running(router: Router) -> RuntimeSocket:
    if router.socket is None:
        raise InputError("drain: no router is running.")
    return router.socket


def _wait_for_health(router: Router, slot: str | None, clock: Clock, timeout: float) -> str | None:
    """Traffic goes to a slot that the router itself finds healthy, or nowhere new; a warning when neither slot is.

    With both down there is nothing to protect, and an undo must not be stopped by it.
    """
    if slot is None or router.socket is None:
        return None
    socket, other = router.socket, other_slot(slot)

    def carries() -> bool:
        servers = socket.servers()
        return standing(servers, slot).carries(standing(servers, other))

    try:
        wait_until(carries, clock=clock, timeout=timeout, interval=0.1, what=slot)
        return None
    except DeadlineError as exc:
        servers = socket.servers()
        if not standing(servers, other).up:
            return f"The router finds neither slot healthy; {slot} got its share all the same."
        raise DeadlineError(
            f"The router finds {slot} not healthy ({standing(servers, slot)}) after {timeout:g} s; its share was not raised.",
            hint="Look at the slot's log and at its health path.",
        ) from exc
