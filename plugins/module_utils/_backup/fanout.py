# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One stream to several stores at once, each at its own pace. A store that fails is dropped; the rest goes on while
enough of them are left.

Every upload stays invisible until `commit`, so a stream that ends badly leaves nothing anywhere.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.relay import Relay, Spool
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errands import Errand
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import AlreadyExistsError, Store, StoreError, Upload

REQUIREMENTS = ("all", "quorum", "any")
# Seconds for uploads that are given up to end, where what is stuck then is left to the clean-up of old parts; and for those that took
# everything to be finished, when the time is over because another one did not.
GRACE = 10.0


def needed(require: str, total: int) -> int:
    """How many of `total` destinations must hold the backup."""
    return {"all": total, "quorum": total // 2 + 1, "any": 1}[require]


@dataclasses.dataclass(frozen=True)
class Pace:
    """How far a destination may be behind: `spool_size` bytes in a file in `spool_dir`, and `stall_timeout` seconds
    without taking anything while others wait for it."""

    spool_size: int = 0
    spool_dir: str | None = None
    stall_timeout: float = 300.0


@dataclasses.dataclass
class Destination:
    """One store on the way: `error` is the sentence that ended it, None while all is well. `orphans` are the keys of committed objects
    that no manifest describes yet."""

    store: Store
    upload: Upload | None = None
    error: str | None = None
    orphans: list[str] = dataclasses.field(default_factory=list)


class FanOut:
    """Writes the same objects to several stores."""

    def __init__(self, stores: t.Sequence[Store], require: str | int, deadline: Deadline, pace: Pace = Pace()) -> None:
        """`require`: one of REQUIREMENTS, or how many of `stores` must take it."""
        self.destinations = [Destination(store) for store in stores]
        self.size = 0
        self._needed = require if isinstance(require, int) else needed(require, len(stores))
        self._deadline = deadline
        self._hash = hashlib.sha256()
        self._pace = pace
        self._spool = _spool(pace, len(stores))
        self._relay = Relay(len(stores), spool=self._spool, patience=pace.stall_timeout)
        self._lanes: dict[int, Errand] = {}

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def alive(self) -> list[Destination]:
        return [destination for destination in self.destinations if destination.error is None]

    @property
    def warnings(self) -> list[str]:
        """What went wrong and did no harm."""
        problem = self._relay.problem
        return [f"The spool could not grow ({problem}); the fastest destination waited for the slowest."] if problem else []

    def taken(self) -> dict[str, int]:
        """Bytes on their way into each store that is alive."""
        return {one.store.url: self._relay.position(number) for number, one in enumerate(self.destinations) if one.error is None}

    def open(self, key: str, expected_size: int) -> None:
        """Start the uploads."""

        def start(destination: Destination) -> None:
            destination.upload = destination.store.upload(key, expected_size=expected_size)

        self._each(start)
        for number, destination in enumerate(self.destinations):
            if destination.error is None:
                self._lanes[number] = Errand(f"to {destination.store.url}", functools.partial(self._carry, number, destination))
            else:
                self._relay.leave(number)

    def write(self, data: bytes) -> None:
        """Give a piece to all; returns as soon as it has a place in memory or in the spool."""
        self._hash.update(data)
        self.size += len(data)
        for number in self._relay.put(data):
            seconds = f"{self._pace.stall_timeout:g}"
            self._drop(self.destinations[number], f"took nothing for {seconds} s while the others waited for it (stall_timeout)")
        self.require_enough()

    def commit(self) -> None:
        """Make the object visible everywhere, and look whether it has the size that was sent."""
        self._relay.close()
        for number, lane in self._lanes.items():
            if self.destinations[number].error is None:
                lane.wait(self._deadline.remaining())
            if lane.is_running:
                self._drop(self.destinations[number], "had not taken everything when the time was over (wait_timeout)")
        self.require_enough()

        def finish(destination: Destination) -> None:
            if destination.upload is None:
                return
            stored = destination.upload.commit()
            destination.orphans.append(stored.key)
            if stored.size != self.size:
                raise StoreError(f"{destination.store.url} shows {stored.size} bytes of '{stored.key}', {self.size} were sent.")

        self._each(finish, at_least=GRACE)

    def add(self, key: str, content: bytes) -> None:
        """Create a small object that belongs to the backup; without a manifest it is taken away again."""

        def create(destination: Destination) -> None:
            _create(destination.store, key, content)
            destination.orphans.append(key)

        self._each(create, at_least=GRACE)

    def publish(self, key: str, content: bytes) -> None:
        """Create the manifest, only where it is not there yet, and read it back."""

        for destination in self.alive:
            destination.orphans.clear()  # from here on the manifest may be there, whatever the answer will be
        self._each(lambda destination: _create(destination.store, key, content), at_least=GRACE)

    def protect(self, keys: t.Sequence[str]) -> list[str]:
        """Lock finished objects where a store was asked to; returns the sentences of those that could not."""
        problems: list[str] = []
        for destination in self.alive:
            try:
                for key in keys:
                    destination.store.protect(key)
            except WebopsError as exc:
                problems.append(f"The backup is complete, but not locked: {exc}")
        return problems

    def abort(self) -> None:
        """Forget what no manifest describes; after a success that is nothing. What cannot be removed is no backup either."""
        for number in range(len(self.destinations)):
            self._relay.leave(number)
        errands = [Errand(f"forget {one.store.url}", functools.partial(_forget, one)) for one in self.destinations]
        for errand in errands:
            errand.wait(GRACE)
        if self._spool is not None:
            self._spool.close()

    def require_enough(self) -> None:
        """Raise StoreError naming every failed store when too few are left."""
        for lane in self._lanes.values():
            lane.check()
        if len(self.alive) >= self._needed:
            return
        failed = " ".join(destination.error for destination in self.destinations if destination.error)
        raise StoreError(
            f"{len(self.alive)} of {len(self.destinations)} destinations are left, {self._needed} are required. {failed}",
            failed_destinations=[destination.store.url for destination in self.destinations if destination.error],
        )

    def _carry(self, number: int, destination: Destination) -> None:
        """The life of a lane: what the relay has, into the upload."""

        def carry(destination: Destination) -> None:
            piece = self._relay.take(number)
            while piece and destination.upload is not None:
                destination.upload.write(piece)
                piece = self._relay.take(number)

        with contextlib.ExitStack() as giving_up:
            giving_up.callback(_forget, destination)
            giving_up.callback(self._relay.leave, number)
            _attempt(carry, destination)
            if destination.error is None:
                giving_up.pop_all()

    @staticmethod
    def _drop(destination: Destination, why: str) -> None:
        destination.error = destination.error or f"{destination.store.url} {why}."

    def _each(self, act: t.Callable[[Destination], None], at_least: float = 0.0) -> None:
        """Do it to all at once, each at its own pace; then see whether enough are left."""
        errands = [(one, Errand(one.store.url, functools.partial(_attempt, act, one))) for one in self.alive]
        for destination, errand in errands:
            errand.wait(max(self._deadline.remaining(), at_least))
            if errand.is_running:
                self._drop(destination, "did not answer before the time was over (wait_timeout)")
        for _destination, errand in errands:
            errand.check()
        self.require_enough()


def _attempt(act: t.Callable[[Destination], None], destination: Destination) -> None:
    try:
        act(destination)
    except WebopsError as exc:
        destination.error = destination.error or str(exc)


def _create(store: Store, key: str, content: bytes) -> None:
    """Create an object and read it back. One that is there already is ours when it is equal: the answer was lost on its way."""
    with contextlib.suppress(AlreadyExistsError):
        store.create(key, content)
    if store.read(key)[0] != content:
        raise StoreError(f"{store.url} gives back another '{key}' than was written.")


def _forget(destination: Destination) -> None:
    if destination.upload is not None:
        destination.upload.abort()
    for key in destination.orphans:
        with contextlib.suppress(WebopsError):
            destination.store.delete(key)


def _spool(pace: Pace, readers: int) -> Spool | None:
    """None where nobody could be behind anybody, or nothing may be written to a disk."""
    if pace.spool_size == 0 or readers < 2:
        return None
    try:
        return Spool(pace.spool_dir, pace.spool_size)
    except OSError as exc:
        raise WebopsError(
            f"spool_dir '{pace.spool_dir}' cannot be used: {exc.strerror}.", hint="Name a directory that exists, or set spool_size to 0."
        ) from exc
