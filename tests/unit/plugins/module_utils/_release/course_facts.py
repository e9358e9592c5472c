"""States and platforms as the tests of course and roll back need them."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Entry
from ansible_collections.holdfast.webops.plugins.module_utils._release.states import fold

Event = tuple[str, str, dict[str, t.Any]]
SLOTS = {"1.0-a": "blue", "1.1-b": "green", "1.2-c": "blue"}
A, B, C = SLOTS


def version(name: str) -> str:
    return name.partition("-")[0]


def opened(name: str) -> Event:
    return ("release.opened", name, {"slot": SLOTS[name], "release": wanted(name)})


def wanted(name: str) -> dict[str, t.Any]:
    return {"version": version(name), "commit": f"commit of {name}", "artifact_sha256": f"sha of {name}"}


def live(name: str) -> list[Event]:
    shifted: Event = ("shift.completed", name, {"percent": 100})
    return [opened(name), ("stage.completed", name, {}), ("verify.completed", name, {}), shifted, ("release.live", name, {})]


def good(name: str) -> list[Event]:
    return [*live(name), ("release.completed", name, {})]


def state_of(*events: Event) -> dict[str, t.Any]:
    """The state after these events, one per minute from 22:00."""
    return fold(
        Entry(number, f"2026-11-21T22:{number:02d}:00Z", event, release or None, data, 1, "me", None)
        for number, (event, release, data) in enumerate(events, 1)
    )


def platform(blue: str | None = None, green: str | None = None, **shares: int) -> dict[str, t.Any]:
    """What stands on the slots, and `blue=` or `green=` shares as `blue_share`, `green_share`."""
    weights = {"blue": shares.get("blue_share", 0), "green": shares.get("green_share", 0)}
    on_slots = {"blue": blue, "green": green}
    live_slot = max(weights, key=lambda slot: weights[slot]) if any(weights.values()) else None
    slots = {slot: {"release_id": name, "state": "running" if name else "absent"} for slot, name in on_slots.items()}
    return {"live_slot": live_slot, "idle_slot": None, "weights": weights, "slots": slots}
