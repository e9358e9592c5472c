# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One stream to several stores at once. A store that fails is dropped; the rest goes on while enough of them are left.

Every upload stays invisible until `commit`, so a stream that ends badly leaves nothing anywhere.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store, StoreError, Upload

REQUIREMENTS = ("all", "quorum", "any")


def needed(require: str, total: int) -> int:
    """How many of `total` destinations must hold the backup."""
    return {"all": total, "quorum": total // 2 + 1, "any": 1}[require]


@dataclasses.dataclass
class Destination:
    """One store on the way: `error` is the sentence that ended it, None while all is well. `orphan` is the key of a
    committed object that no manifest describes yet."""

    store: Store
    upload: Upload | None = None
    error: str | None = None
    orphan: str | None = None


class FanOut:
    """Writes the same object to several stores."""

    def __init__(self, stores: t.Sequence[Store], require: str) -> None:
        self.destinations = [Destination(store) for store in stores]
        self.size = 0
        self._needed = needed(require, len(stores))
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def alive(self) -> list[Destination]:
        return [destination for destination in self.destinations if destination.error is None]

    def open(self, key: str, expected_size: int) -> None:
        """Start the uploads."""

        def start(destination: Destination) -> None:
            destination.upload = destination.store.upload(key, expected_size=expected_size)

        self._each(start)

    def write(self, data: bytes) -> None:
        """Give a piece to all; returns when each has taken it into its bounded memory."""
        self._hash.update(data)
        self.size += len(data)
        for destination in self.alive:
            try:
                if destination.upload is not None:
                    destination.upload.write(data)
            except WebopsError as exc:
                self._drop(destination, str(exc))
        self.require_enough()

    def commit(self) -> None:
        """Make the object visible everywhere, and look whether it has the size that was sent."""

        def finish(destination: Destination) -> None:
            if destination.upload is None:
                return
            stored = destination.upload.commit()
            destination.orphan = stored.key
            if stored.size != self.size:
                raise StoreError(f"{destination.store.url} shows {stored.size} bytes of '{stored.key}', {self.size} were sent.")

        self._each(finish)

    def publish(self, key: str, content: bytes) -> None:
        """Create a small object beside it, only where it is not there yet, and read it back."""

        def create(destination: Destination) -> None:
            destination.orphan = None  # from here on the manifest may be there, whatever the answer will be
            destination.store.create(key, content)
            if destination.store.read(key)[0] != content:
                raise StoreError(f"{destination.store.url} gives back another '{key}' than was written.")

        self._each(create)

    def abort(self) -> None:
        """Forget what no manifest describes; after a success that is nothing. What cannot be removed is no backup either."""
        for destination in self.destinations:
            if destination.upload is not None:
                destination.upload.abort()
            if destination.orphan is not None:
                with contextlib.suppress(WebopsError):
                    destination.store.delete(destination.orphan)

    def require_enough(self) -> None:
        """Raise StoreError naming every failed store when too few are left."""
        if len(self.alive) >= self._needed:
            return
        failed = " ".join(destination.error for destination in self.destinations if destination.error)
        raise StoreError(
            f"{len(self.alive)} of {len(self.destinations)} destinations are left, {self._needed} are required. {failed}",
            failed_destinations=[destination.store.url for destination in self.destinations if destination.error],
        )

    def _each(self, act: t.Callable[[Destination], None]) -> None:
        """Do it to all at once, each at its own pace; then see whether enough are left."""

        def attempt(destination: Destination) -> None:
            try:
                act(destination)
            except WebopsError as exc:
                self._drop(destination, str(exc))

        with concurrent.futures.ThreadPoolExecutor(max(len(self.alive), 1)) as pool:
            list(pool.map(attempt, self.alive))
        self.require_enough()

    def _drop(self, destination: Destination, error: str) -> None:
        destination.error = error
        if destination.upload is not None:
            destination.upload.abort()
