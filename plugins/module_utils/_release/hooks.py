# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Task files of the inventory that run before and after the stages of a deploy. Pure.

They run where the ledger is written: what comes after a stage runs before its end is recorded, what comes before a stage
when its beginning is recorded. So a hook that fails fails its stage, and a run that dies in a hook runs it again.
"""

from __future__ import annotations

import typing as t

STAGES = ("backup", "expand", "stage", "verify", "shift", "contract", "retire")
Record = t.Mapping[str, t.Any]


def hooks_at(entries: t.Sequence[Record], files: t.Mapping[str, str]) -> dict[str, list[dict[str, t.Any]]]:
    """Which hooks belong to these ledger entries: `after` before they are written, `before` when they are.

    A stage that begins and ends within the same entries had nothing to do, and no hook runs for it.
    """
    steps = [(*str(entry["event"]).rpartition(".")[::2], (entry.get("data") or {}).get("percent")) for entry in entries]
    names = [step[:2] for step in steps]
    after = [step for at, step in enumerate(steps) if step[1] == "completed" and (step[0], "started") not in names[:at]]
    before = [step for at, step in enumerate(steps) if step[1] == "started" and (step[0], "completed") not in names[at:]]
    return {"after": _chosen("after", after, files), "before": _chosen("before", before, files)}


def _chosen(when: str, steps: t.Sequence[tuple[str, str, t.Any]], files: t.Mapping[str, str]) -> list[dict[str, t.Any]]:
    hooks = [(f"{when}_{stage}", stage, percent) for stage, _end, percent in steps if stage in STAGES]
    return [{"name": name, "stage": stage, "percent": percent, "file": files[name]} for name, stage, percent in hooks if name in files]
