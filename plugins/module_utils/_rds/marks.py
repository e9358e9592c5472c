# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance is to a restore, written on it as tags: the next run finds it, wherever the last one was killed. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance
from ansible_collections.holdfast.webops.plugins.module_utils._rds.orders import Order

PREFIX = "holdfast:"
# RESTORING: not checked yet. READY: may take the place of the live one, or has it. PROOF: is looked into and thrown away.
# RETURNING: was replaced, and takes its old place again.
RESTORING, READY, PROOF, RETURNING = "restoring", "ready", "proof", "returning"


@dataclasses.dataclass(frozen=True)
class Marks:
    """`instance` is the name of the live one, `source` the resource that was restored, `kept` the name that the replaced one gets."""

    instance: str
    source: str
    role: str
    target: str
    moment: str
    snapshot: str = ""
    kept: str = ""

    @property
    def at(self) -> datetime.datetime:
        return parse_iso(self.moment)

    def tags(self) -> dict[str, str]:
        """As they are written."""
        return {f"{PREFIX}{name}": value for name, value in dataclasses.asdict(self).items()}


def marks_for(live: Instance, role: str, order: Order, kept: str = "") -> Marks:
    """Of an instance that is to be made."""
    return Marks(live.name, live.resource, role, str(order.target), iso(order.moment), order.snapshot or "", kept)


def read_marks(instance: t.Optional[Instance]) -> t.Optional[Marks]:
    """None for an instance that no restore has made."""
    if instance is None:
        return None
    found = {field.name: instance.tags.get(f"{PREFIX}{field.name}", "") for field in dataclasses.fields(Marks)}
    return Marks(**found) if found["role"] and found["instance"] and found["source"] and found["moment"] else None
