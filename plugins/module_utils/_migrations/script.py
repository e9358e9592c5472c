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

import hashlib
import itertools
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.scanning import Piece, Scan, scan

PHASES = ("pre_deployment", "post_deployment")
# The Supabase CLI's own way to say that every statement commits by itself.
NO_TRANSACTION = "-- pg-delta: transaction=false"

# A line of its own, in a block comment too; lint-ignore is for lint.py.
_MARK = re.compile(
    r"(?:\A\ufeff?|(?<=[\n\r]))[ \t]*(?P<opens>--|/\*+|\*?)[ \t]*(?P<said>holdfast:(?!\s*lint)[^\n\r=]*=[^\n\r]*)", re.IGNORECASE
)
_PHASE = re.compile(rf"holdfast:\s*phase\s*=\s*(?P<phase>{'|'.join(PHASES)})\s*", re.IGNORECASE)
_ALONE = re.compile(
    r"""CREATE\ (UNIQUE\ )?INDEX\ CONCURRENTLY\b | DROP\ INDEX\ CONCURRENTLY\b | REINDEX\b.*\bCONCURRENTLY\b
    | REINDEX\ (\([^)]*\)\ ?)?(SCHEMA|DATABASE|SYSTEM)\b | VACUUM\b | CLUSTER\b | ALTER\ SYSTEM\b
    | (CREATE|DROP)\ (DATABASE|TABLESPACE)\b | ALTER\ DATABASE\b.*\bSET\ TABLESPACE\b | (CREATE|ALTER|DROP)\ SUBSCRIPTION\b
    | ALTER\ TABLE\b(?=.*\bDETACH\ PARTITION\b).*\bCONCURRENTLY\b | (COMMIT|ROLLBACK)\ PREPARED\b | DISCARD\ ALL\b
    | CALL\b""",
    re.VERBOSE,
)
_BEGIN = re.compile(r"(BEGIN|START TRANSACTION)\b")
_COMMIT = re.compile(r"(COMMIT|END)\b(?!.*\bAND CHAIN\b)")
_ENDS_BLOCK = re.compile(r"(COMMIT|END|ABORT|PREPARE TRANSACTION|ROLLBACK(?! (WORK |TRANSACTION )?TO\b))\b")
# Procedures may commit, and the vendors' tools let them: outside the author's own block they run without a transaction around.
_DO = re.compile(r"DO\b")
_COMMITS = re.compile(r"\b(commit|rollback)\b", re.IGNORECASE)
_SESSION_SETTING = re.compile(r"SET (?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b)|RESET\b|SELECT (PG_CATALOG\.)?SET_CONFIG ?\(")
# The CLI's own list of what brings the user back where another role stands in for it.
_RESETS_ROLE = re.compile(
    r"""RESET\ ROLE | RESET\ SESSION\ AUTHORIZATION | SET\ (SESSION\ )?ROLE(\ TO\ |\ ?=\ ?|\ )(NONE\b|DEFAULT\b|"NONE"|(?P<literal>''))
    | SET\ SESSION\ AUTHORIZATION\ DEFAULT | DISCARD\ ALL""",
    re.VERBOSE,
)
_UNLOCKS = re.compile(r"pg_advisory_unlock_all|\bdiscard\s+all\b")
_CLIENT_DATA = re.compile(r"COPY\b.*\b(FROM STDIN|TO STDOUT)\b")
_ADD_VALUE = re.compile(r"ADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?('(?:[^']|'')*')", re.IGNORECASE)


class Statement(t.NamedTuple):
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

    @property
    def runs_alone(self) -> bool:
        """Whether it cannot run in a transaction, or ends the one that it runs in."""
        return bool(_ALONE.match(self.words) or (_DO.match(self.words) and _COMMITS.search(self.text)))

    @property
    def resets_role(self) -> bool:
        found = _RESETS_ROLE.match(self.words)
        return found is not None and (not found["literal"] or "'none'" in self.text)


class Step(t.NamedTuple):
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


class Script(t.NamedTuple):
    """A file that can be run: `statements` as the history stores them, `steps` as they are executed."""

    path: str
    text: str
    phase: str
    statements: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def may_set_role(self) -> bool:
        """Whether a statement may change whose rights hold. Saying so without need costs a query."""
        text = self.text.lower()
        return "role" in text or "authorization" in text

    @property
    def may_unlock(self) -> bool:
        """Whether a statement may let go of all advisory locks of the session, ours among them."""
        return _UNLOCKS.search(self.text.lower()) is not None

    @property
    def is_atomic(self) -> bool:
        """Whether everything and the history row are committed at once, so that nothing has to be remembered in between."""
        return not self.steps or (len(self.steps) == 1 and self.steps[0].can_finish)

    @property
    def fits_one_message(self) -> bool:
        """Whether nothing has to be done between its statements. The server reads a message to its end under the settings before it."""
        return (
            len(self.steps) == 1
            and self.steps[0].kind == "transaction"
            and not (self.may_set_role or self.may_unlock)
            and not any(statement.sets_session for statement in self.steps[0].statements)
        )

    def place(self, offset: int) -> str:
        """File and line of an offset, for messages."""
        return place(self.path, self.text, offset)


