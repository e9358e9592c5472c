# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bucket in Google Cloud Storage that applications use."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import HEADERS, PIECE, Attributes, Fetched, attributes_of
from ansible_collections.holdfast.webops.plugins.module_utils._stores.gcs import GcsOptions, GcsStore
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import ChangedError, StoredObject


class GcsBucket:
    """The objects of a bucket below a prefix."""

    keeps_attributes = True

    def __init__(self, bucket: str, prefix: str, options: GcsOptions) -> None:
        self._store = GcsStore(bucket, prefix, options)

    @property
    def url(self) -> str:
        return self._store.url

    def list(self) -> t.Iterator[StoredObject]:
        return (stored for stored in self._store.list() if stored.key)

    def look(self, key: str) -> StoredObject | None:
        found = self._store.look_at(key)
        return None if found is None else StoredObject(key, int(found.size), found.updated, str(found.generation))

    def fetch(self, seen: StoredObject) -> Fetched:
        blob = self._store.look_at(seen.key)
        if blob is None:
            raise NotFoundError(f"{self.url} has no object '{seen.key}'.")
        if str(blob.generation) != seen.version:
            raise ChangedError(f"{self.url}/{seen.key} was changed while it was read.")
        attributes = attributes_of({name: getattr(blob, name) for name in HEADERS}, blob.metadata)
        return Fetched(attributes, self._pieces(seen))

    def _pieces(self, seen: StoredObject) -> t.Iterator[bytes]:
        blob = self._store.foreign(seen.key, generation=int(seen.version))
        for first in range(0, seen.size, PIECE):
            with self._store.errors(seen.key):
                last = min(first + PIECE, seen.size) - 1
                piece = blob.download_as_bytes(start=first, end=last, raw_download=True, checksum=None, **self._store.calls)
            yield bytes(piece)

    def put(self, key: str, pieces: t.Iterator[bytes], size: int, attributes: Attributes) -> None:
        blob = self._store.foreign(key)
        for name in HEADERS:
            setattr(blob, name, attributes.get(name))
        blob.metadata = attributes.get("metadata")
        with self._store.errors(key):
            if size <= PIECE:
                blob.upload_from_string(
                    b"".join(pieces), content_type=attributes.get("content_type"), checksum="crc32c", **self._store.calls
                )
                return
            blob.chunk_size = PIECE
            writer = blob.open("wb", ignore_flush=True, content_type=attributes.get("content_type"), checksum="crc32c", **self._store.calls)
            with contextlib.ExitStack() as undo:
                undo.callback(writer.terminate)
                for piece in pieces:
                    writer.write(piece)
                undo.pop_all()
            writer.close()

    def remove(self, key: str) -> None:
        blob = self._store.look_at(key)
        if blob is not None:
            with self._store.errors(key):
                blob.delete(**self._store.calls)
