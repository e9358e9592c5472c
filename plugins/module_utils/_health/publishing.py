# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the reports and the history of a result. What comes in here was masked as the task's own result is."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.file_lock import locked
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._health import history
from ansible_collections.holdfast.webops.plugins.module_utils._health.reports import Reports, reports_from

# For those who read them: node_exporter, a web server and CI run as other users. Secrets are masked.
MODE = 0o644
# Seconds. Another look holds the history for as long as one small file takes to be written.
HISTORY_PATIENCE = 10.0

Values = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Published:
    """The files that were written, since when the verdict is what it is, and a sentence for each file that could not be written."""

    paths: list[str]
    since: t.Optional[str]
    problems: tuple[str, ...]


def prepare(options: t.Optional[Values]) -> Reports:
    """The wanted reports; InputError when one of them could not be written, or the history is some other file."""
    reports = reports_from(options)
    if reports.history:
        try:
            remembered(reports.history)
        except OSError as exc:
            raise InputError(f"The option reports.history is '{reports.history}', which cannot be read: {exc.strerror}.") from None
    return reports


def publish(reports: Reports, values: Values, clock: Clock, *, write: bool) -> Published:
    """Write every wanted file, none unless `write`. Each is complete or not there; one that fails keeps back none of the others."""
    paths: list[str] = []
    problems: list[str] = []
    entries = [history.entry_of(values)]
    if reports.history:
        try:
            entries = _remember(reports, reports.history, entries[-1], clock, write=write)
            paths += [reports.history] if write else []
        except (OSError, WebopsError) as exc:
            problems.append(f"The history '{reports.history}' was not kept: {_why(exc)}")
    since = history.since(entries) if reports.history else None
    seen = {**values, "labels": reports.labels, "since": since, "history": entries if reports.history else []}
    for name, path in reports.paths.items() if write else ():
        try:
            write_atomic(path, _render(name, seen).encode("utf-8", errors="replace"), MODE)
            paths.append(path)
        except OSError as exc:
            problems.append(f"The report '{path}' was not written: {_why(exc)}")
    return Published(sorted(paths), since, tuple(problems))


def remembered(path: str) -> list[history.Entry]:
    """The verdicts of former looks, the oldest first; InputError when the file is something else."""
    return history.read((read_if_there(path) or b"").decode("utf-8", errors="replace"), path)


def _remember(reports: Reports, path: str, newest: history.Entry, clock: Clock, *, write: bool) -> list[history.Entry]:
    if not write:
        return [*remembered(path), newest]
    with locked(f"{path}.lock", clock=clock, timeout=HISTORY_PATIENCE, what=f"the history '{path}'"):
        entries = [*remembered(path), newest][-reports.history_length :]
        write_atomic(path, history.text_of(entries).encode(), MODE)
    return entries


def _render(name: str, seen: Values) -> str:
    """Imported here, so that a look without a report does not wait for what renders it."""
    if name == "json":
        from ansible_collections.holdfast.webops.plugins.module_utils._health import json_report

        return json_report.render(seen)
    if name == "junit":
        from ansible_collections.holdfast.webops.plugins.module_utils._health import junit_report

        return junit_report.render(seen)
    if name == "prometheus":
        from ansible_collections.holdfast.webops.plugins.module_utils._health import prometheus_report

        return prometheus_report.render(seen)
    from ansible_collections.holdfast.webops.plugins.module_utils._health import html_report

    return html_report.render(seen)


def _why(exc: Exception) -> str:
    return f"{exc.strerror}." if isinstance(exc, OSError) and exc.strerror else str(exc)
