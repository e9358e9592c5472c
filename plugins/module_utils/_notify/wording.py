# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From events to the one message that a channel gets. Pure."""

from __future__ import annotations

import collections
import dataclasses
import re
import string
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._notify.events import Event, worst
from ansible_collections.holdfast.webops.plugins.module_utils._notify.facts import as_text, pairs_of, texts_of

LONGEST_TEXT = 2000
MISSING = "unknown"

TEMPLATES: t.Mapping[str, str] = {
    "deploy.succeeded": "${release.version} is live",
    "deploy.failed": "Deploy of ${version} failed",
    "roll_back.succeeded": "Rolled back (${kind}): ${target.version} is live",
    "roll_back.failed": "Rollback failed",
    "back_up.succeeded": "Backed up",
    "back_up.degraded": "Backed up, but not as it should be",
    "back_up.failed": "Backup failed",
    "restore.succeeded": "Database restored",
    "restore.failed": "Restore failed",
    "recover.succeeded": "Recovered",
    "recover.degraded": "Recovered, but not as it was promised",
    "recover.failed": "Recovery failed",
    "rehearse.succeeded": "Recovery rehearsed",
    "rehearse.degraded": "Recovery rehearsed, but not as it was promised",
    "rehearse.failed": "Recovery rehearsal failed",
    "check.healthy": "Healthy again",
    "check.degraded": "Degraded",
    "check.critical": "Not healthy",
}


class EventTemplate(string.Template):
    """Placeholders are dotted paths into the facts: ${release.version}."""

    idpattern = r"[a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)*"
    flags = re.ASCII | re.IGNORECASE


@dataclasses.dataclass(frozen=True)
class Item:
    """One event, worded. `text` says why; `pairs` are label and value."""

    event: Event
    title: str
    text: str
    pairs: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class Message:
    """What one channel is told in one go."""

    portal: str
    environment: str
    items: tuple[Item, ...]
    withheld: tuple[str, ...] = ()
    link: t.Optional[str] = None

    @property
    def severity(self) -> str:
        return worst(item.event.severity for item in self.items)

    @property
    def place(self) -> str:
        return f"{self.portal} ({self.environment})" if self.environment else self.portal

    @property
    def title(self) -> str:
        """The one event, or how many there are and the worst of them."""
        first = next(item for item in self.items if item.event.severity == self.severity)
        more = f" (and {len(self.items) - 1} more)" if len(self.items) > 1 else ""
        return f"{self.place}: {first.title}{more}"

    def as_text(self) -> str:
        """The whole message without any markup."""
        parts = ["\n".join(self._lines(item)) for item in self.items]
        if self.withheld:
            parts.append("\n".join(["Withheld since the last message:", *(f"- {line}" for line in self.withheld)]))
        if self.link:
            parts.append(self.link)
        return "\n\n".join(parts)

    def _lines(self, item: Item) -> t.Iterator[str]:
        yield f"[{item.event.severity}] {item.title}"
        if item.text:
            yield item.text
        yield from (f"{label}: {value}" for label, value in item.pairs)


def check_templates(templates: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Templates by the name of their event; InputError names one that cannot be filled in."""
    checked = {}
    for name, text in templates.items():
        try:
            EventTemplate(str(text)).substitute(collections.defaultdict(str))
        except ValueError as exc:
            raise InputError(
                f"The template of '{name}' cannot be read: {exc}.", hint="Write ${release.version} for a fact, and $$ for a dollar sign."
            ) from None
        checked[str(name)] = str(text)
    return checked


def worded(event: Event, templates: t.Mapping[str, str]) -> Item:
    """An event with its title: its own summary, the template of its name, or its name."""
    known = {**TEMPLATES, **templates}
    own = event.name.replace("_", " ").replace(".", " ").capitalize()
    names = collections.defaultdict(lambda: MISSING, {"event": event.name, "severity": event.severity, **texts_of(event.facts)})
    title = event.summary or EventTemplate(known.get(event.name, own)).substitute(names)
    return Item(event, as_text(title), _why(event), pairs_of(event.topic, event.facts))


def _why(event: Event) -> str:
    """The reason or the summary in the facts, shortened."""
    text = event.facts.get("reason") or event.facts.get("summary") or ""
    return clip(str(text).strip(), LONGEST_TEXT)


def clip(text: str, most: int) -> str:
    """A text of at most `most` characters; the end of a longer one is an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
