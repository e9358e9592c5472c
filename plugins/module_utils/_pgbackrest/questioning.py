# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The questions of the business to a restored cluster: the same as to a restored backup, asked in one of its databases."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.examining import EXAM_ARGUMENTS, Exam, examine, read_exam
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster

ARGUMENTS: t.Mapping[str, t.Any] = {**EXAM_ARGUMENTS, "database": {"type": "str"}}
APPLICATION = "holdfast pgbackrest_restore"


@dataclasses.dataclass(frozen=True)
class Questions:
    """What is asked, and in which database."""

    exam: Exam
    database: str


@dataclasses.dataclass(frozen=True)
class Told:
    """The documented values `validations` and `youngest_change` of `physical`."""

    validations: t.Sequence[t.Mapping[str, t.Any]] = ()
    youngest_change: str | None = None


def read_questions(params: t.Mapping[str, t.Any]) -> Questions | None:
    """None where nothing is asked; InputError for a question that makes no sense, or has no database to go to."""
    exam = read_exam(params)
    if not exam.validations and not exam.canary:
        return None
    if not params["database"]:
        raise InputError("database is missing.", hint="Name the database that validations and canary are asked in.")
    return Questions(exam, params["database"])


def ask_all(scratch: Cluster, questions: Questions | None, clock: Clock, deadline: Deadline) -> Told:
    """What the restored cluster answers, to us through its socket."""
    if questions is None:
        return Told()
    where = {"host": scratch.socket_dir, "port": str(scratch.port), "user": "postgres", "dbname": questions.database}
    url = need("psycopg.conninfo").make_conninfo(**where)
    answers, youngest = examine(url, questions.exam, APPLICATION, clock, deadline)
    return Told([dataclasses.asdict(answer) for answer in answers], youngest)
