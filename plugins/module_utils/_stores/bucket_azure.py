# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container in Azure Blob Storage as a bucket that applications use."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._stores.azure import AzureOptions, AzureStore
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import HEADERS, PIECE, Attributes, Fetched, attributes_of
from ansible_collections.holdfast.webops.plugins.module_utils._stores.clouds import stored_object
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject

_NAMES = {header: name for name, header in HEADERS.items()}


class AzureBucket:
    """The blobs of a container below a prefix."""

    keeps_attributes = True

    def __init__(self, container: str, prefix: str, options: AzureOptions) -> None:
        self._obstore: t.Any = need("obstore")
        self._store = AzureStore(container, prefix, options)

    @property
    def url(self) -> str:
        return self._store.url

    def list(self) -> t.Iterator[StoredObject]:
        return self._store.list()

    def look(self, key: str) -> StoredObject | None:
        try:
            with self._store.errors(key):
                return stored_object(self._obstore.head(self._store.connection, key))
        except NotFoundError:
            return None

    def fetch(self, seen: StoredObject) -> Fetched:
        with self._store.errors(seen.key):
            answer = self._obstore.get(self._store.connection, seen.key, options={"if_match": seen.version})
        told = answer.attributes
        headers = {_NAMES[name]: value for name, value in told.items() if name in _NAMES}
        metadata = {name: value for name, value in told.items() if name not in (*_NAMES, "Storage-Class")}
        return Fetched(attributes_of(headers, metadata), self._pieces(seen, answer))

    def _pieces(self, seen: StoredObject, answer: t.Any) -> t.Iterator[bytes]:
        """Of a large object range by range, because the library's timeout covers a whole request."""
        if seen.size <= PIECE:
            with self._store.errors(seen.key):
                yield bytes(answer.bytes())
            return
        for first in range(0, seen.size, PIECE):
            options = {"range": (first, min(first + PIECE, seen.size)), "if_match": seen.version}
            with self._store.errors(seen.key):
                piece = bytes(self._obstore.get(self._store.connection, seen.key, options=options).bytes())
            yield piece

    def put(self, key: str, pieces: t.Iterator[bytes], size: int, attributes: Attributes) -> None:
        headers = {HEADERS[name]: value for name, value in attributes.items() if name in HEADERS}
        named = {**headers, **attributes.get("metadata", {})}
        with self._store.errors(key):
            if size <= PIECE:
                self._obstore.put(self._store.connection, key, b"".join(pieces), use_multipart=False, attributes=named)
                return
            part = max(PIECE, -(-size // AzureStore.most_parts))
            self._obstore.put(self._store.connection, key, pieces, use_multipart=True, chunk_size=part, max_concurrency=2, attributes=named)

    def remove(self, key: str) -> None:
        with contextlib.suppress(NotFoundError), self._store.errors(key):
            self._obstore.delete(self._store.connection, key)
