"""Stores that behave as told, for the tests of what stands on stores."""

from __future__ import annotations

import datetime
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import (
    AlreadyExistsError,
    ChangedError,
    StoredObject,
    StoreError,
)

Names = list[str]  # `list` is a method in the class below

MOMENT = datetime.datetime(2026, 11, 21, 22, 30, tzinfo=datetime.UTC)


class MemoryStore:
    """A store in a dict. `fails` names what it refuses: upload, write, commit, create, list. A write waits for `stalls`, where it is given.

    `uploads` are the keys of all that were begun, `under_way` those of what was neither committed nor aborted.
    """

    def __init__(self, name: str = "one", fails: t.Collection[str] = (), stalls: threading.Event | None = None) -> None:
        self.url = f"memory://{name}"
        self.objects: dict[str, bytes] = {}
        self.fails = fails
        self.stalls = stalls or threading.Event()
        self.hangs = stalls is not None
        self.uploads: Names = []
        self.under_way: Names = []
        self.locked: dict[str, datetime.datetime] = {}

    def check(self, what: str) -> None:
        if what in self.fails:
            raise StoreError(f"{self.url} refuses to {what}.")

    def create(self, key: str, data: bytes) -> str:
        self.check("create")
        if key in self.objects:
            raise AlreadyExistsError(key)
        self.objects[key] = data
        return str(hash(data))

    def replace(self, key: str, data: bytes, expected: str) -> str:
        if key not in self.objects or str(hash(self.objects[key])) != expected:
            raise ChangedError(key)
        self.objects[key] = data
        return str(hash(data))

    def read(self, key: str) -> tuple[bytes, str]:
        if key not in self.objects:
            raise NotFoundError(key)
        return self.objects[key], str(hash(self.objects[key]))

    def stream(self, key: str, start: int = 0, length: int | None = None) -> t.Iterator[bytes]:
        yield self.read(key)[0][start : None if length is None else start + length]

    def head(self, key: str) -> StoredObject | None:
        return StoredObject(key, len(self.objects[key]), MOMENT, "") if key in self.objects else None

    def list(self, prefix: str = "") -> t.Iterator[StoredObject]:
        self.check("list")
        return iter([StoredObject(key, len(data), MOMENT, "") for key, data in sorted(self.objects.items()) if key.startswith(prefix)])

    def delete(self, key: str) -> bool:
        return self.objects.pop(key, None) is not None

    def upload(self, key: str, *, expected_size: int = 0) -> MemoryUpload:
        self.check("upload")
        return MemoryUpload(self, key)

    def probe_conditional(self) -> bool:
        return True

    def protect(self, key: str) -> datetime.datetime | None:
        self.check("protect")
        return None

    def protected_until(self, key: str) -> datetime.datetime | None:
        return self.locked.get(key)

    def sweep(self, prefix: str, before: datetime.datetime, *, dry: bool) -> Names:
        self.check("sweep")
        return []


class MemoryUpload:
    def __init__(self, store: MemoryStore, key: str) -> None:
        self.store = store
        self.key = key
        self.data = b""
        store.uploads.append(key)
        store.under_way.append(key)

    def write(self, data: bytes) -> None:
        self.store.check("write")
        if self.store.hangs:
            self.store.stalls.wait(60)
        self.data += data

    def commit(self) -> StoredObject:
        self.store.check("commit")
        kept = self.data[:-1] if "all bytes" in self.store.fails else self.data
        self.store.objects[self.key] = kept
        self.store.under_way.remove(self.key)
        return StoredObject(self.key, len(kept), MOMENT, "")

    def abort(self) -> None:
        if self.key in self.store.under_way:
            self.store.under_way.remove(self.key)
