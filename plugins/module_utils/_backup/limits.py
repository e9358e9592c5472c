# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a policy's backups is alarming, and the options that say so. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

DATABASE, OBJECTS, CONFIGURATION = KINDS = ("database", "objects", "configuration")


@dataclasses.dataclass(frozen=True)
class Limits:
    """When to alarm. Ages in hours, None for never; sizes as multiples of the median of the `of_last` backups before."""

    late_hours: t.Optional[float]
    proof_hours: t.Optional[float]
    grew: float = 3.0
    shrank: float = 0.5
    of_last: int = 7


@dataclasses.dataclass(frozen=True)
class Watched:
    """What is judged of a policy; `part` is one of its buckets, where it has several things to back up."""

    policy: str
    kind: str
    limits: Limits
    part: str = ""

    @property
    def name(self) -> str:
        return f"{self.policy} {self.part}".strip()


POLICY: t.Final[dict[str, t.Any]] = {
    "policy": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": list(KINDS)},
    "part": {"type": "str", "default": ""},
    "late_hours": {"type": "float"},
    "proof_hours": {"type": "float"},
    "grew": {"type": "float", "default": Limits.grew},
    "shrank": {"type": "float", "default": Limits.shrank},
    "of_last": {"type": "int", "default": Limits.of_last},
}


def watched_from(given: t.Sequence[t.Mapping[str, t.Any]]) -> tuple[Watched, ...]:
    """The options as they are judged; InputError for limits that nothing could keep."""
    return tuple(_watched(one) for one in given)


def _watched(given: t.Mapping[str, t.Any]) -> Watched:
    limits = Limits(given["late_hours"], given["proof_hours"], given["grew"], given["shrank"], given["of_last"])
    for name in ("late_hours", "proof_hours", "grew", "shrank", "of_last"):
        value = given[name]
        if value is not None and value < (1 if name == "of_last" else 0):
            raise InputError(f"policies: {name} of {given['policy']} is {value:g}.", hint="Give a number above 0.")
    return Watched(given["policy"], given["kind"], limits, given["part"] or "")
