"""Channels, events and messages, made from options as a task gives them."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._notify.arguments import COMMON, OF_KIND
from ansible_collections.holdfast.webops.plugins.module_utils._notify.channels import Channel, channels_from
from ansible_collections.holdfast.webops.plugins.module_utils._notify.events import Event, events_from
from ansible_collections.holdfast.webops.plugins.module_utils._notify.wording import Message, worded

NOW = datetime.datetime(2026, 11, 22, 3, 0, 0, tzinfo=datetime.timezone.utc)
EVENT_OPTIONS: dict[str, t.Any] = {
    "event": "deploy.failed",
    "severity": "error",
    "state": "open",
    "incident": None,
    "routine": False,
    "summary": None,
    "facts": None,
}
USUAL: dict[str, dict[str, t.Any]] = {
    "slack": {"url": "https://hooks.slack.com/services/T0000/B0000/secretsecret"},
    "webhook": {"url": "https://receiver.example/hook", "signing_key": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    "pagerduty": {"routing_key": "0123456789abcdef0123456789abcdef"},
    "email": {"host": "mail.example", "sender": "portal@example.org", "recipients": ["it@example.org"]},
}


def channel_options(kind: str = "slack", **given: t.Any) -> dict[str, t.Any]:
    """The options of a channel as AnsibleModule hands them over: everything is there."""
    names = [*COMMON, *(option for spec in OF_KIND.values() for option in spec)]
    return {**dict.fromkeys(names), "name": kind, "kind": kind, **USUAL[kind], **given}


def channel(kind: str = "slack", **given: t.Any) -> Channel:
    return channels_from([channel_options(kind, **given)])[0]


def event(name: str = "deploy.failed", **given: t.Any) -> Event:
    return events_from([{**EVENT_OPTIONS, "event": name, **given}], "shop", "production")[0]


def message(*events: Event, **given: t.Any) -> Message:
    return Message("shop", "production", tuple(worded(each, {}) for each in events or (event(),)), **given)