# Of a migration that is only recorded or forgotten.
NOTHING = Script("", "", PHASES[0], (), ())


def place(path: str, text: str, offset: int) -> str:
    return f"{path} line {text.count(chr(10), 0, offset) + 1}"


def read_script(path: str, content: bytes) -> Script:
    """Read a file that is to be run. Raises InputError naming file and line for what could not run."""
    text = decoded(path, content)
    found = scan(text)
    statements = [_statement(piece) for piece in found.pieces]
    # First, because what follows COPY ... FROM stdin is data, and anything but readable.
    for statement in statements:
        _refuse_client_data(path, text, statement)
    _refuse_unreadable(path, text, found)
    stored = tuple(statement.text for statement in statements)
    steps = plan_steps(statements, single=first_line(text) == NO_TRANSACTION)
    _refuse_open_end(path, text, steps)
    begins = next((statement.code for statement in statements if statement.words), len(text))
    return Script(path, text, _phase(path, text, begins), stored, steps)


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


def _phase(path: str, text: str, begins: int) -> str:
    """The phase that the file's header names; `begins`: where its first statement does. A mark that would be overlooked is refused."""
    phase = PHASES[0]
    if "holdfast:" not in text.lower():
        return phase
    for mark in _MARK.finditer(text):
        in_line = mark["opens"] == "--"
        if mark.start() > begins and not (in_line or mark["opens"].startswith("/")):
            continue  # no comment begins here
        at, said = place(path, text, mark.start("said")), (mark["said"] if in_line else mark["said"].partition("*/")[0]).strip()
        found = _PHASE.fullmatch(said)
        if found is None:
            raise InputError(f"{at}: '{said}' is not known.", hint=f"Write '-- holdfast: phase={PHASES[1]}' or leave the line out.")
        if mark.start() > begins:
            raise InputError(f"{at}: '{said}' stands after the first statement.", hint="Move the line to the top of the file.")
        phase = found["phase"].lower()
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


def _refuse_open_end(path: str, text: str, steps: t.Sequence[Step]) -> None:
    """What a transaction did that nobody commits is lost, and the history would say that it ran."""
    last = steps[-1] if steps else None
    if last is not None and last.kind == "block" and not (len(last.statements) > 1 and _ENDS_BLOCK.match(last.statements[-1].words)):
        raise InputError(f"{place(path, text, last.statements[0].code)}: the transaction that begins there never ends.", hint="Add COMMIT.")


def plan_steps(statements: t.Sequence[Statement], *, single: bool) -> tuple[Step, ...]:
    """Group statements into steps. Comment-only pieces are not executed. `single`: every statement commits by itself."""
    runnable = [statement for statement in statements if statement.words]
    controlled = any((_BEGIN.match(s.words) or _ENDS_BLOCK.match(s.words)) and not s.runs_alone for s in runnable)
    return tuple(_author_steps(runnable) if single or controlled else _our_steps(runnable))


def _our_steps(statements: t.Sequence[Statement]) -> t.Iterator[Step]:
    together: list[Statement] = []
    for position, statement in enumerate(statements):
        alone = statement.runs_alone
        if not alone:
            together.append(statement)
        if together and (alone or _value_is_used(statement, itertools.islice(statements, position + 1, None))):
            yield Step("transaction", tuple(together))
            together = []
        if alone:
            yield Step("alone", (statement,))
    if together:
        yield Step("transaction", tuple(together))


def _value_is_used(statement: Statement, later: t.Iterable[Statement]) -> bool:
    """A value added to an enum cannot be used before it is committed."""
    if not statement.words.startswith("ALTER TYPE"):
        return False
    label = _ADD_VALUE.search(statement.text)
    return label is not None and any(label[1] in other.text for other in later)


def _author_steps(statements: t.Sequence[Statement]) -> t.Iterator[Step]:
    block: list[Statement] = []
    for statement in statements:
        alone = statement.runs_alone
        if block or (_BEGIN.match(statement.words) and not alone):
            block.append(statement)
            if len(block) > 1 and _ENDS_BLOCK.match(statement.words):
                yield Step("block", tuple(block))
                block = []
        elif alone or _DO.match(statement.words) or _ENDS_BLOCK.match(statement.words):
            yield Step("alone", (statement,))
        else:
            yield Step("transaction", (statement,))
    if block:
        yield Step("block", tuple(block))
