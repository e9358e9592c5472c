# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Environment variables, target by target: what is there, what is wanted, and the changes between them. Pure.

One record of Vercel's holds a value for several targets; a variable exists at most once for each name, branch and target.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._vercel import remembering, slots

TARGETS = ("production", "preview", "development")
HIDDEN = "********"
OTHER = "******** (another value)"


class Cell(t.NamedTuple):
    """Where at most one value is."""

    name: str
    branch: str
    target: str

    def __str__(self) -> str:
        return f"{self.name}@{self.target}" + (f"/{self.branch}" if self.branch else "")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A value for some targets. `comment` is None where it does not matter; `absent` means that there shall be none."""

    name: str
    branch: str
    targets: tuple[str, ...]
    kind: str
    value: str
    comment: t.Optional[str] = None
    absent: bool = False

    def cells(self) -> list[Cell]:
        return [Cell(self.name, self.branch, target) for target in self.targets]


@dataclasses.dataclass(frozen=True)
class Present:
    """A record of Vercel's. `value` is None where it cannot be read; `updated` is in seconds since 1970."""

    id: str
    name: str
    branch: str
    targets: tuple[str, ...]
    kind: str
    value: t.Optional[str]
    comment: str
    updated: float
    custom: bool = False

    def cells(self) -> list[Cell]:
        return [Cell(self.name, self.branch, target) for target in self.targets]


@dataclasses.dataclass(frozen=True)
class Change:
    """One request: `delete` or `update` of the record `id`, or `create`.

    `targets` are those of the record afterwards. With `item` it gets that value and comment; `renew` writes its note anew.
    """

    action: str
    id: str
    name: str
    branch: str
    targets: tuple[str, ...]
    item: t.Optional[Wanted] = None


class Comparison:
    """Whether a record holds what is wanted; remembers the answers, because a slow hash may be behind them.

    `trusting` leaves aside when a record was changed last, right after writing it.
    """

    def __init__(self, key: str, *, trusting: bool = False) -> None:
        self._key = key
        self._trusting = trusting
        self._known: dict[tuple[Present, Wanted], bool] = {}

    def same(self, present: Present, wanted: Wanted) -> bool:
        if (present, wanted) not in self._known:
            self._known[present, wanted] = self._compare(present, wanted)
        return self._known[present, wanted]

    def _compare(self, present: Present, wanted: Wanted) -> bool:
        if present.kind != wanted.kind:
            return False
        if wanted.comment is not None and remembering.without_note(present.comment) != wanted.comment:
            return False
        if wanted.kind != "sensitive":
            return present.value == wanted.value
        updated = 0.0 if self._trusting else present.updated
        return remembering.holds(present.comment, wanted.name, wanted.value, self._key, updated)


def plan(present: t.Sequence[Present], wanted: t.Sequence[Wanted], purged: t.Collection[str], comparison: Comparison) -> list[Change]:
    """The changes, in the order in which no variable is there twice. `purged` are targets where nothing else may be."""
    by_cell = {cell: item for item in wanted for cell in item.cells()}
    changes: list[Change] = []
    covered: set[Cell] = set()
    for record in present:
        if not _is_untouched(record):
            change, kept = _change_of(record, by_cell, purged, comparison)
            covered |= kept
            changes += [change] if change else []
    for item in wanted:
        missing = tuple(cell.target for cell in item.cells() if cell not in covered)
        if missing and not item.absent:
            changes.append(Change("create", "", item.name, item.branch, missing, item))
    return changes


def _is_untouched(record: Present) -> bool:
    """What Vercel itself sets, and what vercel_slot keeps."""
    return record.kind == "system" or record.name == slots.VARIABLE


def _change_of(
    record: Present, by_cell: t.Mapping[Cell, Wanted], purged: t.Collection[str], comparison: Comparison
) -> tuple[t.Optional[Change], set[Cell]]:
    """What happens to one record, and the wanted cells that it holds afterwards."""
    kept: list[Cell] = []
    equal: list[Cell] = []
    other: list[Cell] = []
    for cell in record.cells():
        item = by_cell.get(cell)
        if item is None:
            kept += [] if cell.target in purged else [cell]
        elif not item.absent:
            (equal if comparison.same(record, item) else other).append(cell)
    staying = [cell for cell in record.cells() if cell in kept or cell in equal]
    if not staying and other and record.kind == by_cell[other[0]].kind and not record.custom:
        # Its value is wanted nowhere: it gets the one of the first item that it can hold.
        item = by_cell[other[0]]
        staying = [cell for cell in other if by_cell[cell] == item]
        return _update(record, staying, item), set(staying)
    if len(staying) == len(record.targets):
        return None, set(equal)
    if not staying and not record.custom:
        return Change("delete", record.id, record.name, record.branch, ()), set()
    return _update(record, staying, by_cell[equal[0]] if equal else None), set(equal)


def _update(record: Present, staying: t.Sequence[Cell], item: t.Optional[Wanted]) -> Change:
    return Change("update", record.id, record.name, record.branch, tuple(cell.target for cell in staying), item)


def after(present: t.Sequence[Present], changes: t.Sequence[Change], now: float, key: str) -> list[Present]:
    """The records as the changes would leave them."""
    by_id = {record.id: record for record in present}
    for number, change in enumerate(changes):
        old = by_id.pop(change.id, None)
        if change.action == "delete" or (change.action == "update" and old is None):
            continue
        name = change.id or f"new {number}"
        if change.item is not None:
            item, comment = change.item, comment_of(change.item, old, key, now)
            by_id[name] = Present(name, item.name, item.branch, change.targets, item.kind, item.value, comment, now)
        elif old is not None:
            by_id[name] = dataclasses.replace(old, targets=change.targets)
    return list(by_id.values())


def comment_of(item: Wanted, old: t.Optional[Present], key: str, now: float) -> str:
    """The comment of a record that holds an item: its own or the old one's, with the note of a sensitive value."""
    text = item.comment if item.comment is not None else remembering.without_note(old.comment if old else "")
    return remembering.with_note(text, item.name, item.value, key, now) if item.kind == "sensitive" else text


def view(
    present: t.Sequence[Present], wanted: t.Sequence[Wanted], purged: t.Collection[str], comparison: Comparison
) -> dict[str, dict[str, t.Any]]:
    """What a person may see of the variables that the task is about; of values only those that are no secrets."""
    by_cell = {cell: item for item in wanted for cell in item.cells()}
    seen: dict[str, dict[str, t.Any]] = {}
    for record in present:
        for cell in record.cells():
            item = by_cell.get(cell)
            if _is_untouched(record) or (item is None and cell.target not in purged):
                continue
            value = record.value if record.kind == "plain" else HIDDEN
            if record.kind != "plain" and item is not None and not item.absent and not comparison.same(record, item):
                value = OTHER
            seen[str(cell)] = {"type": record.kind, "value": value, "comment": remembering.without_note(record.comment)}
    return dict(sorted(seen.items()))
