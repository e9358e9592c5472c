"""What is said of a run."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.documents import Seed, read_seed
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.engine import SHOWN_ROWS, outcome_of, seed_tables
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.sources import parcel
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.writing import Written


def seed_of(count: int, file: str | None = "a.json") -> Seed:
    rows = [{"id": number, "name": f"name {number}"} for number in range(1, count + 1)]
    return read_seed("part", file, json.dumps(rows), key=["id"], update=True)


def call(**params: t.Any) -> Call:
    given = {
        "database_url": "postgresql://u:p@localhost:1/d",
        "schema": None,
        "lock_timeout": 4.0,
        "lock_retries": 5,
        "statement_timeout": 0.0,
    }
    tables = [{"table": "part", "file": None, "key": ["id"], "update": True}]
    return Call(
        {**given, "tables": tables, "contents": parcel(["[]"]), **params}, False, lambda _s: None, lambda _s: None, lambda value: value
    )


def test_a_diff_shows_what_changes_and_only_values_of_files() -> None:
    seed, hidden = seed_of(3), seed_of(2, None)
    written = [
        Written(seed, "public.part", seed.rows[2:], ((seed.rows[0], ("name",)),)),
        Written(hidden, "public.part", hidden.rows[:1], ((hidden.rows[1], ("name",)),)),
    ]
    found = outcome_of(written, in_full=True)
    unseen = "(a value that is not shown)"
    assert found.before == {
        "public.part, a.json": {"id=1": {"name": "(another value)"}},
        "public.part, rows": {"row 2": {"name": "(another value)"}},
    }
    assert found.after == {
        "public.part, a.json": {"id=1": {"name": "name 1"}, "id=3": {"id": 3, "name": "name 3"}},
        "public.part, rows": {"row 1": {"id": unseen, "name": unseen}, "row 2": {"name": unseen}},
    }
    assert (found.values["inserted"], found.values["updated"], found.values["unchanged"]) == (2, 2, 1)


@pytest.mark.parametrize("in_full", [True, False])
def test_changed_is_the_same_however_much_is_shown(in_full: bool) -> None:
    seed = seed_of(2)
    assert outcome_of([Written(seed, "public.part", (), ((seed.rows[0], ("name",)),))], in_full=in_full).changed
    assert outcome_of([Written(seed, "public.part", seed.rows, ())], in_full=in_full).changed
    assert not outcome_of([Written(seed, "public.part", (), ())], in_full=in_full).changed


def test_a_long_diff_ends_with_a_count() -> None:
    seed = seed_of(SHOWN_ROWS + 3)
    after = outcome_of([Written(seed, "public.part", seed.rows, ())], in_full=True).after["public.part, a.json"]
    assert list(after)[-1] == "and 3 rows more"
    assert len(after) == SHOWN_ROWS + 1


def test_without_rows_no_server_is_asked() -> None:
    found = seed_tables(call())
    assert (found.changed, found.values["tables"]) == (
        False,
        [{"table": "part", "file": None, "inserted": 0, "updated": 0, "unchanged": 0}],
    )


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"lock_timeout": 0.0}, "lock_timeout=0 is no number of seconds"),
        ({"statement_timeout": float("nan")}, "statement_timeout=nan is no number of seconds"),
        ({"lock_retries": -1}, "lock_retries=-1 is below 0."),
        ({"contents": None}, "contents is missing: the controller fills it in."),
    ],
)
def test_what_the_types_cannot_say_is_refused(params: dict[str, t.Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        seed_tables(call(**params))


def test_secrets_of_the_task_are_masked_wherever_they_might_come_up() -> None:
    masked: list[str] = []
    text = json.dumps([{"id": 1, "passwordHash": "hash", "name": "common", "apiKey": None}])
    given = call(contents=parcel([text]), lock_retries=0)
    with pytest.raises(Exception, match="Cannot connect"):
        seed_tables(Call(given.params, True, masked.append, given.log, given.hide))
    assert masked == ["hash"]
