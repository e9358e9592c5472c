# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which channel hears what of these events, and what it does not, and why. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._notify.channels import Channel
from ansible_collections.holdfast.webops.plugins.module_utils._notify.events import MESSAGE, OPEN, RESOLVED, Event
from ansible_collections.holdfast.webops.plugins.module_utils._notify.memory import Recall

HOUR = 3600


@dataclasses.dataclass(frozen=True)
class Manners:
    """How much is too much: `messages` within `seconds` for each channel; an open incident is told again after `repeat_after` seconds."""

    messages: int
    seconds: int
    repeat_after: int


@dataclasses.dataclass(frozen=True)
class Decision:
    """`told` goes out now, `withheld` is kept for the next message. Where neither holds anything, `reason` says why."""

    told: tuple[Event, ...] = ()
    withheld: tuple[Event, ...] = ()
    reason: t.Optional[str] = None


def manners_from(params: t.Mapping[str, t.Any]) -> Manners:
    limit = params["rate_limit"]
    for option, value in (("rate_limit.messages", limit["messages"]), ("rate_limit.seconds", limit["seconds"])):
        if value < 1:
            raise InputError(f"The option {option} is {value}.", hint="Give 1 or more.")
    # Written so that what is not a number is refused too.
    if not 0 < params["timeout"] <= HOUR:
        raise InputError(f"The timeout is {params['timeout']:g} s.", hint=f"Give seconds above 0, at most {HOUR}.")
    if params["repeat_after"] < 0:
        raise InputError(
            f"The option repeat_after is {params['repeat_after']}.", hint="Give seconds; 0 tells of an open incident every time."
        )
    return Manners(limit["messages"], limit["seconds"], params["repeat_after"])


def decide(channel: Channel, events: t.Sequence[Event], recall: t.Optional[Recall], manners: Manners, now: datetime.datetime) -> Decision:
    """Without a memory (`recall` is None) nothing is withheld."""
    wanted = [event for event in events if _is_for(channel, event, recall)]
    if not wanted:
        return Decision(reason="None of the events is for this channel.")
    if recall is None:
        return Decision(tuple(wanted))
    fresh = tuple(event for event in wanted if event.state != OPEN or not recall.told_within(event, manners.repeat_after, now))
    if not fresh:
        return Decision(reason=f"It was told of this within the last {manners.repeat_after} s.")
    # PagerDuty joins events by their key; it must hear of every end.
    if not channel.is_for_incidents and recall.sent_within(manners.seconds, now) >= manners.messages:
        return Decision(withheld=fresh, reason=f"It had {manners.messages} messages within the last {manners.seconds} s.")
    return Decision(fresh)


def _is_for(channel: Channel, event: Event, recall: t.Optional[Recall]) -> bool:
    knows = recall is not None and event.incident in recall.incidents
    if event.routine and recall is not None:
        return knows
    if channel.is_for_incidents:
        return event.state != MESSAGE and (event.state != OPEN or event.severity in channel.severities)
    if event.routine:  # and nobody remembers whether there was a beginning
        return False
    return event.severity in channel.severities or (event.state == RESOLVED and knows)
