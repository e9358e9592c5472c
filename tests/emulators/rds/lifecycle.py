"""How an instance changes its state: accepted at once, done in the background, seen by whoever asks again."""

from __future__ import annotations

import threading
import time
import typing as t

import psycopg

from tests.emulators.postgres.cluster import RefusedSettingsError
from tests.emulators.rds.errors import RdsError
from tests.emulators.rds.instance import AVAILABLE
from tools.embedded.errors import EmbeddedError

if t.TYPE_CHECKING:
    from tests.emulators.rds.instance import Instance
    from tests.emulators.rds.world import World

LOOK_AGAIN_SECONDS = 0.02


class Step(t.NamedTuple):
    """A state on the way, and what is done in it."""

    state: str
    work: t.Callable[[], None]


class Failure(t.NamedTuple):
    """A rule of the kind `fault` makes it end in this state, without a server; so does what really fails."""

    fault: str
    state: str


CHANGE: t.Final = Failure("change_failed", "failed")


def nothing() -> None:
    """The work of a step in which time passes."""


def begin(
    world: World, instance: Instance, steps: t.Sequence[Step], *, then: str = AVAILABLE, failure: Failure = CHANGE, at_once: bool = False
) -> None:
    """Go through the steps and end in `then`. `at_once`: the first state shows with the answer, else only when it was noticed.

    What is on its way already is finished first, and shows no more.
    """
    is_stuck = world.faults.one("stuck") is not None
    figures = world.faults.one(failure.fault)
    fails_in = None if figures is None else str(figures.get("status", failure.state))
    before, turn = instance.worker, object()
    instance.turn = turn
    if at_once or is_stuck or not world.settings.acceptance_seconds:
        _enter(world, instance, steps[0].state, turn)

    def run() -> None:
        if before is not None:
            before.join()
        _pass_time(lambda: 0.0 if at_once else world.settings.acceptance_seconds)
        outcome = _gone_through(world, instance, steps, failure.state, turn) if fails_in is None else _failed(world, instance, fails_in)
        _enter(world, instance, outcome or then, turn, is_last=True)

    if not is_stuck:
        instance.worker = threading.Thread(target=run, name=f"{instance.resource} {steps[0].state}", daemon=True)
        instance.worker.start()


def _gone_through(world: World, instance: Instance, steps: t.Sequence[Step], failed: str, turn: object) -> str | None:
    """None, or the state in which it failed."""
    for state, work in steps:
        _enter(world, instance, state, turn)
        begun = time.monotonic()
        try:
            work()
        except (EmbeddedError, OSError, RdsError, RefusedSettingsError, psycopg.Error) as exc:
            world.note(f"{instance.identifier}: {state}: {exc}")
            return failed
        _pass_time(lambda: world.settings.transition_seconds, begun)
    return None


def _failed(world: World, instance: Instance, state: str) -> str:
    """As it was asked for: the server is gone."""
    instance.database.stop()
    _pass_time(lambda: world.settings.transition_seconds)
    return state


def _pass_time(seconds: t.Callable[[], float], begun: float | None = None) -> None:
    """Until it is over; the setting may change meanwhile."""
    begun = time.monotonic() if begun is None else begun
    while time.monotonic() < begun + seconds():
        time.sleep(LOOK_AGAIN_SECONDS)


def _enter(world: World, instance: Instance, state: str, turn: object, *, is_last: bool = False) -> None:
    """Unless something else has begun since. Who sees the last state finds it free for the next change."""
    with world.lock:
        if instance.turn is not turn:
            return
        if instance.status != state:
            world.tell(instance, f"DB instance is {state}", "notification")
        instance.status, instance.turn = state, None if is_last else turn
