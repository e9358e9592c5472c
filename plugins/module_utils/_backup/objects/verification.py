# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Are the contents that a snapshot needs there, and what was written? A copy where one is not is damaged."""

from __future__ import annotations

import dataclasses
import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, Copy
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import WrongKeyError
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import Content
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.past import stored_contents
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.shelf import Shelf
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.together import side_by_side
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

READERS = 16


def with_contents(catalog: t.Sequence[Backup], stores: t.Sequence[Store], portal: str) -> list[Backup]:
    """The same snapshots; a copy that lacks a content that it needs is damaged."""
    verification = Verification(Commands(), stores, portal, 1, Deadline(SystemClock(), 0.0))
    return side_by_side(verification.sizes, catalog, READERS)


class Verification:
    """Of several snapshots; what they share is looked at once in each destination."""

    def __init__(self, commands: Commands, stores: t.Sequence[Store], portal: str, jobs: int, deadline: Deadline) -> None:
        self._commands = commands
        self._portal = portal
        self._jobs = jobs
        self._deadline = deadline
        self._sizes = {store.url: stored_contents(store, portal) for store in stores}
        self._seen: dict[tuple[str, str], str] = {}  # store and content -> what is wrong with it, "" when nothing

    def sizes(self, backup: Backup) -> Backup:
        """By listings and the index."""
        return self._judged(backup, self._size_problem)

    def contents(self, backup: Backup, key_file: str | None) -> Backup:
        """By reading all stored bytes; with a key file ("" where nothing is encrypted) also what is in them."""
        return self._judged(backup, lambda copy, shelf: self._content_problem(copy, shelf, key_file))

    def _judged(self, backup: Backup, problem: t.Callable[[Copy, Shelf], str]) -> Backup:
        def judged(copy: Copy) -> Copy:
            if copy.damage:
                return copy
            alone = dataclasses.replace(backup, copies=(copy,))
            try:
                return dataclasses.replace(copy, damage=problem(copy, Shelf(alone, self._commands, "")))
            except (WrongKeyError, InputError, NotFoundError, DeadlineError):  # says nothing about the copy
                raise
            except WebopsError as exc:
                return dataclasses.replace(copy, damage=exc.message)

        return dataclasses.replace(backup, copies=tuple(judged(copy) for copy in backup.copies))

    def _size_problem(self, copy: Copy, shelf: Shelf) -> str:
        sizes = self._sizes[copy.store.url]
        wrong = [content for content in shelf.index.contents.values() if sizes.get(content.name) != content.stored]
        if not wrong:
            return ""
        first = min(wrong, key=lambda content: content.name)
        found = sizes.get(first.name)
        told = "is missing" if found is None else f"has {found} bytes, {first.stored} were written"
        return f"{len(wrong)} contents are not what was written; {first.name} {told}."

    def _content_problem(self, copy: Copy, shelf: Shelf, key_file: str | None) -> str:
        contents = sorted(shelf.index.contents.values(), key=lambda content: content.name)
        plain: dict[str, str] = {}
        if key_file is not None:
            shelf = dataclasses.replace(shelf, key_file=key_file)
            plain = {entry.content: shelf.sha256_of(entry) for entry in shelf.entries}

        def check(content: Content) -> str:
            return self._checked(copy.store, shelf, content, plain.get(content.name))

        problems = [problem for problem in side_by_side(check, contents, self._jobs) if problem]
        return f"{len(problems)} contents are not what was written: {problems[0]}" if problems else ""

    def _checked(self, store: Store, shelf: Shelf, content: Content, sha256: str | None) -> str:
        """`sha256` is that of the plain content, None to compare the stored bytes only."""
        if (store.url, content.name) not in self._seen:
            if self._deadline.expired:
                raise DeadlineError("Not all was read when the time was over (wait_timeout).", hint="Raise it, or set newest.")
            self._seen[store.url, content.name] = self._problem(store, shelf, content, sha256)
        return self._seen[store.url, content.name]

    def _problem(self, store: Store, shelf: Shelf, content: Content, sha256: str | None) -> str:
        try:
            if sha256 is None:
                pieces, wanted = store.stream(naming.contents_folder(self._portal) + content.name), content.sha256
            else:
                pieces, wanted = shelf.sources(content.name)[0](), sha256
            digest = hashlib.sha256()
            for piece in pieces:
                digest.update(piece)
        except WrongKeyError:
            raise
        except WebopsError as exc:
            return exc.message
        return "" if digest.hexdigest() == wanted else f"{content.name} has SHA-256 {digest.hexdigest()}, {wanted} was written."
