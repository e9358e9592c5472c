# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder that takes objects of any name, for as long as a proof takes."""

from __future__ import annotations

import dataclasses
import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._stores.bucket_file import FileBucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Attributes, Fetched
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject


class ScratchBucket(FileBucket):
    """Files are named by digests of keys: no key is too long, or a folder of another one, or refused by the file system."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self._keys: dict[str, str] = {}

    def list(self) -> t.Iterator[StoredObject]:
        found = (dataclasses.replace(seen, key=self._keys.get(seen.key, seen.key)) for seen in super().list())
        return iter(sorted(found, key=lambda seen: seen.key))

    def look(self, key: str) -> StoredObject | None:
        seen = super().look(_name(key))
        return None if seen is None else dataclasses.replace(seen, key=key)

    def fetch(self, seen: StoredObject) -> Fetched:
        return super().fetch(dataclasses.replace(seen, key=_name(seen.key)))

    def put(self, key: str, pieces: t.Iterator[bytes], size: int, attributes: Attributes) -> None:
        self._keys[_name(key)] = key
        super().put(_name(key), pieces, size, attributes)

    def remove(self, key: str) -> None:
        super().remove(_name(key))


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
