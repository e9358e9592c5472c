# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sees, from a second connection, for whom the migrating session waits: after a lock timeout it could no longer be asked."""

from __future__ import annotations

import contextlib
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.locking import blockers_of

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database

TICK_SECONDS = 0.25


class Observer(t.Protocol):
    """A second session that can be closed."""

    def __enter__(self) -> Database: ...
    def __exit__(self, *exc: object) -> None: ...


class LockWatch:
    """Use as a context manager around a run, and `during()` around each step of it.

    Steps are short as a rule, so that the watch is not woken by them: it looks around four times a second, and opens the second
    connection only where it meets one step twice.
    """

    def __init__(self, observe: t.Callable[[], Observer], pid: int, clock: Clock) -> None:
        self._observe = observe
        self._pid = pid
        self._clock = clock
        self._wake = threading.Condition()
        self._step = 0  # the number of the present step, 0 between two steps
        self._steps = 0
        self._ended = False
        self._waited = 0.0
        self._blockers: list[str] = []
        self._thread = threading.Thread(target=self._watch, name="lock watch", daemon=True)

    def __enter__(self) -> LockWatch:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        with self._wake:
            self._ended = True
            self._wake.notify()
        self._thread.join()

    @contextlib.contextmanager
    def during(self) -> t.Iterator[None]:
        """The session works now; forget the blockers of what it did before."""
        with self._wake:
            self._steps += 1
            self._step, self._blockers = self._steps, []
        try:
            yield
        finally:
            with self._wake:
                self._step = 0

    @property
    def blockers(self) -> list[str]:
        """Who was in the way of the present or last step when it was last seen waiting."""
        with self._wake:
            return list(self._blockers)

    def take_waited(self) -> float:
        """Seconds spent waiting for locks since the last call, to about half a second."""
        with self._wake:
            waited, self._waited = self._waited, 0.0
        return waited

    def _watch(self) -> None:
        met = 0
        with contextlib.ExitStack() as open_until_the_end:
            database: Database | None = None
            while not self._has_ended():
                step, before = self._step, met
                met = step
                if not step or step != before:
                    continue
                # The watch only explains: without it the run goes on.
                with contextlib.suppress(WebopsError):
                    database = database or open_until_the_end.enter_context(self._observe())
                    self._look(database, step)

    def _has_ended(self) -> bool:
        """Sleep for a while, unless it is over."""
        with self._wake:
            return self._wake.wait_for(lambda: self._ended, timeout=TICK_SECONDS)

    def _look(self, database: Database, step: int) -> None:
        before = self._clock.monotonic()
        blockers = blockers_of(database, self._pid)
        with self._wake:
            if blockers and self._step == step:
                self._blockers = blockers
                self._waited += TICK_SECONDS + self._clock.monotonic() - before
