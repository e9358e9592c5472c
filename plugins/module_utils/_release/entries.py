# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ledger entries and the chain they form. Pure: bytes in, bytes out.

An entry is one JSON object with exactly the keys of `Entry`. Its `hash` is the SHA-256, in hex, of the canonical JSON
(sorted keys, no spaces, UTF-8) of all other keys; its `previous` is the hash of the entry before, null in entry 1.
Anybody can check a ledger with a JSON parser and sha256sum.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing as t

STEPS = ("backup", "expand", "stage", "verify", "shift", "contract", "retire", "undo")
STEP_EVENTS = tuple(f"{step}.{end}" for step in STEPS for end in ("started", "completed", "failed"))
RELEASE_EVENTS = ("release.opened", "release.live", "release.completed", "release.failed")
ROLLBACK_EVENTS = ("rollback.started", "rollback.completed", "rollback.failed")
APPROVAL_EVENTS = ("approval.granted", "approval.withdrawn")
RECOVERY_EVENTS = ("recovery.started", "recovery.resumed", "recovery.stepped", "recovery.completed")
OTHER_EVENTS = ("backup.recorded", "proof.recorded", "restore.completed", "rehearsal.completed", "lease.broken")
# What says something about a release, and what a decision about releases is taken on.
OF_A_RELEASE = RELEASE_EVENTS + STEP_EVENTS + ROLLBACK_EVENTS
EVENTS = OF_A_RELEASE + APPROVAL_EVENTS + RECOVERY_EVENTS + OTHER_EVENTS


class DamagedError(ValueError):
    """These bytes are not a ledger entry, or not the one that was written."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of the ledger. `at` is ISO 8601 in UTC, `by` who wrote it, `fencing` the number of the lease it was written under."""

    number: int
    at: str
    event: str
    release: str | None
    data: dict[str, t.Any]
    fencing: int | None
    by: str
    previous: str | None
    hash: str = ""

    def as_dict(self) -> dict[str, t.Any]:
        """All keys as plain data."""
        return {name: getattr(self, name) for name in KEYS}

    def sealed(self) -> Entry:
        """The same entry with its hash."""
        return dataclasses.replace(self, hash=self.computed_hash())

    def computed_hash(self) -> str:
        """What `hash` has to be."""
        return hashlib.sha256(canonical({name: getattr(self, name) for name in KEYS if name != "hash"})).hexdigest()

    def as_bytes(self) -> bytes:
        """What is stored."""
        return canonical(self.as_dict())


KEYS = tuple(field.name for field in dataclasses.fields(Entry))


def canonical(value: t.Any) -> bytes:
    """JSON in the one spelling that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")


def parse(content: bytes) -> Entry:
    """The entry in these bytes; DamagedError when they hold none, or one that was edited."""
    try:
        document = json.loads(content)
    except ValueError as exc:
        raise DamagedError("it is not JSON") from exc
    if not isinstance(document, dict) or set(document) != set(KEYS) or not isinstance(document["data"], dict):
        raise DamagedError("it does not have the keys of a ledger entry")
    entry = Entry(**document)
    if entry.hash != entry.computed_hash():
        raise DamagedError("its content does not match its hash: it was edited")
    return entry


@dataclasses.dataclass(frozen=True)
class Chain:
    """The entries up to the first problem; `problem` is a sentence, None when the chain is whole."""

    entries: tuple[Entry, ...]
    problem: str | None = None

    @property
    def head(self) -> dict[str, t.Any]:
        """Number and hash of the newest entry; 0 and null in an empty ledger."""
        return {"number": self.entries[-1].number, "hash": self.entries[-1].hash} if self.entries else {"number": 0, "hash": None}

    def shown(self) -> dict[str, t.Any]:
        """What a report says of a ledger that holds entries: how long it is, since when, and whether it is whole."""
        return {
            "length": len(self.entries),
            "at": self.entries[-1].at,
            "head": self.head,
            "intact": self.problem is None,
            "problem": self.problem,
        }


def link(contents: t.Iterable[tuple[int, bytes]]) -> Chain:
    """Check stored entries, given as (number by their name, content) in the order of their names."""
    entries: list[Entry] = []
    for number, content in contents:
        try:
            entries.append(follow(entries[-1] if entries else None, number, content))
        except DamagedError as exc:
            return Chain(tuple(entries), str(exc))
    return Chain(tuple(entries))


def follow(before: Entry | None, number: int, content: bytes) -> Entry:
    """The entry stored under `number`; DamagedError, with a whole sentence, when it cannot come next after `before`."""
    due = before.number + 1 if before else 1
    if number != due:
        raise DamagedError(f"Entry {due} is missing; the next one there is {number}.")
    try:
        entry = parse(content)
    except DamagedError as exc:
        raise DamagedError(f"Entry {number} is damaged: {exc}.") from exc
    if entry.number != number:
        raise DamagedError(f"Entry {number} holds number {entry.number}: entries were moved.")
    if entry.previous != (before.hash if before else None):
        raise DamagedError(f"Entry {number} does not follow entry {number - 1}: one of them was replaced.")
    return entry


def check_anchor(chain: Chain, anchor: t.Mapping[str, t.Any] | None) -> Chain:
    """Compare a chain with a head that was noted elsewhere; only that shows that the newest entries were cut off or written anew."""
    if chain.problem or not anchor or not anchor["number"]:
        return chain
    number = anchor["number"]
    if len(chain.entries) < number:
        return dataclasses.replace(
            chain, problem=f"The ledger ends at entry {len(chain.entries)}, but it once reached entry {number}: its end was cut off."
        )
    if chain.entries[number - 1].hash != anchor["hash"]:
        return dataclasses.replace(chain, problem=f"Entry {number} is not the one that the lease remembers: the ledger was written anew.")
    return chain
