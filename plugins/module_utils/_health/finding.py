# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one look at one thing found, in the same shape for every kind of check."""

from __future__ import annotations

import dataclasses
import typing as t

PASS, SKIPPED, WARN, FAIL = "pass", "skipped", "warn", "fail"
SEVERITY = (PASS, SKIPPED, WARN, FAIL)


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What was seen, for the person who asks why; None where a kind of check has no such thing, or nothing came back.

    `address` was connected to, `resolved` is all that the name stood for; `certificate_end` is ISO 8601 in UTC.
    """

    address: t.Optional[str] = None
    resolved: t.Optional[tuple[str, ...]] = None
    certificate_end: t.Optional[str] = None
    status: t.Optional[int] = None
    headers: t.Optional[t.Mapping[str, str]] = None
    body_head: t.Optional[str] = None
    value: t.Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Finding:
    """The end of one look. `problems` are sentences, none when all is well; `seen` is the sentence for that case.

    `warnings` are sentences too; `skipped` says why nothing was looked at. `figures` are numbers by name (times end in _ms).
    """

    seen: str
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    skipped: str = ""
    figures: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    evidence: Evidence = Evidence()


@dataclasses.dataclass(frozen=True)
class Result:
    """A check after its last attempt; `duration_ms` is that of the last attempt."""

    name: str
    kind: str
    critical: bool
    status: str
    reason: str
    attempts: int
    duration_ms: int
    figures: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    evidence: Evidence = Evidence()

    def as_dict(self) -> dict[str, t.Any]:
        """Plain data. Not by dataclasses.asdict, which copies every value of it and takes five times as long."""
        return {**vars(self), "figures": dict(self.figures), "evidence": dict(vars(self.evidence))}


def milliseconds(seconds: float) -> float:
    """A duration as a figure: milliseconds, to a tenth."""
    return round(seconds * 1000, 1)
