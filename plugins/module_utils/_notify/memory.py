# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each channel was told lately: so that one trouble is told once, its end to those who know of it, and never too much.

One small object in the portal's store, <portal>/notifications.json (format 1):

    channels.<name>.incidents   incident: when the channel was last told that it is open, and how severe it was then
    channels.<name>.sent        the moments of the messages within the time that the rate limit looks at
    channels.<name>.withheld    what the rate limit kept back; the next message lists it
    channels.<name>.more        how many more were kept back than are listed

It is only about messages: whoever deletes it loses nothing but hears of an open incident once more.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._notify.events import OPEN, RESOLVED, SEVERITIES, Event
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

FORMAT = 1
MOST_WITHHELD = 20
ATTEMPTS = 8


class Told(t.NamedTuple):
    """When a channel was last told of an open incident, and of which severity."""

    at: str
    severity: str


@dataclasses.dataclass(frozen=True)
class Recall:
    """What is remembered of one channel; moments are ISO texts."""

    incidents: t.Mapping[str, Told] = dataclasses.field(default_factory=dict)
    sent: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    more: int = 0

    def sent_within(self, seconds: float, now: datetime.datetime) -> int:
        return sum(1 for moment in self.sent if _age(moment, now) < seconds)

    def told_within(self, event: Event, seconds: float, now: datetime.datetime) -> bool:
        """Whether the channel heard of this incident a short while ago, and it has not become worse since."""
        told = self.incidents.get(event.incident)
        if told is None or _age(told.at, now) >= seconds:
            return False
        return SEVERITIES.index(told.severity) >= SEVERITIES.index(event.severity)

    def backlog(self) -> tuple[str, ...]:
        """What was kept back, as lines of the next message."""
        return (*self.withheld, *((f"and {self.more} more",) if self.more else ()))

    def after_sending(self, events: t.Iterable[Event], seconds: float, now: datetime.datetime) -> Recall:
        """A message went out, and the backlog with it."""
        incidents = dict(self.incidents)
        for event in events:
            if event.state == OPEN:
                incidents[event.incident] = Told(iso(now), event.severity)
            elif event.state == RESOLVED:
                incidents.pop(event.incident, None)
        kept = tuple(moment for moment in self.sent if _age(moment, now) < seconds)
        return Recall(incidents, (*kept, iso(now)))

    def after_withholding(self, lines: t.Iterable[str]) -> Recall:
        """Nothing went out; what would have is kept for the next message, each line once."""
        listed, more = list(self.withheld), self.more
        for line in lines:
            if line in listed or len(listed) >= MOST_WITHHELD:
                more += 1
            else:
                listed.append(line)
        return dataclasses.replace(self, withheld=tuple(listed), more=more)


Recalls = t.Mapping[str, Recall]
NOTHING = Recall()


def _age(moment: str, now: datetime.datetime) -> float:
    return (now - parse_iso(moment)).total_seconds()


class Memory:
    """The object in the store."""

    def __init__(self, store: Store, portal: str) -> None:
        self._store = store
        self._key = f"{portal}/notifications.json"

    def recall(self) -> Recalls:
        return self._read()[0]

    def update(self, change: t.Callable[[Recalls], Recalls]) -> None:
        """Apply `change` to what is there now; again when somebody else wrote in between."""
        for _attempt in range(ATTEMPTS):
            present, version = self._read()
            try:
                self._write(change(present), version)
                return
            except ConflictError:
                continue
        raise WebopsError(f"{self._store.url}/{self._key} is written by too many at once.")

    def _read(self) -> tuple[Recalls, t.Optional[str]]:
        try:
            content, version = self._store.read(self._key)
        except NotFoundError:
            return {}, None
        try:
            return _parsed(json.loads(content)), version
        except (ValueError, TypeError, AttributeError, KeyError, InputError):
            # Nothing in it is worth a failure: it is written anew.
            return {}, version

    def _write(self, recalls: Recalls, version: t.Optional[str]) -> None:
        content = json.dumps({"format": FORMAT, "channels": {name: dataclasses.asdict(each) for name, each in recalls.items()}}, indent=1)
        if version is None:
            self._store.create(self._key, content.encode())
        else:
            self._store.replace(self._key, content.encode(), version)


def _parsed(content: t.Any) -> Recalls:
    return {str(name): _recall(each) for name, each in content["channels"].items()}


def _recall(content: t.Any) -> Recall:
    incidents = {str(key): _told(*told) for key, told in content["incidents"].items()}
    sent = tuple(iso(parse_iso(moment)) for moment in content["sent"])
    return Recall(incidents, sent, tuple(str(line) for line in content["withheld"]), int(content["more"]))


def _told(at: str, severity: str) -> Told:
    SEVERITIES.index(severity)
    return Told(iso(parse_iso(at)), severity)
