"""The release ledger as anyone can check it with a text editor's worth of tools: this shares no code with the collection."""

from __future__ import annotations

import hashlib
import json
import typing as t

Entry = dict[str, t.Any]


def parse(concatenated: str) -> list[Entry]:
    """Entries, one JSON object after the other, in the order of their numbers."""
    decoder = json.JSONDecoder()
    found: list[Entry] = []
    rest = concatenated.lstrip()
    while rest:
        entry, end = decoder.raw_decode(rest)
        found.append(entry)
        rest = rest[end:].lstrip()
    return sorted(found, key=lambda entry: int(entry["number"]))


def first_break(entries: t.Sequence[Entry]) -> str:
    """What is wrong with the chain; empty when it is whole."""
    previous: str | None = None
    for position, entry in enumerate(entries, start=1):
        content = {name: value for name, value in entry.items() if name != "hash"}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if entry["number"] != position:
            return f"entry {position} has the number {entry['number']}"
        if hashlib.sha256(text.encode()).hexdigest() != entry["hash"]:
            return f"entry {position} is not what was hashed"
        if entry["previous"] != previous:
            return f"entry {position} does not follow the one before"
        previous = entry["hash"]
    return ""


def events(entries: t.Iterable[Entry]) -> list[str]:
    """Their events in order."""
    return [str(entry["event"]) for entry in entries]
