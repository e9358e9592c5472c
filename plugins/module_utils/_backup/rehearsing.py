# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rehearse a recovery of the database: as a proof, never on production's server, with the questions of the business asked.

When the newest backup turns out not to restore, the next older one is taken, as a person would; the result says so.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.choosing import of_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.examining import EXAM_ARGUMENTS, Answer, Exam, examine, read_exam
from ansible_collections.holdfast.webops.plugins.module_utils._backup.filling import APPLICATION, Restored
from ansible_collections.holdfast.webops.plugins.module_utils._backup.proving import prove_in, publish
from ansible_collections.holdfast.webops.plugins.module_utils._backup.session import Server, Session, shown_choice
from ansible_collections.holdfast.webops.plugins.module_utils._backup.shown import described, described_proof
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import at_database
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.kept_server import read_url, url_file, write_url
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.same_server import refuse_production
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.target import check_scratch_rights

REHEARSAL_ARGUMENTS: t.Mapping[str, t.Any] = {
    **EXAM_ARGUMENTS,
    "production_url": {"type": "str", "no_log": True},
    "fallbacks": {"type": "int", "default": 0},
    "keep_for": {"type": "float"},
}
REHEARSAL = "rehearsal"  # in the names of scratch databases


@dataclasses.dataclass(frozen=True)
class _Rehearsed:
    """One backup, restored and examined; its proof is not written yet."""

    session: Session
    proof: dict[str, t.Any]
    restored: Restored
    answers: list[Answer]
    youngest: str | None
    examined_s: float
    folder: str | None


def rehearse(session: Session) -> Outcome:
    """Restore the newest backup that restores, ask, throw it away."""
    exam, began = read_exam(session.call.params), session.clock.now()
    if session.call.params["fallbacks"] < 0:
        raise InputError(f"fallbacks is {session.call.params['fallbacks']}.", hint="Give how many older backups may be tried, 0 for none.")
    if session.call.check_mode:
        with _scratch(session):
            return _outcome(session, _values(session, None, None))
    done, passed_over = _first_that_restores(session, exam)
    backup = publish(done.session, done.proof)
    shown = {"began": iso(began), "ended": iso(session.clock.now()), "passed_over": passed_over, **_described(done)}
    values = {**_values(done.session, shown, done.restored), "backup": described(backup), "proof": described_proof(backup.proof)}
    return _outcome(done.session, values, (*_told(passed_over), *done.restored.warnings))


def _outcome(session: Session, values: dict[str, t.Any], warnings: tuple[str, ...] = ()) -> Outcome:
    """Each rehearsal is one more."""
    after = {"backup": session.backup.id, "rehearsal": "done"}
    return Outcome({**after, "rehearsal": "none"}, after, values, warnings)


def _described(done: _Rehearsed) -> dict[str, t.Any]:
    return {
        "restore_s": done.restored.restore_s,
        "compare_s": done.restored.compare_s,
        "validate_s": done.examined_s,
        "validations": [dataclasses.asdict(answer) for answer in done.answers],
        "youngest_change": done.youngest,
        "server": done.proof["server"],
        "client": done.proof["client"],
        "schema_compared": done.restored.schema_compared,
        "kept": None if done.folder is None else {"folder": done.folder, "url_file": url_file(done.folder)},
    }


def _values(session: Session, shown: dict[str, t.Any] | None, restored: Restored | None) -> dict[str, t.Any]:
    comparisons = [dataclasses.asdict(one) for one in restored.comparisons] if restored else []
    return {**shown_choice(session), "proof": None, "restored": None, "comparisons": comparisons, "rehearsal": shown}


def _told(passed_over: t.Sequence[t.Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(f"Backup {one['backup']} could not be restored, an older one was taken: {one['reason']}" for one in passed_over)


def _first_that_restores(session: Session, exam: Exam) -> tuple[_Rehearsed, list[dict[str, str]]]:
    """What was restored, and the newer backups that could not be, each with the reason."""
    failures: list[tuple[str, WebopsError]] = []
    for candidate in (session, *_older(session)):
        try:
            return _rehearsed(candidate, exam), [{"backup": backup, "reason": exc.message} for backup, exc in failures]
        except (InputError, ConflictError, DeadlineError):  # says nothing about the backup
            raise
        except WebopsError as exc:
            failures.append((candidate.backup.id, exc))
    raise _none_restores(failures)


def _none_restores(failures: t.Sequence[tuple[str, WebopsError]]) -> WebopsError:
    if len(failures) == 1:
        return failures[0][1]
    told = " ".join(f"{backup}: {exc.message}" for backup, exc in failures)
    return WebopsError(f"None of the {len(failures)} newest backups could be restored. {told}", hint=failures[0][1].hint)


def _older(session: Session) -> list[Session]:
    """The next older backups, where nobody asked for a certain one."""
    request, chosen = session.request, session.chosen
    if naming.is_id(request.backup):
        return []
    known = [backup for backup in chosen.catalog if backup.sound and (backup.proof or request.backup != "latest_proven")]
    older = known[[backup.id for backup in known].index(chosen.id) + 1 :][: session.call.params["fallbacks"]]
    return [dataclasses.replace(session, chosen=of_catalog(backup, chosen.catalog, request.identity_file)) for backup in older]


def _rehearsed(session: Session, exam: Exam) -> _Rehearsed:
    clock = session.clock
    with _scratch(session) as server:

        def ask(name: str) -> tuple[list[Answer], str | None, float]:
            began = clock.monotonic()
            session.call.progress.show("Asking the questions of the business")
            answers = examine(at_database(server.url, name), exam, APPLICATION, clock, session.deadline)
            return (*answers, round(clock.monotonic() - began, 3))

        proof, restored, seen = prove_in(session, server, ask, REHEARSAL, keep=server.folder is not None)
    if server.folder is not None:
        write_url(server.folder, session.request.database_url or read_url(server.folder), restored.database)
    return _Rehearsed(session, proof, restored, *seen, server.folder)


@contextlib.contextmanager
def _scratch(session: Session) -> t.Iterator[Server]:
    """A server on which a rehearsal may take place, and could end."""
    with session.server() as server:
        if session.request.database_url is not None:
            refuse_production(session.call.params["production_url"], server.admin)
        check_scratch_rights(server.target)
        yield server
