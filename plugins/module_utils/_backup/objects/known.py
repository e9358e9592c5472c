# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contents that are stored already, so that each is stored once."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import Content
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.planning import details_of

Usable = t.Mapping[str, Content]


class Known:
    """Contents by their digest. `older` finds more of them, and is asked once, when one is missed."""

    def __init__(self, usable: Usable, older: t.Callable[[], Usable]) -> None:
        self.contents: dict[str, Content] = dict(usable)
        self._older: t.Callable[[], Usable] | None = older
        self._by_digest: dict[str, Content] = {}
        self._sizes: set[int] = set()
        self._making: dict[str, threading.Lock] = {}
        self._changing = threading.Lock()
        self._learn(usable)

    def find(self, digest: str) -> Content | None:
        with self._changing:
            return self._find(digest)

    def has_size(self, size: int) -> bool:
        """Whether any content of so many bytes is known."""
        with self._changing:
            self._ask_older()
            return size in self._sizes

    def get(self, digest: str, make: t.Callable[[], Content]) -> Content:
        """The content with this digest; of several threads that want a new one, one makes it."""
        with self._changing:
            found = self._find(digest)
            if found is not None:
                return found
            making = self._making.setdefault(digest, threading.Lock())
        with making:
            content = self.find(digest) or make()
            self.add(content)
            return content

    def add(self, content: Content) -> None:
        with self._changing:
            self.contents[content.name] = content
            if content.digest:
                self._note(content)

    def _find(self, digest: str) -> Content | None:
        if digest not in self._by_digest:
            self._ask_older()
        return self._by_digest.get(digest)

    def _ask_older(self) -> None:
        older, self._older = self._older, None
        if older is not None:
            more = older()
            self.contents = {**more, **self.contents}
            self._learn(more)

    def _learn(self, usable: Usable) -> None:
        """Only those of which the details are there too: without them nobody could prove a restore."""
        for content in usable.values():
            if content.digest and details_of(content.name, usable) in usable:
                self._note(content)

    def _note(self, content: Content) -> None:
        self._by_digest.setdefault(content.digest, content)
        self._sizes.add(content.size)
