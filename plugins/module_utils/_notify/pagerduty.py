# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events as PagerDuty's Events API v2 takes them: one dedup key from the trigger to the resolve. Pure.

Format and limits: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ (dedup_key 255, summary 1024 characters;
512 kB an event).
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._notify.events import ACKNOWLEDGED, OPEN, RESOLVED
from ansible_collections.holdfast.webops.plugins.module_utils._notify.wording import Item, Message, clip

LONGEST_SUMMARY = 1024
ACTIONS = {OPEN: "trigger", ACKNOWLEDGED: "acknowledge", RESOLVED: "resolve"}


def payloads(message: Message, routing_key: str) -> list[dict[str, t.Any]]:
    """One event for each incident: what came last about it counts."""
    last = {item.event.incident: item for item in message.items if item.event.state in ACTIONS}
    return [_payload(message, item, routing_key) for item in last.values()]


def _payload(message: Message, item: Item, routing_key: str) -> dict[str, t.Any]:
    event = item.event
    common = {"routing_key": routing_key, "event_action": ACTIONS[event.state], "dedup_key": event.incident}
    if event.state != OPEN:
        return common
    links = {"links": [{"href": message.link, "text": "The run"}]} if message.link else {}
    return {
        **common,
        **links,
        "client": "holdfast.webops",
        "payload": {
            "summary": clip(f"{message.place}: {item.title}", LONGEST_SUMMARY),
            "source": message.place,
            "severity": event.severity,
            "component": message.portal,
            "group": message.environment or message.portal,
            "class": event.name,
            "custom_details": {**({"reason": item.text} if item.text else {}), **dict(item.pairs)},
        },
    }
