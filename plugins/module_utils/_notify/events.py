# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told: events of a portal, each with a severity, and the incident that it opens or closes. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain
from ansible_collections.holdfast.webops.plugins.module_utils._release.masking import mask_data

# The words of PagerDuty, the least first.
SEVERITIES = ("info", "warning", "error", "critical")
MESSAGE, OPEN, ACKNOWLEDGED, RESOLVED = STATES = ("message", "open", "acknowledged", "resolved")

LONGEST_INCIDENT = 255  # what PagerDuty takes as dedup_key
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


@dataclasses.dataclass(frozen=True)
class Event:
    """One thing that happened. `name` is <topic>.<what became of it>; `facts` are the result that it is about, secrets masked.

    `incident` is the same key for everything about one trouble, so that the end of it closes what its beginning opened.
    A `routine` end is of interest only to those who were told of the beginning.
    """

    name: str
    severity: str
    incident: str
    state: str = MESSAGE
    routine: bool = False
    summary: t.Optional[str] = None
    facts: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def topic(self) -> str:
        return self.name.partition(".")[0]


def events_from(options: t.Sequence[t.Mapping[str, t.Any]], portal: str, environment: str) -> tuple[Event, ...]:
    """Every event of a task; InputError names the one that is wrong."""
    if not options:
        raise InputError("The option events is empty.", hint="Give at least one event to tell of.")
    return tuple(_event(each, portal, environment) for each in options)


def _event(options: t.Mapping[str, t.Any], portal: str, environment: str) -> Event:
    name = options["event"]
    if not _NAME.fullmatch(name):
        raise InputError(f"The event '{name}' is not named like 'deploy.failed'.", hint="Use lower-case words, joined by dots.")
    if options["routine"] and options["state"] != RESOLVED:
        raise InputError(
            f"The event '{name}' is routine, but its state is {options['state']}.", hint="Only the end of an incident can be routine."
        )
    incident = options["incident"] or name.partition(".")[0]
    return Event(
        name=name,
        severity=options["severity"],
        incident=incident_key(portal, environment, incident),
        state=options["state"],
        routine=options["routine"],
        summary=mask_data(options["summary"], "summary", []) or None,
        facts=mask_data(plain(options["facts"] or {}), "facts", []),
    )


def secrets_in(options: t.Sequence[t.Mapping[str, t.Any]]) -> set[str]:
    """The secrets that are masked in facts and summaries."""
    found: list[tuple[str, str]] = []
    for each in options:
        mask_data([plain(each["facts"] or {}), each["summary"]], "events", found)
    return {secret for _place, secret in found}


def incident_key(portal: str, environment: str, incident: str) -> str:
    """holdfast/<portal>/<environment>/<incident>, with a digest instead of an end that is too long."""
    key = "/".join(part for part in ("holdfast", portal, environment, incident) if part)
    if len(key) <= LONGEST_INCIDENT:
        return key
    return f"{key[: LONGEST_INCIDENT - 65]}~{hashlib.sha256(key.encode()).hexdigest()}"


def worst(severities: t.Iterable[str]) -> str:
    """The worst of some severities."""
    return max(severities, key=SEVERITIES.index)
