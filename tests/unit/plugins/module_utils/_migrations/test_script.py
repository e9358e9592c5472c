"""From the bytes of a file to phase and steps."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script, read_script


def script(text: str) -> Script:
    return read_script("1_x.sql", text.encode())


def kinds(text: str) -> list[tuple[str, int]]:
    return [(step.kind, len(step.statements)) for step in script(text).steps]


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("select 1;", "pre_deployment"),
        ("-- holdfast: phase=post_deployment\nselect 1;", "post_deployment"),
        ("\ufeff--holdfast:phase=post_deployment\r\nselect 1;", "post_deployment"),
        ("-- why\n\n-- holdfast: phase = post_deployment \nselect 1;", "post_deployment"),
        ("-- holdfast: phase=pre_deployment\nselect 1;", "pre_deployment"),
        ("/* Licence\n   of many lines */\n-- holdfast: phase=post_deployment\nselect 1;", "post_deployment"),
        ("-- Holdfast: Phase=post_deployment\nselect 1;", "post_deployment"),
        ("-- holdfast: phase=post_deployment", "post_deployment"),
        ("/* holdfast: phase=post_deployment */ select 1;", "post_deployment"),
        ("/** Drops.\n * holdfast: phase=post_deployment\n */\nselect 1;", "post_deployment"),
        ("/*\n  holdfast: phase=post_deployment */\nselect 1;", "post_deployment"),
        ("insert into t values ('\nholdfast: phase=post_deployment\n');", "pre_deployment"),
        ("-- holdfast: lint-ignore=truncate a=b\n-- holdfast: phase=post_deployment\ntruncate t;", "post_deployment"),
        ("select ' -- holdfast: phase=post_deployment';", "pre_deployment"),
        ("-- holdfast: see issue 7\nselect 1;", "pre_deployment"),
        ("", "pre_deployment"),
    ],
)
def test_the_phase_stands_before_the_first_statement(text: str, phase: str) -> None:
    assert script(text).phase == phase


@pytest.mark.parametrize("text", ["select 1;\n{}", "begin;\n  {}\ndrop table t;\ncommit;"])
@pytest.mark.parametrize("mark", ["-- holdfast: phase=post_deployment", "/* holdfast: phase=post_deployment */"])
def test_a_phase_after_the_first_statement_is_refused_with_its_line(text: str, mark: str) -> None:
    with pytest.raises(InputError, match=r"1_x\.sql line 2: .* stands after the first statement"):
        script(text.format(mark))


@pytest.mark.parametrize("mark", ["phase=later", "phase=", "stage=post_deployment", "phase=post_deployment since 1.2"])
def test_a_mark_that_is_not_known_is_refused_with_its_line(mark: str) -> None:
    with pytest.raises(InputError, match=r"1_x\.sql line 2: 'holdfast: "):
        script(f"-- why\n-- holdfast: {mark}\nselect 1;")


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", []),
        ("-- nothing", []),
        ("select 1; select 2; -- tail", [("transaction", 2)]),
        ("create table t (); create index concurrently i on t (a); select 1", [("transaction", 1), ("alone", 1), ("transaction", 1)]),
        ("create unique /* c */ index -- d\n concurrently i on t (a)", [("alone", 1)]),
        ("drop index concurrently i", [("alone", 1)]),
        ("reindex (verbose) table concurrently t", [("alone", 1)]),
        ("reindex table t", [("transaction", 1)]),
        ("reindex schema s", [("alone", 1)]),
        ("vacuum", [("alone", 1)]),
        ("vacuum(full) t", [("alone", 1)]),
        ("alter system set a = 1", [("alone", 1)]),
        ("create database d", [("alone", 1)]),
        ("alter table t detach partition p concurrently", [("alone", 1)]),
        ("alter table t detach partition p", [("transaction", 1)]),
        ("drop subscription s", [("alone", 1)]),
        ("select 'create index concurrently'", [("transaction", 1)]),
        ("lock table t; savepoint s; rollback to s; release s", [("transaction", 4)]),
        ("rollback work to savepoint s", [("transaction", 1)]),
        ("begin; select 1; commit; select 2", [("block", 3), ("transaction", 1)]),
        ("start transaction; select 1; end; vacuum", [("block", 3), ("alone", 1)]),
        ("begin; select 1; rollback", [("block", 3)]),
        ("select 1; call p(); select 2", [("transaction", 1), ("alone", 1), ("transaction", 1)]),
        ("select 1; do $$ begin perform 1; commit; end $$", [("transaction", 1), ("alone", 1)]),
        ("select 1; do $$ begin perform 1; end $$", [("transaction", 2)]),
        ("begin; savepoint a; rollback to a; commit; call p()", [("block", 4), ("alone", 1)]),
        ("-- pg-delta: transaction=false\nselect 1; do $$begin end$$; select 2", [("transaction", 1), ("alone", 1), ("transaction", 1)]),
        ("\ufeff-- pg-delta: transaction=false\r\nselect 1; select 2", [("transaction", 1), ("transaction", 1)]),
        ("-- pg-delta: transaction=false \nselect 1; select 2", [("transaction", 2)]),
        ("alter type c add value 'x'; select 'x'", [("transaction", 1), ("transaction", 1)]),
        ("alter type c add value 'x'; select 'y'", [("transaction", 2)]),
    ],
)
def test_what_is_committed_at_once(text: str, steps: list[tuple[str, int]]) -> None:
    assert kinds(text) == steps


@pytest.mark.parametrize(
    ("text", "atomic"),
    [
        ("", True),
        ("select 1; select 2", True),
        ("begin; select 1; commit", True),
        ("begin; select 1; commit and chain", False),
        ("begin; select 1; rollback", False),
        ("vacuum", False),
        ("select 1; vacuum", False),
    ],
)
def test_a_file_that_commits_once_needs_no_journal(text: str, atomic: bool) -> None:
    assert script(text).is_atomic is atomic


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        ("set search_path = a", True),
        ("SET SESSION lock_timeout = 1", True),
        ("reset all", True),
        ("select pg_catalog.set_config('search_path', '', false)", True),
        ("set local search_path = a", False),
        ("set transaction isolation level serializable", False),
        ("select 1", False),
    ],
)
def test_settings_of_the_session_are_known(text: str, sets: bool) -> None:
    assert script(text).steps[0].statements[0].sets_session is sets


def test_the_digest_of_a_step_changes_with_its_text() -> None:
    assert script("select 1").steps[0].digest != script("select 2").steps[0].digest
    assert script("select 1; select 2").steps[0].digest != script("select 1 select 2").steps[0].digest


def test_an_offset_is_told_as_a_line() -> None:
    found = script("select 1;\n\n  select 2;")
    assert found.place(found.steps[0].statements[1].code) == "1_x.sql line 3"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"select 1;\n\xff", "line 2 is not UTF-8"),
        ("select 1".encode("utf-16"), "line 1 is not UTF-8"),
        (b"select '\0'", "line 1 holds a NUL"),
        (b"\n\\set a 1\n", "line 2 holds a backslash"),
        (b"\n\nselect $$", "line 3: the dollar-quoted string that begins there never ends"),
        (b"copy t (a) from stdin;", "line 1: COPY"),
        (b"select 1;\ncopy (select 1) to stdout;", "line 2: COPY"),
        (b"copy t from stdin;\n1\tit's\n\\.\n", "line 1: COPY"),
        (b"select 1;\ncopy t from stdin;\n1\t2\n\\.\n", "line 2: COPY"),
        (b"\\i a.sql\ncopy t from stdin;\n", "line 1 holds a backslash"),
    ],
)
def test_what_cannot_run_is_refused_with_file_and_line(content: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_script("supabase/migrations/1_x.sql", content)
    assert f"supabase/migrations/1_x.sql {message}" in str(caught.value)


def test_the_line_of_a_statement_is_that_of_its_code() -> None:
    found = script("\n-- why\n/* how;\n */ select 1 -- not here\n + 1;\n-- the end")
    assert found.place(found.steps[0].statements[0].code) == "1_x.sql line 4"


@pytest.mark.parametrize("text", ["begin", "select 1;\nbegin;\nselect 2;", "\nbegin;\ncommit;\nstart transaction;\nselect 1; -- commit"])
def test_a_transaction_that_nobody_ends_is_refused_with_its_line(text: str) -> None:
    line = text.count("\n", 0, max(text.rfind("begin"), text.rfind("start"))) + 1
    with pytest.raises(InputError, match=f"1_x\\.sql line {line}: the transaction that begins there never ends"):
        read_script("1_x.sql", text.encode())


@pytest.mark.parametrize(
    ("text", "role", "unlock"),
    [
        ("create table a", False, False),
        ("set ROLE x", True, False),
        ("do $$ begin set session authorization x; end $$", True, False),
        ("discard\nall", False, True),
        ("select pg_advisory_unlock_all()", False, True),
    ],
)
def test_a_script_says_what_of_the_session_it_may_change(text: str, role: bool, unlock: bool) -> None:
    script = read_script("1_x.sql", text.encode())
    assert (script.may_set_role, script.may_unlock) == (role, unlock)


@pytest.mark.parametrize(
    ("text", "resets"),
    [
        ("reset role", True),
        ("Set Session Role None", True),
        ("set role to default", True),
        ("set role = 'none'", True),
        ('set role "none"', True),
        ("reset session authorization", True),
        ("discard all", True),
        ("set role nonesuch", False),
        ("set role 'other'", False),
        ("set session authorization other", False),
    ],
)
def test_it_is_known_which_statements_bring_the_user_back(text: str, resets: bool) -> None:
    steps = read_script("1_x.sql", text.encode()).steps
    assert steps[0].statements[0].resets_role is resets
