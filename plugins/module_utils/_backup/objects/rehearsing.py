# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rehearse a recovery of a bucket: prove the newest snapshot that restores, each time anew.

When the newest one turns out not to restore, the next older one is taken, as a person would; the result says so.
"""

from __future__ import annotations

import dataclasses
import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.proving import check_place, outcome_of, prove_anew
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.session import Request, RestoreSession, request_for
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso_exact
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome

SAMPLES = 5


def rehearse(call: Call) -> Outcome:
    """Each rehearsal is one more."""
    request = request_for(call)
    session, proof, passed_over = _first_that_restores(request)
    after = {"backup": session.backup.id, "rehearsal": "done"}
    outcome = outcome_of(session, {**after, "rehearsal": "none"}, after, proof)
    shown = None
    if proof is not None:
        ended = iso_exact(request.clock.now())
        shown = {"ended": ended, "seconds": proof["duration_s"], "samples": _samples(session), "passed_over": passed_over}
    told = (f"Snapshot {one['backup']} could not be restored, an older one was taken: {one['reason']}" for one in passed_over)
    return dataclasses.replace(outcome, values={**outcome.values, "rehearsal": shown}, warnings=(*told, *outcome.warnings))


def _first_that_restores(request: Request) -> tuple[RestoreSession, dict[str, t.Any] | None, list[dict[str, str]]]:
    """What was proven, its proof (None in check mode), and the newer snapshots that could not be restored, with reasons."""
    failures: list[tuple[str, WebopsError]] = []
    for backup in _candidates(request):
        try:
            session = request.session(backup)
            check_place(session)
            proof = None if request.call.check_mode else prove_anew(session)
        except (InputError, ConflictError, DeadlineError):  # says nothing about the snapshot
            raise
        except WebopsError as exc:
            failures.append((backup.id, exc))
        else:
            return session, proof, [{"backup": name, "reason": exc.message} for name, exc in failures]
    if len(failures) == 1:
        raise failures[0][1]
    told = " ".join(f"{name}: {exc.message}" for name, exc in failures)
    raise WebopsError(f"None of the {len(failures)} newest snapshots could be restored. {told}", hint=failures[0][1].hint)


def _candidates(request: Request) -> list[Backup]:
    """The chosen one, and the next older ones."""
    known = sorted((one for one in request.catalog if one.sound), key=lambda one: one.id, reverse=True)
    chosen = request.chosen
    older = [one for one in known if one.id < chosen.id]
    return [chosen, *older[: request.call.params["fallbacks"]]]


def _samples(session: RestoreSession) -> list[dict[str, t.Any]]:
    """Digests and sizes of some of what was compared; no names, which may be those of people."""
    entries = sorted(session.shelf.entries, key=lambda entry: hashlib.sha256(entry.key.encode()).hexdigest())
    return [{"sha256": session.shelf.sha256_of(entry), "size": entry.size} for entry in entries[:SAMPLES]]
