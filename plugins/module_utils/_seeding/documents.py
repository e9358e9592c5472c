# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows that a JSON document holds, and everything that can be wrong with them before a database is asked. Pure."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

# Columns that hold what lets somebody in. Words such as `key` and `hash` alone are too common to mean that.
_SECRET_COLUMN = re.compile(
    r"passw|passphrase|pass_?code|pw_?hash|pass_?hash|pwd|secret|token|credential|api_?key|private_?key", re.IGNORECASE
)
_BETWEEN = re.compile(r"[\s,]*")


class Row(t.NamedTuple):
    """One object of the list. `text` is its JSON as it was written: numbers lose nothing on the way to the server."""

    number: int
    text: str
    values: t.Mapping[str, t.Any]


class Seed(t.NamedTuple):
    """The rows for one table. `file` is None for rows that stand in the task, whose values nobody is ever shown."""

    table: str
    file: t.Optional[str]
    key: tuple[str, ...]
    update: bool
    rows: tuple[Row, ...]

    @property
    def is_secret(self) -> bool:
        return self.file is None

    def place(self, row: Row | None = None) -> str:
        """Where something is, at the beginning of a sentence."""
        return place_of(self.table, self.file) + (f", row {row.number}" if row else "")

    def name(self, row: Row) -> str:
        """What a row is called in a diff: its key, or its number where no value may be shown."""
        if self.is_secret:
            return f"row {row.number}"
        return ", ".join(f"{column}={_shown(row.values[column])}" for column in self.key)


def place_of(table: str, file: str | None) -> str:
    return f"Table {table}, {file or 'rows'}"


def is_secret_column(name: str) -> bool:
    """Whether a column of this name usually holds a secret."""
    return bool(_SECRET_COLUMN.search(name))


def read_seed(table: str, file: str | None, text: str, *, key: t.Sequence[str], update: bool) -> Seed:
    """The rows in a document. Raises InputError naming table, file and row; without any value where the rows stand in the task."""
    seed = Seed(table, file, tuple(key), update, _rows(place_of(table, file), text))
    _check_keys(seed)
    if not seed.is_secret:
        _refuse_secrets(seed)
    return seed


def _rows(place: str, text: str) -> tuple[Row, ...]:
    found = _decoded(place, text)
    if not isinstance(found, list):
        raise InputError(f"{place}: it holds {_kind(found)}, not a list of objects.", hint='Write it as [{"id": 1, "name": "..."}, ...].')
    rows = tuple(Row(number, piece, value) for number, (piece, value) in enumerate(zip(_pieces(text, len(found)), found), start=1))
    for row in rows:
        if not isinstance(row.values, dict):
            raise InputError(
                f"{place}, row {row.number}: it is {_kind(row.values)}, not an object.",
                hint="Give each row as an object: its columns and their values.",
            )
    return rows


def _decoded(place: str, text: str) -> t.Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as exc:
        raise InputError(f"{place}: it is no JSON: {exc.msg} in line {exc.lineno}, column {exc.colno}.", hint="Correct the file.") from None
    except _OddError as exc:
        raise InputError(f"{place}: {exc}", hint="Write it another way.") from None
    except ValueError:
        raise InputError(f"{place}: a number in it has too many digits.", hint="Shorten it, or write it as a text.") from None
    except RecursionError:
        raise InputError(f"{place}: it is nested too deeply.", hint="Give rows: a list of objects.") from None


class _OddError(Exception):
    """Something that Python would take and PostgreSQL would not, or would take otherwise."""


def _object(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise _OddError(f"an object has {', '.join(twice)} twice.")
    return found


def _no_constant(name: str) -> t.NoReturn:
    raise _OddError(f"{name} is no JSON.")


def _pieces(text: str, count: int) -> list[str]:
    """The elements of a list as they are written; the text is known to be such a list."""
    scanner = json.JSONDecoder()
    position = text.index("[") + 1
    pieces = []
    for _number in range(count):
        start = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]  # it matches everywhere
        position = scanner.raw_decode(text, start)[1]
        pieces.append(text[start:position])
    return pieces


def _kind(value: t.Any) -> str:
    """What a value is, without the value."""
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _check_keys(seed: Seed) -> None:
    """Every row has its key, and no two have the same. What is equal only for the server is found there."""
    seen: dict[str, Row] = {}
    for row in seed.rows:
        for column in seed.key:
            if row.values.get(column) is None:
                how = "is null" if column in row.values else "is missing"
                raise InputError(
                    f"{seed.place(row)}: its key column {column} {how}.", hint="A row is recognised by its key; give every row all of it."
                )
        same = seen.setdefault(json.dumps([row.values[column] for column in seed.key], sort_keys=True), row)
        if same is not row:
            named = "" if seed.is_secret else f" ({seed.name(row)})"
            raise InputError(f"{seed.place(row)}: it has the same key as row {same.number}{named}.", hint="Remove one of the two.")


def _refuse_secrets(seed: Seed) -> None:
    for row in seed.rows:
        for column, value in row.values.items():
            if is_secret_column(column) and not isinstance(value, (bool, type(None))):
                raise InputError(
                    f"{seed.place(row)}: the column {column} looks like a secret, and a file in the artefact is no place for one.",
                    hint="Take the rows of this table out of the file and give them as rows, with the secret from a vault.",
                )


def _shown(value: t.Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
