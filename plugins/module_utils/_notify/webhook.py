# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A message for any other receiver: JSON, signed as Standard Webhooks 1.0 (https://www.standardwebhooks.com) says. Pure.

webhook-id         the same in every attempt to deliver one message, so that a receiver can drop a second one
webhook-timestamp  seconds since 1970, so that a receiver can drop an old one
webhook-signature  v1, and the base64 of HMAC-SHA256(key, "<id>.<timestamp>.<body>")
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._notify.wording import Item, Message

TYPE = "holdfast.notification"


def body(message: Message, at: datetime.datetime) -> bytes:
    """The JSON of a message: type, timestamp, data."""
    data = {
        "portal": message.portal,
        "environment": message.environment or None,
        "severity": message.severity,
        "title": message.title,
        "events": [_event(item) for item in message.items],
        "withheld": list(message.withheld),
        "link": message.link,
    }
    return json.dumps({"type": TYPE, "timestamp": iso(at), "data": data}, ensure_ascii=False, sort_keys=True).encode()


def _event(item: Item) -> dict[str, t.Any]:
    event = item.event
    return {
        "event": event.name,
        "severity": event.severity,
        "state": event.state,
        "incident": event.incident,
        "title": item.title,
        "text": item.text,
        "facts": dict(item.pairs),
    }


def headers(identity: str, at: datetime.datetime, content: bytes, key: bytes) -> dict[str, str]:
    """The headers that sign it."""
    seconds = str(int(at.timestamp()))
    signed = b".".join((identity.encode(), seconds.encode(), content))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
    return {"webhook-id": identity, "webhook-timestamp": seconds, "webhook-signature": f"v1,{digest}"}
