# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that the migration modules share."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.parts import connection_spec

POLICIES = ["fail", "warn", "ignore"]
STATES = ["applied", "rolled_back", "baselined", "repaired"]
# Which states an option belongs to, for those that ask for something which the other states could not do.
_BELONGS_TO = {
    "to": ("rolled_back", "baselined"),
    "versions": ("baselined", "repaired"),
    "phase": ("applied",),
    "rehearse": ("applied", "rolled_back"),
    "lint_squawk": ("applied",),
}
# What these options say when they ask for nothing.
_NOTHING_ASKED = (None, False, "all")
# PostgreSQL keeps a timeout as milliseconds in 32 bits.
_LONGEST_SECONDS = 2_147_483


def argument_spec(*, on_failed: str) -> dict[str, dict[str, t.Any]]:
    """For AnsibleModule; described in the documentation of the modules. `on_failed`: the default of that option."""
    return {
        **connection_spec(),
        "migrations_dir": {"type": "path", "required": True},
        "rollback_dir": {"type": "path"},
        "remote_src": {"type": "bool", "default": False},
        "contents": {"type": "dict"},
        "state": {"type": "str", "choices": STATES, "default": "applied"},
        "to": {"type": "str"},
        "versions": {"type": "list", "elements": "str"},
        "phase": {"type": "str", "choices": ["pre_deployment", "post_deployment", "all"], "default": "all"},
        "lock_wait": {"type": "float", "default": 60.0},
        "lock_timeout": {"type": "float", "default": 4.0},
        "lock_retries": {"type": "int", "default": 5},
        "statement_timeout": {"type": "float", "default": 0.0},
        "lint": {"type": "str", "choices": ["fail", "warn", "off"], "default": "fail"},
        "lint_min_rows": {"type": "int", "default": 100000},
        "lint_squawk": {"type": "bool", "default": False},
        "rehearse": {"type": "bool", "default": False},
        "on_edited": {"type": "str", "choices": POLICIES, "default": "warn"},
        "on_missing_locally": {"type": "str", "choices": POLICIES, "default": "fail"},
        "on_out_of_order": {"type": "str", "choices": POLICIES, "default": "fail"},
        "on_failed": {"type": "str", "choices": POLICIES, "default": on_failed},
    }


def refuse_contradictions(params: t.Mapping[str, t.Any]) -> None:
    """What the types cannot say."""
    state = params["state"]
    for option, states in _BELONGS_TO.items():
        if params[option] not in _NOTHING_ASKED and state not in states:
            known = " and ".join(f"state={name}" for name in states)
            raise InputError(f"{option} belongs to {known}, not to state={state}.", hint="Remove it, or correct state.")
    _refuse_missing(state, params)
    _refuse_numbers(params)


def _refuse_numbers(params: t.Mapping[str, t.Any]) -> None:
    for name in ("lock_wait", "lock_retries", "statement_timeout", "lint_min_rows"):
        if params[name] < 0:
            raise InputError(f"{name}={params[name]:g} is below 0.", hint="Give 0 or more.")
    # For PostgreSQL 0 means to wait for ever, which is what the option is there to prevent.
    if params["lock_timeout"] < 0.001:
        raise InputError(f"lock_timeout={params['lock_timeout']:g} is not above 0.", hint="Give a number of seconds such as 4.")
    for name in ("lock_wait", "lock_timeout", "statement_timeout"):
        # Asked this way round because .nan is neither less nor more than anything.
        if not params[name] <= _LONGEST_SECONDS:
            raise InputError(f"{name}={params[name]:g} is not a number of seconds up to {_LONGEST_SECONDS}.", hint="Give fewer seconds.")


def _refuse_missing(state: str, params: t.Mapping[str, t.Any]) -> None:
    if state == "rolled_back" and params["to"] is None:
        raise InputError(
            "state=rolled_back needs to.", hint="Name the version that shall be the newest one afterwards, or 0 to undo everything."
        )
    if state == "repaired" and not params["versions"]:
        raise InputError("state=repaired needs versions.", hint="Name the versions that shall be pending again.")
    if state == "baselined" and params["to"] is None and not params["versions"]:
        raise InputError(
            "state=baselined needs to or versions.", hint="Name what the database already has, such as to with its newest version."
        )
