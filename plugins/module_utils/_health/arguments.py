# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of health_check, and which of them belong to which kind of check."""

from __future__ import annotations

import typing as t

Spec = dict[str, t.Any]

COMMON: Spec = {
    "name": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": ["http", "postgres", "tcp"]},
    "critical": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 10.0},
    "retries": {"type": "int", "default": 0},
    "warn_over_ms": {"type": "float"},
    "fail_over_ms": {"type": "float"},
}

OF_KIND: dict[str, Spec] = {
    "http": {
        "url": {"type": "str"},
        "method": {"type": "str", "choices": ["GET", "HEAD", "OPTIONS"]},
        "headers": {"type": "dict"},
        "secret_headers": {"type": "dict", "no_log": True},
        "expect_status": {"type": "list", "elements": "int"},
        "expect_body": {"type": "str"},
        "expect_regex": {"type": "str"},
        "expect_json": {"type": "dict"},
        "expect_headers": {"type": "dict"},
        "follow_redirects": {"type": "bool"},
        "validate_certs": {"type": "bool"},
    },
    "postgres": {
        "database_url": {"type": "str", "no_log": True},
        "query": {"type": "str"},
        "expect_value": {"type": "raw"},
    },
    "tcp": {"host": {"type": "str"}, "port": {"type": "int"}},
}

REQUIRED_OF_KIND = [
    ("kind", "http", ["url"]),
    ("kind", "postgres", ["database_url"]),
    ("kind", "tcp", ["host", "port"]),
]


def argument_spec() -> Spec:
    """The argument specification of the module."""
    options = dict(COMMON)
    for spec in OF_KIND.values():
        options.update(spec)
    return {
        "checks": {"type": "list", "elements": "dict", "required": True, "options": options, "required_if": REQUIRED_OF_KIND},
        "base_url": {"type": "str"},
        "headers": {"type": "dict"},
        "secret_headers": {"type": "dict", "no_log": True},
        "wait_until_healthy": {"type": "bool", "default": False},
        "wait_timeout": {"type": "float", "default": 60.0},
        "interval": {"type": "float", "default": 1.0},
        "consecutive": {"type": "int", "default": 1},
        "fail_on": {"type": "str", "default": "critical", "choices": ["critical", "degraded", "never"]},
    }
