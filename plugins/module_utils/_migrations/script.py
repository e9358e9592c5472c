# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One SQL file: its phase, its statements, and the steps in which they can run so that a killed run can be resumed.

A step is what is committed at once:
- `transaction`: statements that we put between BEGIN and COMMIT,
- `block`: the author's own BEGIN .. COMMIT,
- `alone`: one statement that cannot run in a transaction.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.scanning import Piece, Scan, scan

PHASES = ("pre_deployment", "post_deployment")
# The Supabase CLI's own way to say that every statement commits by itself.
NO_TRANSACTION = "-- pg-delta: transaction=false"

_MARK = re.compile(r"--\s*holdfast:\s*(?P<name>\w+)\s*=\s*(?P<value>[^\s]*)\s*$")
_ALONE = re.compile(
    r"""CREATE\ (UNIQUE\ )?INDEX\ CONCURRENTLY\b | DROP\ INDEX\ CONCURRENTLY\b | REINDEX\b.*\bCONCURRENTLY\b
    | REINDEX\ (\([^)]*\)\ ?)?(SCHEMA|DATABASE|SYSTEM)\b | VACUUM\b | CLUSTER\b | ALTER\ SYSTEM\b
    | (CREATE|DROP)\ (DATABASE|TABLESPACE)\b | ALTER\ DATABASE\b.*\bSET\ TABLESPACE\b | (CREATE|ALTER|DROP)\ SUBSCRIPTION\b
    | ALTER\ TABLE\b.*\bDETACH\ PARTITION\b.*\bCONCURRENTLY\b | (COMMIT|ROLLBACK)\ PREPARED\b | DISCARD\ ALL\b""",
    re.VERBOSE,
)
_BEGIN = re.compile(r"(BEGIN|START TRANSACTION)\b")
_COMMIT = re.compile(r"(COMMIT|END)\b(?!.*\bAND CHAIN\b)")
_ENDS_BLOCK = re.compile(r"(COMMIT|END|ABORT|PREPARE TRANSACTION|ROLLBACK(?! (WORK |TRANSACTION )?TO\b))\b")
# Procedures may commit: outside the author's block they run as the author wrote them, without a transaction around.
_MAY_COMMIT = re.compile(r"(CALL|DO)\b")
_SESSION_SETTING = re.compile(r"SET (?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b)|RESET\b|SELECT (PG_CATALOG\.)?SET_CONFIG ?\(")
_CLIENT_DATA = re.compile(r"COPY\b.*\b(FROM STDIN|TO STDOUT)\b")
_ADD_VALUE = re.compile(r"ADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?('(?:[^']|'')*')", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Statement:
    """`plain` is the text without comments and literals, on one line. For offsets see Piece."""

    text: str
    start: int
    code: int
    plain: str

    @property
    def words(self) -> str:
        """`plain` in capitals, for deciding; empty for a piece of comments only."""
        return self.plain.upper()

    @property
    def sets_session(self) -> bool:
        return bool(_SESSION_SETTING.match(self.words))


@dataclasses.dataclass(frozen=True)
class Step:
    """Statements that are committed at once. `kind`: transaction, block or alone."""

    kind: str
    statements: tuple[Statement, ...]

    @property
    def digest(self) -> str:
        """By this a resumed run knows that a finished step is still the same."""
        return hashlib.sha256("\0".join(statement.text for statement in self.statements).encode()).hexdigest()

    @property
    def can_finish(self) -> bool:
        """Whether the history row can be written in the step's own transaction."""
        return self.kind == "transaction" or (self.kind == "block" and bool(_COMMIT.match(self.statements[-1].words)))


@dataclasses.dataclass(frozen=True)
class Script:
    """A file that can be run: `statements` as the history stores them, `steps` as they are executed."""

    path: str
    text: str
    phase: str
    statements: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def is_atomic(self) -> bool:
        """Whether everything and the history row are committed at once, so that nothing has to be remembered in between."""
        return not self.steps or (len(self.steps) == 1 and self.steps[0].can_finish)

    def place(self, offset: int) -> str:
        """File and line of an offset, for messages."""
        return place(self.path, self.text, offset)


def place(path: str, text: str, offset: int) -> str:
    return f"{path} line {text.count(chr(10), 0, offset) + 1}"


def read_script(path: str, content: bytes) -> Script:
    """Read a file that is to be run. Raises InputError naming file and line for what could not run."""
    text = decoded(path, content)
    found = scan(text)
    _refuse_unreadable(path, text, found)
    statements = [_statement(piece) for piece in found.pieces]
    for statement in statements:
        _refuse_client_data(path, text, statement)
    stored = tuple(statement.text for statement in statements)
    return Script(path, text, phase_of(path, text), stored, plan_steps(statements, single=first_line(text) == NO_TRANSACTION))


def decoded(path: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise InputError(f"{path} line {line} is not UTF-8.", hint="Save the file as UTF-8.") from None
    if "\0" in text:
        raise InputError(
            f"{place(path, text, text.index(chr(0)))} holds a NUL character, which PostgreSQL cannot store.", hint="Save the file as UTF-8."
        )
    return text


def first_line(text: str) -> str:
    """The first line without byte order mark and line end; the CLI's pragma must stand there."""
    return text[text.startswith("\ufeff") :].partition("\n")[0].rstrip("\r")


def phase_of(path: str, text: str) -> str:
    """The phase in the file's header: the comment lines and blank lines before its first statement."""
    phase = PHASES[0]
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("--"):
            break
        mark = _MARK.match(line.strip())
        if mark is None:
            continue
        if mark["name"] != "phase" or mark["value"] not in PHASES:
            raise InputError(
                f"{path} line {number}: 'holdfast: {mark['name']}={mark['value']}' is not known.",
                hint=f"Write '-- holdfast: phase={PHASES[1]}' or leave the line out.",
            )
        phase = mark["value"]
    return phase


def _statement(piece: Piece) -> Statement:
    return Statement(piece.text, piece.start, piece.code, " ".join(piece.words.split()))


def _refuse_unreadable(path: str, text: str, found: Scan) -> None:
    if found.backslash is not None and (found.unclosed is None or found.backslash < found.unclosed[0]):
        raise InputError(
            f"{place(path, text, found.backslash)} holds a backslash outside of quotes: \\echo, \\copy and their kind are psql, not SQL.",
            hint="Remove the psql command.",
        )
    if found.unclosed is not None:
        offset, what = found.unclosed
        raise InputError(f"{place(path, text, offset)}: the {what} that begins there never ends.", hint="Close it.")


def _refuse_client_data(path: str, text: str, statement: Statement) -> None:
    if _CLIENT_DATA.match(statement.words):
        raise InputError(
            f"{place(path, text, statement.code)}: COPY from or to the client works in psql only.",
            hint="Write the rows as INSERT ... VALUES.",
        )


def plan_steps(statements: t.Sequence[Statement], *, single: bool) -> tuple[Step, ...]:
    """Group statements into steps. Comment-only pieces are not executed. `single`: every statement commits by itself."""
    runnable = [statement for statement in statements if statement.words]
    controlled = any((_BEGIN.match(s.words) or _ENDS_BLOCK.match(s.words)) and not _ALONE.match(s.words) for s in runnable)
    return tuple(_author_steps(runnable) if single or controlled else _our_steps(runnable))


def _our_steps(statements: t.Sequence[Statement]) -> t.Iterator[Step]:
    together: list[Statement] = []
    for position, statement in enumerate(statements):
        alone = bool(_ALONE.match(statement.words))
        if not alone:
            together.append(statement)
        if together and (alone or _value_is_used(statement, statements[position + 1 :])):
            yield Step("transaction", tuple(together))
            together = []
        if alone:
            yield Step("alone", (statement,))
    if together:
        yield Step("transaction", tuple(together))


def _value_is_used(statement: Statement, later: t.Sequence[Statement]) -> bool:
    """A value added to an enum cannot be used before it is committed."""
    if not statement.words.startswith("ALTER TYPE"):
        return False
    label = _ADD_VALUE.search(statement.text)
    return label is not None and any(label[1] in other.text for other in later)


def _author_steps(statements: t.Sequence[Statement]) -> t.Iterator[Step]:
    block: list[Statement] = []
    for statement in statements:
        alone = bool(_ALONE.match(statement.words))
        if block or (_BEGIN.match(statement.words) and not alone):
            block.append(statement)
            if len(block) > 1 and _ENDS_BLOCK.match(statement.words):
                yield Step("block", tuple(block))
                block = []
        elif alone or _MAY_COMMIT.match(statement.words) or _ENDS_BLOCK.match(statement.words):
            yield Step("alone", (statement,))
        else:
            yield Step("transaction", (statement,))
    if block:
        yield Step("block", tuple(block))
