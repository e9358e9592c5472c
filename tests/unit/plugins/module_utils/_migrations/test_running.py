"""One file on its way: order of commits, retries, and what is resumed."""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import History
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import DONE, Entry
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.prisma import PrismaHistory
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import (
    APPLY,
    ROLL_BACK,
    Job,
    Report,
    StepError,
    Tools,
    run_file,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import read_script
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import DatabaseError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase import SupabaseHistory
from tests.unit.fake_clock import FakeClock

from .fakes import FakeDatabase

BUSY = DatabaseError("lock timeout.", sqlstate="55P03")


class FakeSession(FakeDatabase):
    """Fails statements that hold a fragment, as often as there are errors for it."""

    is_lost = False

    def __init__(self, answers: t.Mapping[str, t.Any] | None = None, errors: t.Mapping[str, list[DatabaseError]] | None = None) -> None:
        super().__init__({"to_regclass": [(None,)], **(answers or {})})
        self.errors = dict(errors or {})

    def run(self, statement: str) -> None:
        self.rows(statement)
        for fragment, left in self.errors.items():
            if fragment in statement and left:
                raise left.pop(0)

    def reset(self) -> None:
        self.sent.append(("RESET", None))

    def roll_back(self) -> None:
        self.sent.append(("ROLLBACK", None))

    def role(self) -> str:
        return "author"

    def act_as(self, role: str) -> None:
        self.sent.append((f"act as {role}", None))

    def act_as_self(self) -> None:
        self.act_as("none")

    def stand_in(self) -> None:
        self.sent.append(("stand in", None))

    def wait_for_locks(self, seconds: float | None) -> None:
        self.sent.append((f"lock_timeout {seconds}", None))


class FakeWatch:
    blockers: t.ClassVar[list[str]] = []

    def during(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def take_waited(self) -> float:
        return 0.25


def run(
    session: FakeSession,
    text: str,
    *,
    retries: int = 0,
    clock: FakeClock | None = None,
    history: History | None = None,
    direction: str = APPLY,
) -> Report:
    file = SqlFile("1", "x", "1_x.sql", text.encode())
    history = history or SupabaseHistory()
    tools = Tools(t.cast(t.Any, session), history, t.cast(t.Any, FakeWatch()), clock or FakeClock(), retries=retries, lock_wait=60)
    return run_file(tools, Job(file, read_script(file.path, file.content), direction, begun=True))


def course(session: FakeSession) -> list[str]:
    """What was sent, shortened to its gist."""
    gist = {
        "LOCK TABLE": "begin",
        "COMMIT": "commit",
        "INSERT INTO supabase_migrations.schema": "record",
        "holdfast_journal (direction, v": "note",
        "CREATE TABLE IF NOT EXISTS supabase_migrations.holdfast": "open",
        "DROP TABLE supabase_migrations.holdfast": "close",
    }
    sent = [query for query, _given in session.sent if query != "begin"]
    short = [next((word for fragment, word in gist.items() if fragment in query), query) for query in sent]
    quiet = (
        "act as",
        "RESET",
        "BEGIN",
        "lock_timeout",
        "SELECT pg_catalog",
        "SELECT step",
        "SELECT 1 FROM",
        "DELETE FROM supabase_migrations.holdfast",
    )
    return [word for word in short if not word.startswith(quiet)]


def test_a_transaction_holds_the_statements_and_the_record() -> None:
    session = FakeSession()
    run(session, "create table a; create table b; -- tail")
    assert course(session) == ["begin", "create table a", "create table b", "record", "commit"]


def test_an_empty_file_is_only_recorded() -> None:
    session = FakeSession()
    run(session, "")
    assert course(session) == ["begin", "record", "commit"]


def test_a_statement_alone_is_noted_before_and_after() -> None:
    session = FakeSession()
    run(session, "create table a; vacuum; create table b")
    assert course(session) == [
        *("open", "note", "commit"),
        *("begin", "create table a", "note", "commit"),
        *("note", "vacuum", "note"),
        *("begin", "create table b", "record", "close", "commit"),
    ]


def prisma_course(text: str, *, direction: str = APPLY) -> list[str]:
    """When Prisma's lock, Prisma's rows and the journal are touched, and when the statements run."""
    session = FakeSession({"pg_try_advisory_lock": [(True,)]})
    run(session, text, history=PrismaHistory("public"), direction=direction)
    gist = {
        "pg_advisory_unlock": "let in",
        "pg_try_advisory_lock": "keep out",
        "_journal (direction, v": "note",
        'INSERT INTO "public"._prisma_migrations (id, checksum, migration_name, started_at) ': "begin",
        'INSERT INTO "public"._prisma_migrations (id, checksum, migration_name, logs, started_at) VALUES': "begin rollback",
        "WITH finished": "finish",
        "WITH earlier": "add",
        "SET rolled_back_at": "give up",
        "create ": "run",
        "vacuum": "run",
    }
    known = [next((word for fragment, word in gist.items() if fragment in query), "") for query, _given in session.sent]
    return [word for word in known if word]


def test_prismas_lock_is_let_go_while_a_statement_runs_concurrently_and_its_unfinished_row_stands() -> None:
    assert prisma_course("create table a (); create index concurrently on a (b); create table c ();") == [
        *("note", "give up", "begin"),
        *("run", "note"),
        *("let in", "note", "run", "note", "keep out"),
        *("run", "finish"),
    ]


def test_a_rollback_lets_go_of_prismas_lock_too_and_has_an_unfinished_row_of_its_own() -> None:
    assert prisma_course("create index concurrently on a (b);", direction=ROLL_BACK) == [
        *("note", "begin rollback", "let in", "note", "run", "note", "keep out", "give up"),
    ]


def test_a_file_of_one_transaction_has_one_row_of_prisma_and_no_journal() -> None:
    assert prisma_course("create table a ();") == ["run", "add"]


def test_the_authors_transaction_takes_the_record_in() -> None:
    session = FakeSession()
    run(session, "begin; create table a; commit")
    assert course(session) == ["begin", "create table a", "record", "commit"]
    assert session.sent.index(("begin", None)) < next(place for place, (query, _given) in enumerate(session.sent) if "LOCK" in query)


def test_after_the_authors_rollback_the_record_has_its_own_transaction() -> None:
    session = FakeSession()
    run(session, "begin; create table a; rollback")
    assert course(session)[-4:] == ["begin", "record", "close", "commit"]


def test_what_is_in_the_way_is_tried_again_later_and_later() -> None:
    session = FakeSession(errors={"alter": [BUSY, BUSY, BUSY]})
    clock = FakeClock()
    report = run(session, "alter table a", retries=3, clock=clock)
    assert clock.slept == [1.0, 2.0, 4.0]
    assert report.retries == 3
    assert report.lock_wait == 1.0
    assert course(session).count("alter table a") == 4
    assert course(session).count("ROLLBACK") == 3


def test_the_pauses_have_an_upper_bound() -> None:
    clock = FakeClock()
    run(FakeSession(errors={"alter": [BUSY] * 8}), "alter table a", retries=8, clock=clock)
    assert clock.slept == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_retries_come_to_an_end() -> None:
    with pytest.raises(StepError, match=r"1_x\.sql line 2: lock timeout"):
        run(FakeSession(errors={"alter": [BUSY] * 9}), "select 1;\nalter table a", retries=2)


def test_another_error_is_not_tried_again() -> None:
    session = FakeSession(errors={"alter": [DatabaseError("no such table.", sqlstate="42P01", position=7)]})
    with pytest.raises(StepError, match=r"1_x\.sql line 3: no such table"):
        run(session, "select 1;\nalter\n  table a", retries=5)
    assert "record" not in course(session)


def journalled(text: str, *done: int) -> dict[str, t.Any]:
    """The answers of a database in which an earlier run had finished these steps of the file."""
    steps = read_script("1_x.sql", text.encode()).steps
    entries = [Entry(number, steps[number].digest, DONE) for number in done]
    return {"to_regclass": [("there",)], "SELECT step": [(entry.step, entry.digest, entry.state, None, []) for entry in entries]}


def test_a_resumed_file_goes_on_with_its_settings() -> None:
    text = "set search_path = shop; create table a; vacuum; create table b"
    session = FakeSession(journalled(text, 0, 1))
    run(session, text)
    assert course(session) == ["set search_path = shop", "begin", "create table b", "record", "close", "commit"]


def test_a_file_of_which_only_the_record_is_missing_is_recorded() -> None:
    text = "create table a; vacuum"
    session = FakeSession(journalled(text, 0, 1))
    run(session, text)
    assert course(session) == ["begin", "record", "close", "commit"]


def test_a_finished_step_that_was_edited_stops_the_run() -> None:
    with pytest.raises(ConflictError, match="these were edited since"):
        run(FakeSession(journalled("create table a; vacuum", 0)), "create table b; vacuum")


def test_the_history_is_written_with_our_own_rights_and_the_author_keeps_his() -> None:
    session = FakeSession()
    run(session, "set role other; create table a; vacuum; create table b")
    queries = [query for query, _given in session.sent]
    lock = max(place for place, query in enumerate(queries) if "LOCK TABLE" in query)
    assert queries[lock - 1 : lock + 3] == ["act as none", queries[lock], "act as author", "create table b"]
    record = next(place for place, query in enumerate(queries) if query.startswith("INSERT INTO supabase_migrations.schema"))
    assert queries[record - 1] == "act as none"


def test_the_stand_in_works_again_after_the_role_was_reset() -> None:
    session = FakeSession()
    run(session, "set role none; create table a; reset role; discard temp")
    queries = [query for query, _given in session.sent]
    assert queries[queries.index("set role none") + 1] == "stand in"
    assert queries[queries.index("reset role") + 1] == "stand in"
    assert queries.count("stand in") == 2


def test_a_failed_step_of_a_journalled_file_is_noted_as_failed() -> None:
    session = FakeSession(errors={"table b": [DatabaseError("no.", sqlstate="42P01")]})
    with pytest.raises(StepError):
        run(session, "create table a; vacuum; create table b")
    notes = [given for query, given in session.sent if query.startswith("INSERT INTO supabase_migrations.holdfast_journal") and given]
    assert [(given[2], given[4]) for given in notes][-1] == (2, "failed")
