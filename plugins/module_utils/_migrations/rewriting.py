# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes the history alone: records migrations that ran elsewhere, or makes them pending again. All of them or none."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import forget
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import (
    BASELINE,
    Job,
    Report,
    StepError,
    Tools,
    insist,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import DatabaseError


def rewrite_history(tools: Tools, jobs: t.Sequence[Job]) -> None:
    """Baseline or repair the files, and forget what the journal knows of them."""
    tools.session.reset()
    insist(tools, Report(), functools.partial(_rewrite, tools, jobs))


def _rewrite(tools: Tools, jobs: t.Sequence[Job]) -> None:
    try:
        with tools.watch.during():
            tools.session.rows("BEGIN")
            _change(tools, jobs)
            tools.session.rows("COMMIT")
    except DatabaseError as exc:
        tools.session.roll_back()
        raise StepError(exc, tools.history.table, "") from None


def _change(tools: Tools, jobs: t.Sequence[Job]) -> None:
    session, history = tools.session, tools.history
    history.create(session)
    session.rows(f"LOCK TABLE {history.table} IN SHARE ROW EXCLUSIVE MODE")
    for job in jobs:
        forget(session, history.journal, job.file.version)
        if job.direction == BASELINE:
            history.baseline(session, job.file, job.script)
        else:
            history.repair(session, job.file.version)
