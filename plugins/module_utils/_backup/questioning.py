# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of pg_examination: questions to a database that stays as it is."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.examining import EXAM_ARGUMENTS, examine, read_exam
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome

ARGUMENTS: t.Final[dict[str, t.Any]] = {
    "database_url": {"type": "str", "required": True, "no_log": True},
    **EXAM_ARGUMENTS,
    "wait_timeout": {"type": "int", "default": 300},
}
APPLICATION = "holdfast pg_examination"


def ask(call: Call) -> Outcome:
    """Ask all questions, each in a transaction that can only read."""
    params, clock = call.params, SystemClock()
    exam = read_exam(params)
    if params["wait_timeout"] < 1:
        raise InputError(f"wait_timeout is {params['wait_timeout']}.", hint="Give 1 second or more.")
    began = clock.monotonic()
    answers, youngest = examine(params["database_url"], exam, APPLICATION, clock, Deadline(clock, params["wait_timeout"]))
    values = {
        "answers": [dataclasses.asdict(answer) for answer in answers],
        "passed": all(answer.passed for answer in answers),
        "youngest_change": youngest,
        "seconds": round(clock.monotonic() - began, 3),
    }
    return Outcome({}, {}, values)
