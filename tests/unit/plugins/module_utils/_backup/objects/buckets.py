"""A bucket in memory, for the tests of what copies objects."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Attributes, Fetched
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import ChangedError, StoredObject

MOMENT = datetime.datetime(2026, 11, 21, 3, 0, tzinfo=datetime.UTC)


def seen(key: str, size: int = 1, version: str = "1") -> StoredObject:
    return StoredObject(key, size, MOMENT, version)


class MemoryBucket:
    """Objects as a dict from key to content; the version of an object is its content. `reads` are the keys that were read."""

    keeps_attributes = True
    url = "memory://bucket"

    def __init__(self, **objects: bytes) -> None:
        self.objects = dict(objects)
        self.attributes: dict[str, Attributes] = {}
        self.reads: list[str] = []

    def list(self) -> t.Iterator[StoredObject]:
        return iter([self._stored(key) for key in sorted(self.objects)])

    def look(self, key: str) -> StoredObject | None:
        return self._stored(key) if key in self.objects else None

    def fetch(self, seen: StoredObject) -> Fetched:
        self.reads.append(seen.key)
        if seen.key not in self.objects:
            raise NotFoundError(seen.key)
        if self._stored(seen.key) != seen:
            raise ChangedError(seen.key)
        return Fetched(self.attributes.get(seen.key, {}), iter([self.objects[seen.key]]))

    def put(self, key: str, pieces: t.Iterator[bytes], size: int, attributes: Attributes) -> None:
        self.objects[key] = b"".join(pieces)
        self.attributes[key] = attributes

    def remove(self, key: str) -> None:
        self.objects.pop(key, None)

    def _stored(self, key: str) -> StoredObject:
        content = self.objects[key]
        return StoredObject(key, len(content), MOMENT, content.hex()[:64])
