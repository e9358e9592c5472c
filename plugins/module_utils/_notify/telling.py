# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module notification: tell every channel what it wants to hear, and say what became of it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._notify import pagerduty
from ansible_collections.holdfast.webops.plugins.module_utils._notify.channels import Channel, channels_from, secrets_of
from ansible_collections.holdfast.webops.plugins.module_utils._notify.events import Event, events_from, secrets_in
from ansible_collections.holdfast.webops.plugins.module_utils._notify.memory import NOTHING, Memory, Recalls
from ansible_collections.holdfast.webops.plugins.module_utils._notify.routing import Decision, Manners, decide, manners_from
from ansible_collections.holdfast.webops.plugins.module_utils._notify.sending import Delivery, send_all
from ansible_collections.holdfast.webops.plugins.module_utils._notify.wording import Message, check_templates, worded
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store

SENT, WOULD_SEND, FAILED, WITHHELD, NOTHING_TO_SAY = "sent", "would_send", "failed", "withheld", "nothing_to_say"


@dataclasses.dataclass(frozen=True)
class Talk:
    """One channel, what was decided for it, the message if there is one, and what became of it."""

    channel: Channel
    decision: Decision
    message: t.Optional[Message]
    delivery: t.Optional[Delivery] = None

    @property
    def status(self) -> str:
        if self.message is None:
            return WITHHELD if self.decision.withheld else NOTHING_TO_SAY
        if self.delivery is None:
            return WOULD_SEND
        return SENT if self.delivery.reason is None else FAILED

    def as_dict(self) -> dict[str, t.Any]:
        keys = pagerduty.payloads(self.message, "") if self.message and self.channel.is_for_incidents else []
        return {
            "channel": self.channel.name,
            "kind": self.channel.kind,
            "status": self.status,
            "reason": self.decision.reason if self.delivery is None else self.delivery.reason,
            "events": [event.name for event in (*self.decision.told, *self.decision.withheld)],
            "attempts": self.delivery.attempts if self.delivery else 0,
            "incidents": [{"key": each["dedup_key"], "action": each["event_action"]} for each in keys],
            "title": self.message.title if self.message else None,
            "text": self.message.as_text() if self.message else None,
        }


@dataclasses.dataclass(frozen=True)
class Letterhead:
    """What all messages of one call have in common."""

    portal: str
    environment: str
    templates: t.Mapping[str, str]
    link: t.Optional[str]

    def message(self, events: t.Sequence[Event], backlog: tuple[str, ...]) -> t.Optional[Message]:
        if not events:
            return None
        return Message(self.portal, self.environment, tuple(worded(event, self.templates) for event in events), backlog, self.link)


def notify(call: Call) -> Outcome:
    """Bad options fail; a channel that cannot be reached is a warning."""
    params = call.params
    head = Letterhead(
        check_portal(params["portal"]), params["environment"], check_templates(params["templates"] or {}), params["link"] or None
    )
    channels = channels_from(params["channels"])
    events = events_from(params["events"], head.portal, head.environment)
    manners = manners_from(params)
    memory = Memory(open_store(params["store"], params["store_options"]), head.portal) if params["store"] else None
    for secret in {*secrets_in(params["events"]), *(secret for channel in channels for secret in secrets_of(channel))}:
        call.mask(secret)
    recalls, warnings = _recall(memory)
    talks = [_talk(channel, events, recalls, manners, head) for channel in channels]
    if not call.check_mode:
        talks = _send(talks, params["timeout"])
        warnings += _remember(memory, talks, head, manners)
    return _outcome(talks, warnings)


def _talk(channel: Channel, events: t.Sequence[Event], recalls: t.Optional[Recalls], manners: Manners, head: Letterhead) -> Talk:
    recall = None if recalls is None else recalls.get(channel.name, NOTHING)
    decision = decide(channel, events, recall, manners, SystemClock().now())
    return Talk(channel, decision, head.message(decision.told, (recall or NOTHING).backlog()))


def _recall(memory: t.Optional[Memory]) -> tuple[t.Optional[Recalls], tuple[str, ...]]:
    """What was told before; a store that cannot be read keeps nothing back."""
    if memory is None:
        return None, ()
    try:
        return memory.recall(), ()
    except WebopsError as exc:
        return None, (f"What was told before could not be read, so everything is told: {exc}",)


def _send(talks: t.Sequence[Talk], timeout: float) -> list[Talk]:
    outgoing = [(talk.channel, talk.message) for talk in talks if talk.message is not None]
    deliveries = iter(send_all(outgoing, timeout, SystemClock()))
    return [talk if talk.message is None else dataclasses.replace(talk, delivery=next(deliveries)) for talk in talks]


def _remember(memory: t.Optional[Memory], talks: t.Sequence[Talk], head: Letterhead, manners: Manners) -> tuple[str, ...]:
    """A failed delivery is not remembered, so that a repeated event is told again."""
    now = SystemClock().now()
    news = {talk.channel.name: talk for talk in talks if talk.status in (SENT, WITHHELD)}
    if memory is None or not news:
        return ()

    def change(recalls: Recalls) -> Recalls:
        changed = dict(recalls)
        for name, talk in news.items():
            recall = recalls.get(name, NOTHING)
            if talk.status == SENT:
                changed[name] = recall.after_sending(talk.decision.told, manners.seconds, now)
            else:
                changed[name] = recall.after_withholding(_lines(talk.decision.withheld, head.templates))
        return changed

    try:
        memory.update(change)
    except WebopsError as exc:
        return (f"What was told could not be noted, so it may be told again: {exc}",)
    return ()


def _lines(events: t.Iterable[Event], templates: t.Mapping[str, str]) -> list[str]:
    return [f"[{event.severity}] {worded(event, templates).title}" for event in events]


def _outcome(talks: t.Sequence[Talk], warnings: tuple[str, ...]) -> Outcome:
    reached = [talk.channel.name for talk in talks if talk.status in (SENT, WOULD_SEND)]
    failed = [talk for talk in talks if talk.status == FAILED]
    said = tuple(f"The channel '{talk.channel.name}' was not reached: {talk.delivery.reason}" for talk in failed if talk.delivery)
    values = {
        "deliveries": [talk.as_dict() for talk in talks],
        "reached": reached,
        "unreached": [talk.channel.name for talk in failed],
    }
    return Outcome({"told": []}, {"told": reached}, values, (*said, *warnings))
