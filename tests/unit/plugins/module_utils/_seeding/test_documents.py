"""What a JSON document may hold, and what is said of one that may not be."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.documents import Seed, is_secret_column, read_seed


def seed_of(text: str, *, file: str | None = "parts.json", key: t.Sequence[str] = ("id",)) -> Seed:
    return read_seed("Part", file, text, key=key, update=True)


def refusal(text: str, *, file: str | None = "parts.json", key: t.Sequence[str] = ("id",)) -> str:
    with pytest.raises(InputError) as caught:
        seed_of(text, file=file, key=key)
    return str(caught.value)


def test_rows_keep_their_json_as_it_was_written() -> None:
    pieces = ['{"id": 1.10, "name": "[, ]"}', '{ "id":2 , "more":[{"a":[1]}] }']
    found = seed_of(f"\n [ {pieces[0]}\n ,{pieces[1]} ]\n")
    assert [(row.number, row.text) for row in found.rows] == [(1, pieces[0]), (2, pieces[1])]
    assert seed_of("[]").rows == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it is no JSON: Expecting value in line 1, column 1."),
        ('[{"id": 1},\n {"id": 2}', "it is no JSON: Expecting ',' delimiter in line 2, column 11."),
        ('[{"id": 1}] x', "it is no JSON: Extra data in line 1, column 13."),
        ('{"id": 1}', "it holds an object, not a list of objects."),
        ('"text"', "it holds a text, not a list"),
        ("12", "it holds a number, not a list"),
        ('[{"id": 1}, [2]]', "Table Part, parts.json, row 2: it is a list, not an object."),
        ("[null]", "row 1: it is null, not an object."),
        ('[{"id": 1, "a": 1, "a": 2}]', "an object has a twice."),
        ('[{"id": 1, "a": NaN}]', "NaN is no JSON."),
        ('[{"id": ' + "1" * 5000 + "}]", "a number in it has too many digits."),
        ("[" * 100_000, "it is nested too deeply."),
        ('[{"id": 1}, {"name": "x"}]', "row 2: its key column id is missing."),
        ('[{"id": null}]', "row 1: its key column id is null."),
        ('[{"id": "a"}, {"id": "b"}, {"id": "a"}]', "row 3: it has the same key as row 1 (id=a)."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, says: str) -> None:
    said = refusal(text)
    assert says in said
    assert said.startswith("Table Part, parts.json")


def test_a_key_of_several_columns_is_the_same_only_as_a_whole() -> None:
    rows = [{"room": "A", "seat": 1}, {"room": "A", "seat": 2}, {"room": "B", "seat": 1}]
    assert len(seed_of(json.dumps(rows), key=("room", "seat")).rows) == 3
    assert "row 4: it has the same key as row 3 (room=B, seat=1)." in refusal(json.dumps([*rows, rows[2]]), key=("room", "seat"))


def test_rows_of_the_task_show_no_value() -> None:
    hidden = json.dumps([{"id": "hidden-value", "password": "hidden-too"}] * 2)
    said = refusal(hidden, file=None)
    assert said.startswith("Table Part, rows, row 2: it has the same key as row 1.")
    assert "hidden" not in said
    one = seed_of(json.dumps([{"id": "hidden-value"}]), file=None)
    assert one.name(one.rows[0]) == "row 1"


@pytest.mark.parametrize(
    "name", ["password", "passwordHash", "PASSWD", "client_secret", "resetToken", "pw_hash", "apiKey", "private_key", "pwd"]
)
def test_a_secret_in_a_file_is_refused_and_not_shown(name: str) -> None:
    said = refusal(json.dumps([{"id": 1}, {"id": 2, name: "topsecret"}]))
    assert f"row 2: the column {name} looks like a secret" in said
    assert "give them as rows" in said
    assert "topsecret" not in said


def test_what_is_only_about_a_secret_is_none() -> None:
    assert len(seed_of('[{"id": 1, "mustChangePassword": true, "passwordHash": null}]').rows) == 1
    names = ["author", "key", "hash", "categoryCode", "compass", "isActive", "passed", "name", "authorId"]
    assert [name for name in names if is_secret_column(name)] == []
