# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a router is told, and the map files that say it. Pure.

The files hold `key value` lines, read by HAProxy at its start and changed in the running router by its socket:

- `slots.map` (whole numbers): `green_pct` 0-100, `maint` 0 or 1
- `release.map`: `release` the scope of the sticky cookie, `live` the slot that had all traffic last, `closed` the slot whose code
  does not fit the schema any more, if there is one (the router ignores the last two)
- `preview.map`: `<token>-blue blue` and `<token>-green green`, or nothing where there is no preview
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError

SLOTS = ("blue", "green")
# In the order in which they are written: the share of the traffic last, when all else is in place.
TABLE_NAMES = ("preview.map", "release.map", "slots.map")
Tables = t.Dict[str, t.Dict[str, str]]
RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PREVIEW_TOKEN = re.compile(r"[A-Za-z0-9._~-]{16,128}")


@dataclasses.dataclass(frozen=True)
class Settings:
    """Everything that changes while a router runs. `green` is green's share in percent."""

    green: int = 0
    maintenance: bool = False
    release: str = "none"
    live: str = "blue"
    closed: str = ""
    preview_token: str = dataclasses.field(default="", repr=False)

    @property
    def weights(self) -> dict[str, int]:
        """The shares of both slots in percent."""
        return {"blue": 100 - self.green, "green": self.green}

    @property
    def idle(self) -> str:
        """The slot that is not the live one."""
        return other_slot(self.live)

    def shown(self) -> dict[str, t.Any]:
        """For results and diffs: no secret, but a change of the token is seen."""
        token = self.preview_token
        return {
            "weights": self.weights,
            "live_slot": self.live,
            "closed": self.closed or None,
            "release": self.release,
            "maintenance": self.maintenance,
            "preview": hashlib.sha256(token.encode()).hexdigest()[:8] if token else "off",
        }

    def tables(self) -> Tables:
        """The content of the map files."""
        preview = {f"{self.preview_token}-{slot}": slot for slot in SLOTS} if self.preview_token else {}
        return {
            "preview.map": preview,
            "release.map": {"release": self.release, "live": self.live, **({"closed": self.closed} if self.closed else {})},
            "slots.map": {"green_pct": str(self.green), "maint": str(int(self.maintenance))},
        }


def other_slot(slot: str) -> str:
    """The other one of the two."""
    return SLOTS[1 - SLOTS.index(slot)]


def slot_of_server(name: str) -> str:
    """The slot that a server of the router stands for: `blue`, or with several web hosts `blue-web1`."""
    return name.partition("-")[0]


def table_text(table: dict[str, str]) -> str:
    """A map file."""
    return "".join(f"{key} {value}\n" for key, value in table.items())


def parse_table_text(text: str, name: str) -> dict[str, str]:
    """The entries of a map file; comments and blank lines are allowed as HAProxy allows them."""
    entries = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            key, _space, value = line.strip().partition(" ")
            if not value.strip():
                raise WebopsError(f"{name}: line {number} is not 'key value'.", hint="Correct it, or remove the file and provision again.")
            entries[key] = value.strip()
    return entries


def from_tables(tables: Tables) -> Settings:
    """What the map files, or the running router's maps, say."""
    slots, release = tables["slots.map"], tables["release.map"]
    green = _whole_number(slots, "green_pct", 100)
    live = release.get("live", "green" if green > 50 else "blue")
    if live not in SLOTS:
        raise WebopsError(f"release.map: live is '{live}'; it must be blue or green.")
    closed = release.get("closed", "")
    if closed not in ("", *SLOTS):
        raise WebopsError(f"release.map: closed is '{closed}'; it must be blue or green.")
    preview = [key for key, slot in tables["preview.map"].items() if slot == "blue"]
    return Settings(
        green=green,
        maintenance=bool(_whole_number(slots, "maint", 1)),
        release=release.get("release", "none"),
        live=settled_on(green) or live,
        closed=closed,
        preview_token=preview[0].rpartition("-")[0] if preview else "",
    )


def _whole_number(table: dict[str, str], key: str, most: int) -> int:
    text = table.get(key, "0")
    if not text.isdigit() or int(text) > most:
        raise WebopsError(f"slots.map: {key} is '{text}'; it must be a whole number from 0 to {most}.")
    return int(text)


def settled_on(green: int) -> str | None:
    """The slot that has all traffic, if one has."""
    return {0: "blue", 100: "green"}.get(green)


def wanted(present: Settings, params: dict[str, t.Any]) -> Settings:
    """What the task's options ask for; an option that was not given keeps what the files say."""
    green = present.green if params["weights"] is None else params["weights"]["green"]
    return Settings(
        green=green,
        maintenance=_given(params["maintenance"], present.maintenance),
        release=_given(params["release"], present.release),
        live=settled_on(green) or present.live,
        closed=_closed(present, params["closed"], green),
        preview_token=_given(params["preview_token"], present.preview_token),
    )


def _closed(present: Settings, given: str | None, green: int) -> str:
    """A slot that gets traffic is not closed any more: a new release stands on it."""
    closed = present.closed if given is None else given.replace("none", "")
    if not closed or not Settings(green=green).weights[closed]:
        return closed
    if given is None:
        return ""
    raise InputError(
        f"closed: {closed} gets {Settings(green=green).weights[closed]} % of the traffic.", hint="Give the other slot all of it."
    )


def _given(value: t.Any, otherwise: t.Any) -> t.Any:
    return otherwise if value is None else value


def check(params: dict[str, t.Any]) -> None:
    """Refuse options that make no sense before anything is touched."""
    weights, release, token = params["weights"], params["release"], params["preview_token"]
    if weights is not None and (min(weights.values()) < 0 or sum(weights.values()) != 100):
        raise InputError(
            f"weights: blue {weights['blue']} and green {weights['green']} are not shares in percent.",
            hint="Give whole numbers from 0 to 100 that make 100 together.",
        )
    if release is not None and not RELEASE.fullmatch(release):
        raise InputError(f"release: '{release}' is not a release id.", hint="Allowed are 1 to 64 letters, digits, '.', '_' and '-'.")
    if token and not PREVIEW_TOKEN.fullmatch(token):
        raise InputError(
            "preview_token: the value is not usable as a token.", hint="Allowed are 16 to 128 letters, digits, '.', '_', '~' and '-'."
        )


def rising(before: Settings, after: Settings) -> str | None:
    """The slot that gets a larger share, if one does."""
    if before.green == after.green:
        return None
    return "green" if after.green > before.green else "blue"


def drift(files: Tables, live: Tables) -> list[str]:
    """Where the running router differs from its files, a sentence each; values of the preview map are secret."""
    found = []
    for name in TABLE_NAMES:
        for key in sorted(files[name].keys() | live[name].keys()):
            mine, theirs = files[name].get(key, "missing"), live[name].get(key, "missing")
            if mine != theirs and name != "preview.map":
                found.append(f"{name}: {key} is {theirs} in the router and {mine} in the file")
    if files["preview.map"] != live["preview.map"]:
        found.append("preview.map: the router holds another preview token than the file")
    return found
