# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What applications keep in a bucket: keys of any form, and the attributes of each object.

A store (interface.py) holds what this collection writes itself; a bucket belongs to somebody else.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject

PIECE = 8 << 20

# Content type, cache control and so on by the names below, and `metadata`: the user's own names and values. What is not set is absent.
Attributes = t.Dict[str, t.Any]
HEADERS = {
    "content_type": "Content-Type",
    "cache_control": "Cache-Control",
    "content_disposition": "Content-Disposition",
    "content_encoding": "Content-Encoding",
    "content_language": "Content-Language",
}


@dataclasses.dataclass(frozen=True)
class Fetched:
    """An object that is being read. `pieces` is read once, and raises ChangedError when the object changes meanwhile."""

    attributes: Attributes
    pieces: t.Iterator[bytes]


class Bucket(t.Protocol):
    """The objects of a bucket below a prefix. All calls may come from several threads."""

    keeps_attributes: bool

    @property
    def url(self) -> str:
        """Where it is, without secrets."""

    def list(self) -> t.Iterator[StoredObject]:
        """Every object, sorted by key. NotFoundError where there is no such directory."""

    def look(self, key: str) -> StoredObject | None:
        """What a listing would show of one object, None where there is none."""

    def fetch(self, seen: StoredObject) -> Fetched:
        """Read the version of an object that was seen. Raises NotFoundError, ChangedError."""

    def put(self, key: str, pieces: t.Iterator[bytes], size: int, attributes: Attributes) -> None:
        """Write an object over what is there, in bounded memory; an exception of the iterator leaves what was there."""

    def remove(self, key: str) -> None:
        """Remove an object, if it is there."""


def attributes_of(headers: t.Mapping[str, t.Any], metadata: t.Mapping[str, t.Any] | None) -> Attributes:
    """In one form for all services: without what is not set."""
    found: Attributes = {name: str(value) for name, value in headers.items() if value}
    return {**found, "metadata": dict(sorted(metadata.items()))} if metadata else found
