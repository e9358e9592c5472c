# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last verdicts about a portal: a file of JSON lines, the oldest first, that never grows beyond a number of them. Pure."""

from __future__ import annotations

import collections
import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

Entry = dict[str, t.Any]
KEYS = {"started", "verdict", "summary", "checks", "waited_s"}


def entry_of(values: t.Mapping[str, t.Any]) -> Entry:
    """What is remembered of a result: when, the verdict, why, and how many checks ended how."""
    statuses = collections.Counter(check["status"] for check in values["checks"])
    kept = {name: values[name] for name in ("started", "verdict", "summary", "waited_s")}
    return {**kept, "checks": dict(sorted(statuses.items()))}


def read(text: str, path: str) -> list[Entry]:
    """The entries of a file. Raises InputError for any other file, because it is going to be replaced."""
    entries = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict) or not entry.keys() >= KEYS:
            raise InputError(
                f"The option reports.history is '{path}', but line {number} of that file is no verdict.",
                hint="Name another file; this one is left as it is.",
            )
        entries.append(entry)
    return entries


def text_of(entries: t.Iterable[Entry]) -> str:
    """The file that holds these entries."""
    return "".join(json.dumps(entry, sort_keys=True) + "\n" for entry in entries)


def since(entries: t.Sequence[Entry]) -> t.Optional[str]:
    """Since when the newest verdict has been the same in every look; None without any."""
    begun = None
    for entry in reversed(entries):
        if entry["verdict"] != entries[-1]["verdict"]:
            break
        begun = entry["started"]
    return begun
