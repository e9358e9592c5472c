# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A snapshot as one restores it: its listing, its contents, and what is known of them."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import (
    Content,
    Details,
    Entry,
    Index,
    details_from,
    index_from,
    listing_from,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.planning import details_of
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.sealed import opened, read_checked, read_part
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import Origin, Supply, pour, pulled
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Attributes
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

SMALL = 4 << 20


@dataclasses.dataclass(frozen=True)
class Shelf:
    """The undamaged copies of one snapshot. `key_file` is "" where nothing is encrypted. May be used from several threads."""

    backup: Backup
    commands: Commands
    key_file: str

    @property
    def stores(self) -> list[Store]:
        return [copy.store for copy in self.backup.sound]

    @functools.cached_property
    def index(self) -> Index:
        return index_from(read_part(self.backup, "index"), f"The index of {self.backup.id}")

    @functools.cached_property
    def entries(self) -> list[Entry]:
        """All objects, by key; every content that they name is in the index."""
        data = opened(self.commands, read_part(self.backup, "listing"), self.key_file)
        entries = listing_from(data, f"The listing of {self.backup.id}")
        lacking = next((entry.key for entry in entries if entry.content not in self.index.contents), None)
        if lacking is not None:
            raise WebopsError(f"The index of {self.backup.id} lacks the content of '{lacking}'.", hint="Choose another snapshot.")
        return entries

    @functools.cached_property
    def _details(self) -> Details:
        """Of all runs whose contents or attributes the snapshot needs."""
        names = {details_of(entry.content, self.index.contents) for entry in self.entries}
        names |= {details_of(entry.attributes, self.index.contents) for entry in self.entries if entry.attributes}
        merged = Details()
        for name in sorted(names):
            found = details_from(self.read(name), f"{name} in {self.backup.id}")
            merged.sha256.update(found.sha256)
            merged.attributes.update(found.attributes)
        return merged

    def load(self) -> None:
        """Read listing, index and details now, before several threads want them."""
        _loaded = self._details

    def sha256_of(self, entry: Entry) -> str:
        """Of the plain content, as it was read from the source."""
        found = self._details.sha256.get(entry.content)
        if found is None:
            raise WebopsError(f"Nothing says what '{entry.key}' held in {self.backup.id}.", hint="Choose another snapshot.")
        return found

    def attributes_of(self, entry: Entry) -> Attributes:
        return {} if entry.attributes is None else self._details.attributes.get(entry.attributes, {})

    def content_of(self, entry: Entry) -> Content:
        return self.index.contents[entry.content]

    def read(self, name: str) -> bytes:
        """A small content as a whole, from the first copy that is what was written."""
        content = self._content(name)
        return opened(self.commands, read_checked(self.stores, self._key(name), content.sha256), self.key_file)

    def sources(self, name: str) -> list[t.Callable[[], t.Iterator[bytes]]]:
        """For each copy what reads the plain pieces of a content there. It raises where the copy is damaged, at the end at the latest."""
        content = self._content(name)
        read = self._whole if content.stored <= SMALL else self._streamed
        return [functools.partial(read, store, self._key(name), content) for store in self.stores]

    def _whole(self, store: Store, key: str, content: Content) -> t.Iterator[bytes]:
        return iter([opened(self.commands, read_checked([store], key, content.sha256), self.key_file)])

    def _streamed(self, store: Store, key: str, content: Content) -> t.Iterator[bytes]:
        origin = Origin(f"{store.url}/{key}", lambda: store.stream(key))
        supply = Supply("content", content.stored, content.sha256, self.key_file, (origin,))
        return pulled(lambda sink: pour(self.commands, supply, origin, sink))

    def _content(self, name: str) -> Content:
        found = self.index.contents.get(name)
        if found is None:
            raise WebopsError(f"The index of {self.backup.id} lacks {name}.", hint="Choose another snapshot.")
        return found

    def _key(self, name: str) -> str:
        return naming.contents_folder(self.backup.manifest["portal"]) + name
