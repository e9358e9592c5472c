# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered of a site that is published by git: which release commit stands for which slot, and who was here last.

It lies beside the branch as `refs/holdfast/<branch>`: a commit with one file. It is pushed together with the branch, as one
transaction with a lease, so that of two controllers one is refused. Who has the users is what the site serves; whom they were last meant
to have is remembered too, for a site that cannot be asked.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError

FILE = "state.json"
SLOTS = ("blue", "green")


@dataclasses.dataclass(frozen=True)
class Slot:
    """What stands on a slot. `published` is the commit whose files are the release; `state` is `running`, or `stopped`: it must get no
    users."""

    release_id: t.Optional[str] = None
    version: t.Optional[str] = None
    commit: t.Optional[str] = None
    artifact_sha256: t.Optional[str] = None
    published: t.Optional[str] = None
    state: str = "stopped"


@dataclasses.dataclass(frozen=True)
class Record:
    """Both slots, the highest fencing number, the commits that we last put on the published and on the preview branch, and the slot that
    was last meant to get the users."""

    slots: t.Mapping[str, Slot]
    fence: int = 0
    tip: t.Optional[str] = None
    preview: t.Optional[str] = None
    live: t.Optional[str] = None

    def with_slot(self, name: str, slot: Slot) -> Record:
        return dataclasses.replace(self, slots={**self.slots, name: slot})

    def text(self) -> str:
        """As it is kept."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, indent=1) + "\n"


EMPTY: t.Final = Record({name: Slot() for name in SLOTS})


def other(slot: str) -> str:
    return "green" if slot == "blue" else "blue"


def ref_of(branch: str) -> str:
    """Where the record of a branch lies."""
    return f"refs/holdfast/{branch}"


def parse(text: str, branch: str) -> Record:
    """The record as it was kept. WebopsError when somebody has made something else of it."""
    try:
        data = json.loads(text)
        slots = {name: Slot(**data["slots"][name]) for name in SLOTS}
        return Record(slots, int(data["fence"]), data["tip"], data["preview"], data["live"])
    except (ValueError, KeyError, TypeError) as exc:
        raise WebopsError(
            f"{ref_of(branch)} of the repository is not what this collection wrote.",
            hint="Delete it there: the next deploy writes it anew, and until then no slot is known to hold a release.",
        ) from exc


def refuse_overtaken(record: Record, fencing: int) -> None:
    """ConflictError for a controller with an older lease than one that was here."""
    if fencing < record.fence:
        raise ConflictError(
            f"fencing: {fencing} is older than {record.fence}, which was here since.",
            hint="Another run has taken over the lease. Start again from the beginning, with a lease of your own.",
            fence=record.fence,
        )


def slot_of(record: Record, release_id: t.Optional[str]) -> t.Optional[str]:
    """The slot that holds a release."""
    return next((name for name in SLOTS if release_id and record.slots[name].release_id == release_id), None)


def status(record: Record, served: t.Optional[str], disagreements: t.Sequence[str]) -> dict[str, t.Any]:
    """The fact `platform_status` of docs/platforms.md; `served` is the release that the site shows, None when it is none of ours."""
    shown = slot_of(record, served)
    live = shown or record.live
    return {
        "live_slot": live,
        "idle_slot": other(live) if live else "blue",
        "weights": {name: 100 if name == shown else 0 for name in SLOTS},
        "slots": {name: dataclasses.asdict(record.slots[name]) for name in SLOTS},
        "servers": None,
        "fence": record.fence,
        "rolled_back": None,
        "shares": [100],
        "disagreements": list(disagreements),
    }
