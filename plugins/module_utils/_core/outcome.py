# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a use case found and left behind; `changed` and `diff` come from one comparison of the two."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass(frozen=True)
class Outcome:
    """`before` and `after` are plain data in the same shape; in check mode `after` is what a real run would leave.

    `values` are the documented return values, `warnings` sentences for the user.
    """

    before: dict[str, t.Any]
    after: dict[str, t.Any]
    values: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def as_result(self) -> dict[str, t.Any]:
        """The result of the task, without the warnings."""
        return {**self.values, "changed": self.changed, "diff": {"before": self.before, "after": self.after}}
