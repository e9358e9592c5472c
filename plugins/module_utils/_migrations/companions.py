# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that run beside the migrations and have no version, such as seeds: each in one transaction."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import Tools
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script


class Note(t.Protocol):
    """What the database keeps of a companion."""

    def prepare(self, database: Database) -> None:
        """Called when the transaction has begun."""

    def write(self, database: Database) -> None:
        """Called when the statements have run."""


class Companion(t.NamedTuple):
    """`kind`: seed or roles. The script is empty where only the note changes."""

    path: str
    script: Script
    kind: str
    note: Note | None = None


@dataclasses.dataclass(frozen=True)
class Companions:
    """What runs before the migrations, and what after them."""

    before: tuple[Companion, ...] = ()
    after: tuple[Companion, ...] = ()
    warnings: tuple[str, ...] = ()

    def __iter__(self) -> t.Iterator[Companion]:
        yield from self.before
        yield from self.after

    def __bool__(self) -> bool:
        return bool(self.before or self.after)


NO_COMPANIONS = Companions()


class CompanionSource(t.Protocol):
    """The files that the options name, which were read before anything was connected."""

    def plan(self, database: Database) -> Companions:
        """Which of them are to run."""

    def values(self, companions: Companions) -> dict[str, t.Any]:
        """What the module returns about them."""


class NoCompanions:
    """For a tool that knows of no such files."""

    def __init__(self, params: t.Mapping[str, t.Any]) -> None:
        """Takes the options as every source does."""

    def plan(self, _database: Database) -> Companions:
        return NO_COMPANIONS

    def values(self, _companions: Companions) -> dict[str, t.Any]:
        return {}


def run_companions(tools: Tools, companions: t.Iterable[Companion]) -> None:
    """Run them in order. Raises WebopsError naming file and line; of the file that failed nothing is kept."""
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import Report, StepError, insist

    for companion in companions:
        tools.session.reset()
        try:
            insist(tools, Report(), functools.partial(_attempt, tools, companion))
        except StepError as exc:
            raise WebopsError(
                f"{exc.message} Nothing of this file was kept.",
                hint=exc.hint or "Mend the file and run again.",
                blockers=list(tools.watch.blockers),
            ) from None


def _attempt(tools: Tools, companion: Companion) -> None:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import StepError, execute
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import DatabaseError

    session, note = tools.session, companion.note
    try:
        with tools.watch.during():
            session.rows("BEGIN")
            if note is not None:
                note.prepare(session)
            for step in companion.script.steps:
                for statement in step.statements:
                    execute(session, companion.script, statement)
            if note is not None:
                session.act_as_self()
                note.write(session)
            session.rows("COMMIT")
    except DatabaseError as exc:
        session.roll_back()
        raise StepError(exc, f"{companion.path} in its bookkeeping", "") from None
    except WebopsError:
        session.roll_back()
        raise
