# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every part of a project's configuration can do: be read, be compared with what is wanted, be written."""

from __future__ import annotations

import abc
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase

# Settings by name, comparable and free of secrets.
View = dict[str, t.Any]
# How a secret is shown.
ABSENT, AS_GIVEN, ANOTHER, UNREADABLE = "absent", "as given", "another value", "there, but unreadable"


class Part(abc.ABC):
    """One part with what is wanted of it, checked when it was made. Its life: look, plan, refuse, write, look again."""

    name: str
    # What the last look found, as Supabase says it.
    found: t.Any = None
    # The settings that differed when it was planned.
    names: t.Sequence[str] = ()

    def look(self, api: Supabase) -> None:
        """Keep what is there now."""
        self.found = self.read(api)

    def plan(self) -> None:
        """Keep which settings differ from what is wanted."""
        before = self.before()
        self.names = [name for name, value in self.after().items() if before.get(name) != value]

    @abc.abstractmethod
    def read(self, api: Supabase) -> t.Any:
        """What is there, as Supabase says it."""

    @abc.abstractmethod
    def before(self) -> View:
        """The settings that the task is about, as they were found."""

    @abc.abstractmethod
    def after(self) -> View:
        """The same settings, as they shall be."""

    @abc.abstractmethod
    def write(self, api: Supabase) -> None:
        """Change the settings in `names`."""

    def seen(self) -> View:
        """`before`, but after a write: what cannot be read back counts as written."""
        return self.before()

    def is_settled(self) -> bool:
        """Whether Supabase has carried out what it took."""
        return True

    def refuse(self) -> None:
        """Raises for changes that must not be; nothing was written yet. Called only where something differs."""
        return

    def notes(self) -> list[str]:
        """Sentences for the user about what was left undone."""
        return []

    def restarts(self) -> bool:
        """Whether writing restarts the database."""
        return False

    def pending(self) -> list[str]:
        """The changed settings that count from the next restart on."""
        return []
