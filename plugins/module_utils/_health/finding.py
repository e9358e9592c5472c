# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one look at one thing found, in the same shape for every kind of check."""

from __future__ import annotations

import dataclasses
import typing as t

PASS, WARN, FAIL = "pass", "warn", "fail"
SEVERITY = (PASS, WARN, FAIL)


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What was seen, for the person who asks why; None where a kind of check has no such thing, or nothing came back."""

    address: t.Optional[str] = None
    status: t.Optional[int] = None
    headers: t.Optional[t.Mapping[str, str]] = None
    body_head: t.Optional[str] = None
    value: t.Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Finding:
    """The end of one look. `problems` are sentences, none when all is well; `seen` is the sentence for that case.

    `figures` are numbers by name (times end in _ms).
    """

    seen: str
    problems: tuple[str, ...] = ()
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
        return dataclasses.asdict(self)


def milliseconds(seconds: float) -> float:
    """A duration as a figure: milliseconds, to a tenth."""
    return round(seconds * 1000, 1)
