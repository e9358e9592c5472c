# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blue and green on a platform that has neither: which deployment stands for which slot, kept in the project itself.

The record is an environment variable for development, which no build for users sees. It holds no weights: who gets the traffic is
what the production domains serve, and nothing else.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.rolling import Rollout, share_of
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import Serving

VARIABLE = "HOLDFAST_SLOTS"
COMMENT = "Which deployment is blue and which is green; kept by holdfast.webops."
SLOTS = ("blue", "green")


@dataclasses.dataclass(frozen=True)
class Slot:
    """What stands on a slot. `state` is `running` (it can get traffic at once) or `stopped` (it must not); an empty one is stopped."""

    deployment: str | None = None
    url: str | None = None
    release_id: str | None = None
    version: str | None = None
    commit: str | None = None
    artifact_sha256: str | None = None
    state: str = "stopped"


@dataclasses.dataclass(frozen=True)
class Record:
    """Both slots, and the highest fencing number that acted on them. `id` is that of the variable, empty where there is none."""

    slots: t.Mapping[str, Slot]
    fence: int = 0
    id: str = ""

    def with_slot(self, name: str, slot: Slot) -> Record:
        return dataclasses.replace(self, slots={**self.slots, name: slot})

    def text(self) -> str:
        """As it is kept."""
        slots = {name: dataclasses.asdict(slot) for name, slot in self.slots.items()}
        return json.dumps({"fence": self.fence, "slots": slots}, sort_keys=True, separators=(",", ":"))


def other(slot: str) -> str:
    return "green" if slot == "blue" else "blue"


def parse(text: str, variable_id: str = "") -> Record:
    """The record in a variable. WebopsError when somebody has edited it into something else."""
    try:
        plain = json.loads(text)
        slots = {name: Slot(**plain["slots"][name]) for name in SLOTS}
        return Record(slots, int(plain["fence"]), variable_id)
    except (ValueError, KeyError, TypeError) as exc:
        raise WebopsError(
            f"The project's variable {VARIABLE} is not what this collection wrote.",
            hint="Remove it: the next deploy writes it anew, and until then no slot is known to hold a release.",
        ) from exc


def read(api: Api, project_id: str) -> Record:
    """What the project remembers; two empty slots where it remembers nothing."""
    answer = api.get("list the environment variables", f"/v10/projects/{project_id}/env") or {}
    found = [one for one in answer.get("envs") or [] if one.get("key") == VARIABLE]
    return parse(str(found[0].get("value")), str(found[0]["id"])) if found else Record({name: Slot() for name in SLOTS})


def write(api: Api, project_id: str, record: Record) -> Record:
    """Keep a record, in place of the one that was read; the same text twice is the same as once."""
    if record.id:
        path = f"/v9/projects/{project_id}/env/{record.id}"
        api.change("keep the slots", "PATCH", path, {"value": record.text()}, repeat=True)
        return record
    variable = {"key": VARIABLE, "value": record.text(), "type": "plain", "target": ["development"], "comment": COMMENT}
    api.change("keep the slots", "POST", f"/v10/projects/{project_id}/env", variable, repeat=True, query={"upsert": "true"})
    return dataclasses.replace(record, id=read(api, project_id).id)


def weights(record: Record, live: Serving, rollout: Rollout | None) -> dict[str, int]:
    """The share of the users that each slot has, in whole percent; both have none while something else is served."""
    return {name: _share(slot, live, rollout) for name, slot in record.slots.items()}


def _share(slot: Slot, live: Serving, rollout: Rollout | None) -> int:
    if slot.deployment is None:
        return 0
    return share_of(rollout, slot.deployment, serves=live.serves(slot.deployment))


def disagreements(live: Serving, shares: t.Mapping[str, int]) -> list[str]:
    """Sentences about what does not fit: domains that differ, or serve what stands on no slot."""
    if live.current is None and any(live.domains.values()):
        return [f"The production domains do not serve the same: {live.told()}."]
    if live.current is not None and sum(shares.values()) == 0:
        return [f"The production domains serve {live.current}, which stands on no slot: it was deployed by something else."]
    return []


def status(record: Record, live: Serving, rollout: Rollout | None) -> dict[str, t.Any]:
    """The fact `platform_status` of docs/platforms.md."""
    shares = weights(record, live, rollout)
    # While a share is tried, the slot that had all of them is the live one.
    leading = max(SLOTS, key=lambda name: (_is_base(record.slots[name], rollout), shares[name]))
    served = leading if shares[leading] else None
    return {
        "live_slot": served,
        "idle_slot": other(served) if served else "blue",
        "weights": shares,
        "slots": {name: dataclasses.asdict(slot) for name, slot in record.slots.items()},
        "servers": None,
        "fence": record.fence,
        "rolled_back": None,
        "shares": sorted({*live.stages, 100}),
        "disagreements": disagreements(live, shares),
    }


def _is_base(slot: Slot, rollout: Rollout | None) -> bool:
    return rollout is not None and rollout.running and slot.deployment is not None and rollout.base == slot.deployment
