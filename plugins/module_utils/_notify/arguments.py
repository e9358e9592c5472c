# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the module notification, and which of them belong to which kind of channel."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._notify.events import SEVERITIES, STATES
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import store_arguments

Spec = dict[str, t.Any]

COMMON: Spec = {
    "name": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": ["slack", "email", "pagerduty", "webhook"]},
    "severities": {"type": "list", "elements": "str", "choices": list(SEVERITIES)},
    "ca_file": {"type": "path"},
}

OF_KIND: dict[str, Spec] = {
    "slack": {"url": {"type": "str", "no_log": True}},
    "webhook": {"url": {"type": "str", "no_log": True}, "signing_key": {"type": "str", "no_log": True}},
    "pagerduty": {"routing_key": {"type": "str", "no_log": True}, "url": {"type": "str", "no_log": True}},
    "email": {
        "host": {"type": "str"},
        "port": {"type": "int"},
        "encryption": {"type": "str", "choices": ["starttls", "implicit", "none"]},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "sender": {"type": "str"},
        "recipients": {"type": "list", "elements": "str"},
    },
}

REQUIRED_OF_KIND = [
    ("kind", "slack", ["url"]),
    ("kind", "webhook", ["url", "signing_key"]),
    ("kind", "pagerduty", ["routing_key"]),
    ("kind", "email", ["host", "sender", "recipients"]),
]

EVENT: Spec = {
    "event": {"type": "str", "required": True},
    "severity": {"type": "str", "required": True, "choices": list(SEVERITIES)},
    "state": {"type": "str", "default": "message", "choices": list(STATES)},
    "incident": {"type": "str"},
    "routine": {"type": "bool", "default": False},
    "summary": {"type": "str"},
    "facts": {"type": "dict"},
}

RATE_LIMIT: Spec = {
    "messages": {"type": "int", "default": 20},
    "seconds": {"type": "int", "default": 3600},
}


def argument_spec() -> Spec:
    """The argument specification of the module."""
    channel = dict(COMMON)
    for spec in OF_KIND.values():
        channel.update(spec)
    return {
        **store_arguments(required=False),
        "portal": {"type": "str", "required": True},
        "environment": {"type": "str", "default": ""},
        "channels": {"type": "list", "elements": "dict", "required": True, "options": channel, "required_if": REQUIRED_OF_KIND},
        "events": {"type": "list", "elements": "dict", "required": True, "options": EVENT},
        "templates": {"type": "dict"},
        "link": {"type": "str"},
        "rate_limit": {"type": "dict", "options": RATE_LIMIT, "apply_defaults": True},
        "repeat_after": {"type": "int", "default": 3600},
        "timeout": {"type": "float", "default": 15.0},
    }
