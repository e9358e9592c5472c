# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind storage: can an object be written, read and deleted? What is written is a canary of a few bytes."""

from __future__ import annotations

import datetime
import secrets
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding, milliseconds
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.store import StorageTarget
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store

FOLDER = "health-canary/"
# A canary this old was left by a check that was killed.
FORGOTTEN = datetime.timedelta(hours=1)
MOST_FORGOTTEN = 100


class _Canary:
    """One object from its birth to its end; says which step it died in."""

    def __init__(self, store: Store, clock: Clock, deadline: Deadline) -> None:
        self.figures: dict[str, t.Any] = {"write_ms": None, "read_ms": None, "delete_ms": None}
        self.problems: list[str] = []
        self._store, self._clock, self._deadline = store, clock, deadline
        self._key = f"{FOLDER}{secrets.token_hex(8)}"
        self._song = secrets.token_bytes(32)

    def live(self) -> None:
        if not self._step("write", lambda: self._store.create(self._key, self._song)):
            return
        self._step("read", self._read)
        self._step("delete", self._delete)

    def _read(self) -> None:
        content, _version = self._store.read(self._key)
        if content != self._song:
            raise WebopsError(f"{len(content)} other bytes came back")

    def _delete(self) -> None:
        self._store.delete(self._key)
        if self._store.head(self._key) is not None:
            raise WebopsError("it is still there")

    def _step(self, name: str, action: t.Callable[[], t.Any]) -> bool:
        started = self._clock.monotonic()
        try:
            action()
        except (WebopsError, OSError) as exc:
            reason = exc.message if isinstance(exc, WebopsError) else exc.strerror or str(exc)
            self.problems.append(f"cannot {name} {self._key}: {reason.rstrip('.')}")
            return False
        self.figures[f"{name}_ms"] = milliseconds(self._clock.monotonic() - started)
        return True


def prepare(target: StorageTarget) -> None:
    """InputError for a URL that names no store."""
    open_store(target.url, target.options)


def look(target: StorageTarget, deadline: Deadline, clock: Clock) -> Finding:
    store = open_store(target.url, target.options)
    canary = _Canary(store, clock, deadline)
    canary.live()
    if not canary.problems:
        _clean(store, clock.now() - FORGOTTEN, deadline)
    seen = "an object was written, read and deleted"
    return Finding(seen, problems=tuple(canary.problems), figures=canary.figures, evidence=Evidence(value=store.url))


def _clean(store: Store, before: datetime.datetime, deadline: Deadline) -> None:
    """Remove what killed checks left; what is left over, the next one finds."""
    for count, found in enumerate(store.list(FOLDER)):
        if count >= MOST_FORGOTTEN or deadline.expired:
            return
        if found.modified < before:
            store.delete(found.key)
