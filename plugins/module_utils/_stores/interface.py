# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every object store can do. Ledger, leases and backups know this file and no store in particular."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError


class StoreError(WebopsError):
    """A store did not do what it was asked: not reachable, not allowed, full, or an answer that makes no sense."""


class AlreadyExistsError(ConflictError):
    """`create` (or the commit of an upload) found the key taken; what is there was not touched."""


class ChangedError(ConflictError):
    """`replace` found another version than the expected one, or none; what is there was not touched."""


@dataclasses.dataclass(frozen=True)
class StoredObject:
    """One object as a listing shows it. `size` in bytes, `modified` aware UTC.

    `version` changes when the content does. `replace` wants the version that `read`, `create` or `replace` returned.
    """

    key: str
    size: int
    modified: datetime.datetime
    version: str


class Upload(t.Protocol):
    """An object on its way. Nobody sees it until `commit` has returned; one that is never committed never existed."""

    def write(self, data: bytes) -> None:
        """Take more bytes. May return before they are stored; raises the StoreError of an earlier write."""

    def commit(self) -> StoredObject:
        """Make it durable and visible, and look at it. Raises AlreadyExistsError when the key is taken."""

    def abort(self) -> None:
        """Forget it and what was stored of it. Safe at any time: twice, and after a commit, which it does not undo."""


class Store(t.Protocol):
    """A place for objects. Keys are relative paths with `/` (see keys.py). What returned is durable."""

    @property
    def url(self) -> str:
        """Where it is, without secrets."""

    def create(self, key: str, data: bytes) -> str:
        """Put if absent; returns the version. Raises AlreadyExistsError."""

    def replace(self, key: str, data: bytes, expected: str) -> str:
        """Compare and swap; returns the new version. Raises ChangedError."""

    def read(self, key: str) -> tuple[bytes, str]:
        """The whole content and its version. Raises NotFoundError. For small objects."""

    def stream(self, key: str, start: int = 0, length: int | None = None) -> t.Iterator[bytes]:
        """The content from byte `start`, `length` bytes or to the end, in pieces of bounded size. Raises NotFoundError."""

    def head(self, key: str) -> StoredObject | None:
        """What a listing would show of one object, None where there is none."""

    def list(self, prefix: str = "") -> t.Iterator[StoredObject]:
        """Every object whose key starts with `prefix`, sorted by key."""

    def delete(self, key: str) -> bool:
        """Remove an object; False when there was none."""

    def upload(self, key: str, *, expected_size: int = 0) -> Upload:
        """Start a streaming put in bounded memory. A store may choose its part size by `expected_size` (bytes, rather too high)."""

    def protect(self, key: str) -> datetime.datetime | None:
        """Lock a finished object as the store's options ask (`lock_days`); returns until when, None where nothing is asked."""

    def protected_until(self, key: str) -> datetime.datetime | None:
        """Until when the service refuses to remove or change an object, None where it is not locked or cannot be known."""

    def sweep(self, prefix: str, before: datetime.datetime, *, dry: bool) -> t.List[str]:
        """Keys of uploads begun before a moment and never committed, whose parts are removed unless `dry`.

        Empty where the service forgets them itself. A directory has no keys yet then, and answers with names of files.
        """

    def probe_conditional(self) -> bool:
        """Whether `create` and `replace` really refuse here, tried out on an object that is removed again."""


def require_conditional(store: Store) -> None:
    """Raise StoreError where a ledger or a lease would not be safe."""
    if not store.probe_conditional():
        raise StoreError(
            f"The server behind {store.url} ignores conditional writes; a ledger or a lease there would not be safe.",
            hint="Use a service that honours conditions (Amazon S3, MinIO, Cloudflare R2, Azure, Google), or a file:// store.",
        )
