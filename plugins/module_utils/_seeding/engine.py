# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case: read the rows, check them, bring them into the database, and say what that did."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect, foreign_parameter
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.parts import connection_spec, database_url_of
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.documents import Row, Seed, is_secret_column
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.sources import seeds_of, unpacked
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.writing import Limits, Written, write

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call

# Of each table; a diff is for reading.
SHOWN_ROWS = 200
OTHERWISE = "(another value)"
UNSEEN = "(a value that is not shown)"
_LONGEST_SECONDS = 2_147_483

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    **connection_spec(),
    "tables": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "table": {"type": "str", "required": True},
            "file": {"type": "str"},
            "rows": {"type": "list", "elements": "dict", "no_log": True},
            "key": {"type": "list", "elements": "str", "required": True, "no_log": False},
            "update": {"type": "bool", "default": True},
        },
    },
    "base": {"type": "path"},
    "contents": {"type": "str", "no_log": True},
    "schema": {"type": "str"},
    "lock_timeout": {"type": "float", "default": 4.0},
    "lock_retries": {"type": "int", "default": 5},
    "statement_timeout": {"type": "float", "default": 0.0},
}


def seed_tables(call: Call) -> Outcome:
    """Bring the rows into their tables, or in check mode find out what that would do."""
    limits = _limits(call.params)
    url = database_url_of(call.params)
    seeds = _seeds(call)
    if not any(seed.rows for seed in seeds):
        return outcome_of([Written(seed, seed.table, (), ()) for seed in seeds], in_full=False)
    schema = call.params["schema"] or foreign_parameter(url, "schema")
    with connect(url, application_name="holdfast.webops pg_seed") as connection:
        written = write(connection, seeds, schema=schema, limits=limits, keep=not call.check_mode, clock=SystemClock())
    return outcome_of(written, in_full=call.check_mode or call.diff_mode)


def _limits(params: t.Mapping[str, t.Any]) -> Limits:
    for name, lowest in (("lock_timeout", 0.001), ("statement_timeout", 0.0)):
        # Asked this way round because .nan is neither less nor more than anything.
        if not lowest <= params[name] <= _LONGEST_SECONDS:
            raise InputError(
                f"{name}={params[name]:g} is no number of seconds from {lowest:g} to {_LONGEST_SECONDS}.", hint="Give one such as 4."
            )
    if params["lock_retries"] < 0:
        raise InputError(f"lock_retries={params['lock_retries']} is below 0.", hint="Give 0 or more.")
    return Limits(params["lock_timeout"], params["statement_timeout"], params["lock_retries"])


def _seeds(call: Call) -> list[Seed]:
    if call.params["contents"] is None:
        raise InputError("contents is missing: the controller fills it in.", hint="Call the module as holdfast.webops.pg_seed in a task.")
    seeds = seeds_of(call.params["tables"], unpacked(call.params["contents"]))
    for seed in seeds:
        _mask(call, seed)
    return seeds


def _mask(call: Call, seed: Seed) -> None:
    """Nothing here shows values of secret rows; should something else do, those that are secrets by their names are hidden."""
    for row in seed.rows if seed.is_secret else ():
        for column, value in row.values.items():
            if isinstance(value, str) and is_secret_column(column):
                call.mask(value)


def outcome_of(written: t.Sequence[Written], *, in_full: bool) -> Outcome:
    """What was done. `in_full`: with the rows in the diff, for which a real run that nobody looks at has no use. Pure."""
    before: dict[str, t.Any] = {}
    after: dict[str, t.Any] = {}
    for each in written:
        if each.inserted or each.updated:
            old, new = _rows_of(each) if in_full else ({}, _counts(each))
            named = f"{each.table}, {each.seed.file or 'rows'}"
            before.setdefault(named, {}).update(old)
            after.setdefault(named, {}).update(new)
    tables = [{"table": each.table, "file": each.seed.file, **_counts(each)} for each in written]
    totals = {name: sum(_counts(each)[name] for each in written) for name in ("inserted", "updated", "unchanged")}
    return Outcome(before, after, {"tables": tables, **totals})


def _counts(written: Written) -> dict[str, int]:
    return {"inserted": len(written.inserted), "updated": len(written.updated), "unchanged": written.unchanged}


def _rows_of(written: Written) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """The rows before and after, those that were there with the columns that change."""
    seed = written.seed
    changing = [(row, tuple(row.values), True) for row in written.inserted] + [(row, columns, False) for row, columns in written.updated]
    changing.sort(key=lambda each: each[0].number)
    before: dict[str, t.Any] = {}
    after: dict[str, t.Any] = {}
    for row, columns, is_new in changing[:SHOWN_ROWS]:
        if not is_new:
            before[seed.name(row)] = dict.fromkeys(columns, OTHERWISE)
        after[seed.name(row)] = {column: _value(seed, row, column) for column in columns}
    if len(changing) > SHOWN_ROWS:
        after[f"and {len(changing) - SHOWN_ROWS} rows more"] = {}
    return before, after


def _value(seed: Seed, row: Row, column: str) -> t.Any:
    return UNSEEN if seed.is_secret else row.values[column]
