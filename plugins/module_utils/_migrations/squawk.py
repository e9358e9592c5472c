# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of squawk (PyPI squawk-cli), in the shape of ours. It reads files only, so it reports whatever the database is like."""

from __future__ import annotations

import json
import os
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, failure, find_program
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.lint import SQUAWK, ignored, opt_outs
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import APPLY, Job
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.seen import HEAD_CHARACTERS, Finding

TIMEOUT = 120.0
# What this collection does by itself: timeouts, one transaction per file, going on where a run stopped.
_LEFT_OUT = ("require-lock-timeout", "require-statement-timeout", "require-timeout-settings", "prefer-robust-stmts", "transaction-nesting")
# squawk ends with 1 when it has findings.
_ENDS = (0, 1)


def findings(jobs: t.Sequence[Job], server_version: int) -> dict[str, list[Finding]]:
    """By version. `server_version` as libpq gives it, such as 170010. Raises NotFoundError where there is no squawk."""
    chosen = [job for job in jobs if job.direction == APPLY]
    if not chosen:
        return {}
    program = find_program("squawk", hint="Install squawk-cli from PyPI where the module runs, or set lint_squawk=false.")
    with tempfile.TemporaryDirectory(prefix="holdfast-squawk-") as folder:
        for number, job in enumerate(chosen):
            with open(os.path.join(folder, f"{number}.sql"), "w", encoding="utf-8", newline="") as handle:
                handle.write(job.script.text)
        reported = _reported(program, folder, server_version)
    by_number: dict[int, list[dict[str, t.Any]]] = {}
    for report in reported:
        by_number.setdefault(int(os.path.splitext(os.path.basename(report["file"]))[0]), []).append(report)
    return {chosen[number].file.version: _of_file(reports, chosen[number].script) for number, reports in by_number.items()}


def _of_file(reports: t.Sequence[t.Mapping[str, t.Any]], script: Script) -> list[Finding]:
    """Lines of squawk count from 0. Statements are shown as in our own findings, without literals."""
    heads = _heads(script)
    found = []
    for report in reports:
        line = int(report["line"]) + 1
        head = next((head for begins, head in reversed(heads) if begins <= line), "")
        found.append(_finding(report, script.path, line, head))
    return ignored(found, opt_outs(script))


def _heads(script: Script) -> list[tuple[int, str]]:
    """The line in which each statement begins, and the statement."""
    heads = []
    line, offset = 1, 0
    for statement in (statement for step in script.steps for statement in step.statements):
        line += script.text.count("\n", offset, statement.code)
        offset = statement.code
        heads.append((line, statement.plain[:HEAD_CHARACTERS]))
    return heads


def _reported(program: str, folder: str, server_version: int) -> list[dict[str, t.Any]]:
    major = server_version // 10000
    argv = [program, "--reporter", "json", "--pg-version", f"{major}.0", "--assume-in-transaction", "*.sql"]
    done = Commands().run(argv, timeout=TIMEOUT, cwd=folder)
    if done.returncode not in _ENDS:
        raise failure(done.argv, done.returncode, done.stderr)
    try:
        return [report for report in json.loads(done.text) if report["rule_name"] not in _LEFT_OUT]
    except ValueError:
        raise CommandError(f"squawk printed no JSON: {(done.text or done.errors).strip()[:200]}", program=program) from None


def _finding(report: t.Mapping[str, t.Any], path: str, line: int, head: str) -> Finding:
    return Finding(
        rule=f"{SQUAWK}/{report['rule_name']}",
        file=path,
        line=line,
        statement=head,
        why=report["message"],
        instead=report["help"] or "",
        source=SQUAWK,
    )
