# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The destinations of a backup that stores many contents, several at once."""

from __future__ import annotations

import concurrent.futures
import contextlib
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut, needed
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store, StoreError

T = t.TypeVar("T")


class Fleet:
    """A destination that failed once is out for the whole run: a snapshot is of use only where all of it is."""

    def __init__(self, stores: t.Sequence[Store], require: str, deadline: Deadline, jobs: int) -> None:
        self._stores = tuple(stores)
        self.needed = needed(require, len(stores))
        self.deadline = deadline
        self.failures: dict[str, str] = {}
        self._changing = threading.Lock()
        self._pool = concurrent.futures.ThreadPoolExecutor(jobs * len(stores), "store")

    @property
    def alive(self) -> list[Store]:
        with self._changing:
            return [store for store in self._stores if store.url not in self.failures]

    def drop(self, url: str, said: str) -> None:
        with self._changing:
            self.failures.setdefault(url, said)

    def each(self, act: t.Callable[[Store], T]) -> list[T]:
        """Do it in all that are left, at once; StoreError when too few are left then."""
        self.require_time()
        asked = [(store, self._pool.submit(act, store)) for store in self.alive]
        done: list[T] = []
        for store, future in asked:
            try:
                done.append(future.result(self.deadline.remaining() + 1.0))
            except concurrent.futures.TimeoutError:
                self.drop(store.url, f"{store.url} did not answer before the time was over (wait_timeout).")
            except WebopsError as exc:
                self.drop(store.url, str(exc))
        self.require_enough()
        return done

    def put(self, key: str, data: bytes) -> None:
        """Create a small object everywhere, and look at it."""
        self.each(lambda store: _put(store, key, data))

    def fan(self) -> FanOut:
        """For one large object to all that are left."""
        return FanOut(self.alive, self.needed, self.deadline)

    def learn(self, fan: FanOut) -> None:
        """Those that failed in a fan are out."""
        for destination in fan.destinations:
            if destination.error is not None:
                self.drop(destination.store.url, destination.error)

    def require_enough(self) -> None:
        left = self.alive
        if len(left) < self.needed:
            raise StoreError(
                f"{len(left)} of {len(self._stores)} destinations are left, {self.needed} are required. {' '.join(self.failures.values())}",
                failed_destinations=sorted(self.failures),
            )

    def require_time(self) -> None:
        if self.deadline.expired:
            raise DeadlineError(
                "The backup was not complete when its time was over (wait_timeout), and was given up.",
                hint="Raise wait_timeout, or see what slows it down.",
            )

    def forget(self, keys: t.Callable[[Store], t.Iterable[str]]) -> None:
        """Remove objects of a run that failed. What cannot be removed belongs to no snapshot and is left to backup_retention."""

        def remove(store: Store, key: str) -> None:
            with contextlib.suppress(WebopsError):
                store.delete(key)

        for store in self._stores:
            with contextlib.suppress(WebopsError):
                list(self._pool.map(lambda key, store=store: remove(store, key), keys(store)))

    def close(self) -> None:
        self._pool.shutdown(wait=False)


def _put(store: Store, key: str, data: bytes) -> None:
    upload = store.upload(key, expected_size=len(data))
    try:
        upload.write(data)
        stored = upload.commit()
    finally:
        upload.abort()
    if stored.size != len(data):
        raise StoreError(f"{store.url} shows {stored.size} bytes of '{key}', {len(data)} were sent.")
