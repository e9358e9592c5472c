# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that the migration modules share."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

POLICIES = ["fail", "warn", "ignore"]


def argument_spec() -> dict[str, dict[str, t.Any]]:
    """For AnsibleModule; described in the documentation of the modules."""
    return {
        "database_url": {"type": "str", "required": True, "no_log": True},
        "migrations_dir": {"type": "path", "required": True},
        "rollback_dir": {"type": "path"},
        "remote_src": {"type": "bool", "default": False},
        "contents": {"type": "dict"},
        "state": {"type": "str", "choices": ["applied", "rolled_back"], "default": "applied"},
        "to": {"type": "str"},
        "phase": {"type": "str", "choices": ["pre_deployment", "post_deployment", "all"], "default": "all"},
        "lock_wait": {"type": "float", "default": 60.0},
        "lock_timeout": {"type": "float", "default": 4.0},
        "lock_retries": {"type": "int", "default": 5},
        "statement_timeout": {"type": "float", "default": 0.0},
        "on_edited": {"type": "str", "choices": POLICIES, "default": "warn"},
        "on_missing_locally": {"type": "str", "choices": POLICIES, "default": "fail"},
        "on_out_of_order": {"type": "str", "choices": POLICIES, "default": "fail"},
    }


def refuse_contradictions(params: t.Mapping[str, t.Any]) -> None:
    """What the types cannot say."""
    if params["to"] is not None and params["state"] != "rolled_back":
        raise InputError("to belongs to state=rolled_back.", hint="Remove it, or set state=rolled_back.")
    for name in ("lock_wait", "lock_retries", "statement_timeout"):
        if params[name] < 0:
            raise InputError(f"{name}={params[name]:g} is below 0.", hint="Give 0 or more.")
    # For PostgreSQL 0 means to wait for ever, which is what the option is there to prevent.
    if params["lock_timeout"] < 0.001:
        raise InputError(f"lock_timeout={params['lock_timeout']:g} is not above 0.", hint="Give a number of seconds such as 4.")
