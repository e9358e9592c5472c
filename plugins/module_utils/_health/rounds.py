# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All checks at once, in one process, and over by a deadline that nothing can move."""

from __future__ import annotations

import collections
import math
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._health.attempts import given_up, longest, run_check
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Check
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Result
from ansible_collections.holdfast.webops.plugins.module_utils._health.kinds import KINDS
from ansible_collections.holdfast.webops.plugins.module_utils._health.looks import Look

# Each may hold a body of 1 MiB: 64 of them and the interpreter stay below 90 MB.
MOST_AT_ONCE = 64
# Seconds that a probe may need beyond its deadline to say so; then it is left behind.
GRACE = 1.0

Looks = t.Sequence[tuple[Check, Look]]


def run_round(looks: Looks, clock: Clock, until: t.Optional[Deadline] = None) -> tuple[Result, ...]:
    """Run every check once, with its retries, none beyond `until`; the results are in the order of the checks.

    The threads are daemons: one that hangs in the resolver keeps neither the round nor the process.
    """
    crowds: dict[int, collections.deque[_Run]] = collections.defaultdict(collections.deque)
    round_deadline = Deadline(clock, _longest_round(looks, until))
    runs = [_Run(check, look, clock, until) for check, look in looks]
    for (check, _look), run in zip(looks, runs):
        crowds[_at_once(check)].append(run)
    for most, crowd in crowds.items():
        _begin(crowd, min(len(crowd), most))
    try:
        # The last one first: when it has ended most others have, and this thread was not woken for each of them.
        results = [run.result(round_deadline) for run in reversed(runs)]
    finally:
        for crowd in crowds.values():
            crowd.clear()
    return tuple(reversed(results))


def _begin(crowd: collections.deque[_Run], threads: int) -> None:
    """Not with a pool of the standard library's: its own threads, which hand each task over and back, take a fifth of a round's time."""

    def work() -> None:
        while True:
            try:
                run = crowd.popleft()
            except IndexError:
                return
            run.work()

    for _thread in range(threads):
        threading.Thread(target=work, daemon=True).start()


def _at_once(check: Check) -> int:
    """How many checks of its kind may be under way at a time; kinds with the same number share it."""
    return KINDS[check.kind].at_once or MOST_AT_ONCE


def _longest_round(looks: Looks, until: t.Optional[Deadline]) -> float:
    """Seconds after which a round is over even if every probe hangs."""
    crowds: dict[int, list[float]] = {}
    for check, _look in looks:
        crowds.setdefault(_at_once(check), []).append(longest(check))
    seconds = max(math.ceil(len(crowd) / most) * (max(crowd) + GRACE) for most, crowd in crowds.items())
    return seconds if until is None else min(seconds, until.remaining() + GRACE)


class _Run:
    """One check of a round: it waits for its turn, and then has its own time."""

    def __init__(self, check: Check, look: Look, clock: Clock, until: t.Optional[Deadline]) -> None:
        self._check = check
        self._look = look
        self._clock = clock
        self._until = until
        self._seconds = 0.0
        self._deadline = Deadline(clock, 0)
        self._turn = threading.Event()
        self._end = threading.Event()
        self._result: t.Optional[Result] = None

    def work(self) -> None:
        most = longest(self._check)
        self._seconds = most if self._until is None else min(most, self._until.remaining())
        self._deadline = Deadline(self._clock, self._seconds + GRACE)
        self._turn.set()
        self._result = run_check(self._check, self._look, self._clock, self._seconds)
        self._end.set()

    def result(self, round_deadline: Deadline) -> Result:
        if not self._turn.wait(round_deadline.remaining()):
            return given_up(self._check, "was not begun, because the checks before it did not end in time")
        self._end.wait(self._deadline.remaining())
        return self._result or given_up(self._check, f"did not end within {self._seconds:.1f} s, probably in the resolution of a name")
