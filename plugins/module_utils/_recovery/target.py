# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""To where a database goes back, as a person writes it. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

_NAME = re.compile(r"[\x21-\x7e]{1,63}")  # pg_create_restore_point takes at most 63 bytes
_EXAMPLES = {"transaction": "transaction 7351", "backup": "backup 12345", "point": "point before-release-42"}


@dataclasses.dataclass(frozen=True)
class Target:
    """`kind` is latest, time, transaction, backup or point; one of the others goes with it, `number` with two of them."""

    kind: str
    at: t.Optional[datetime.datetime] = None
    number: int = 0
    point: str = ""

    def __str__(self) -> str:
        if self.at:
            return self.at.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
        return {"point": f"point {self.point}", "latest": "latest"}.get(self.kind, f"{self.kind} {self.number}")


@dataclasses.dataclass(frozen=True)
class Grammar:
    """What a provider knows beside latest and a time: `kinds` of transaction, backup and point."""

    kinds: t.Tuple[str, ...]

    @property
    def hint(self) -> str:
        """What may be given."""
        examples = [f"'{_EXAMPLES[kind]}'" for kind in self.kinds]
        return f"Give latest, a time such as 2026-11-22T08:30:00Z, {' or '.join(examples)}."

    def read(self, text: str) -> Target:
        """InputError for what is no target here."""
        text = text.strip()
        kind, _blank, value = text.partition(" ")
        if text == "latest":
            return Target("latest")
        if kind in self.kinds and kind != "point" and value.isascii() and value.isdigit():
            return Target(kind, number=int(value))
        if kind == "point" and kind in self.kinds and _NAME.fullmatch(value):
            return Target("point", point=value)
        try:
            return Target("time", at=parse_iso(text))
        except InputError as exc:
            # Ansible takes -e key=two words for one word, and forgets the other.
            quotes = f" In -e it needs quotes inside of the quotes: -e \"key='{_EXAMPLES[text]}'\"." if text in self.kinds else ""
            raise InputError(f"target is '{text}', which names no moment.", hint=self.hint + quotes) from exc
