"""pg_seed against a real PostgreSQL server."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tarfile
import threading
import typing as t
from pathlib import Path

import psycopg
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._seeding.sources import documents_of, parcel, without_rows
from tests.integration.module_child import result_of, run_module, start_module

CHECKOUT = Path(__file__).resolve().parents[2]
TABLES = """
create schema shop;
create type kind as enum ('BASIN', 'CONTROL_BOX');
create table category (id text primary key, name text not null);
create table part (id text primary key, name text not null, "categoryId" text references category, price numeric, kind kind, sizes int[],
                   "odd ""%s" text, facts json, seen timestamptz, note text default 'none', place point,
                   double_price numeric generated always as (price * 2) stored);
create table shop."User" (id int generated always as identity primary key, username text not null unique, "passwordHash" text not null,
                          "fullName" text, age int check (age > 17));
create table seats (room text, number int, taken boolean default false, primary key (room, number));
create unique index part_of_name on part (name) where note = 'none';
create table node (id int primary key, parent int references node deferrable initially deferred);
create view parts_seen as select * from part;
"""
CATEGORIES = [{"id": "C1", "name": "Sinks"}, {"id": "C2", "name": "Boxes"}]
PARTS = [
    {
        "id": "P1",
        "name": "Basin",
        "categoryId": "C1",
        "price": 10.50,
        "kind": "BASIN",
        "sizes": [1, 2],
        "facts": {"b": 1, "a": [2]},
        'odd "%s': "%s",
    },
    {"id": "P2", "name": "Box", "categoryId": "C2", "kind": "CONTROL_BOX", "seen": "2026-11-22T10:00:00+01:00", "place": "(1,2)"},
]
# Long enough to be looked for in everything that is said.
HASH = "$2b$12$Rather.A.Long.Hash.Of.A.Password"
CATEGORY = {"table": "category", "file": "categories.json", "key": ["id"]}
PART = {"table": "public.part", "file": "parts.json", "key": ["id"]}
USER = {"table": "shop.User", "key": ["username"]}


@dataclasses.dataclass(frozen=True)
class Lab:
    """A folder with seeds and a database."""

    folder: Path
    url: str

    def write(self, name: str, rows: t.Any) -> None:
        (self.folder / name).write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")

    def options(self, *tables: dict[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
        """What the action plugin hands to the module."""
        contents = parcel(documents_of(tables, str(self.folder)))
        return {"database_url": self.url, "tables": without_rows(tables), "contents": contents, **options}

    def seed(self, *tables: dict[str, t.Any], check: bool = False, diff: bool = True, **options: t.Any) -> dict[str, t.Any]:
        result = run_module("pg_seed", check=check, diff=diff, **self.options(*tables, **options))
        assert not result.get("failed"), result["raw"]
        return result

    def fail(self, *tables: dict[str, t.Any], **options: t.Any) -> str:
        """What it says when it fails; nothing may have changed then."""
        before = self.everything()
        result = run_module("pg_seed", diff=True, **self.options(*tables, **options))
        assert result.get("failed"), result["raw"]
        assert self.everything() == before
        return str(result["msg"])

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def rows(self, query: str) -> list[tuple[t.Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def everything(self) -> list[tuple[t.Any, ...]]:
        names = ("category", "part", 'shop."User"', "seats", "node")
        return self.rows(" union all ".join(f"select t::text from {name} t" for name in names) + " order by 1")


@pytest.fixture
def lab(tmp_path: Path, fresh_database: str) -> Lab:
    made = Lab(tmp_path, fresh_database)
    made.execute(TABLES)
    made.write("categories.json", CATEGORIES)
    made.write("parts.json", PARTS)
    return made


def counts(result: dict[str, t.Any]) -> tuple[int, int, int]:
    return result["inserted"], result["updated"], result["unchanged"]


def test_check_mode_says_what_a_run_does_and_the_second_run_finds_nothing_to_do(lab: Lab) -> None:
    predicted = lab.seed(CATEGORY, PART, check=True)
    assert lab.rows("select count(*) from part") == [(0,)]
    done = lab.seed(CATEGORY, PART)
    assert (done["changed"], done["diff"], done["tables"]) == (True, predicted["diff"], predicted["tables"])
    assert [(each["table"], each["file"]) for each in done["tables"]] == [
        ("public.category", "categories.json"),
        ("public.part", "parts.json"),
    ]
    assert done["diff"]["after"]["public.part, parts.json"]["id=P1"]["kind"] == "BASIN"
    written = lab.rows(
        "select id, price::text, kind::text, sizes, facts, note, extract(epoch from seen)::int, ctid::text from part order by id"
    )
    assert written[0][:6] == ("P1", "10.5", "BASIN", [1, 2], {"b": 1, "a": [2]}, "none")
    assert written[1][6] == 1795338000
    again = lab.seed(CATEGORY, PART)
    assert (again["changed"], counts(again), again["diff"]) == (False, (0, 0, 4), {"before": {}, "after": {}})
    after = lab.rows(
        "select id, price::text, kind::text, sizes, facts, note, extract(epoch from seen)::int, ctid::text from part order by id"
    )
    assert after == written, "an unchanged row was rewritten"


def test_a_changed_row_is_updated_in_what_differs_and_the_others_are_not_rewritten(lab: Lab) -> None:
    lab.seed(CATEGORY, PART)
    lab.execute("update part set note = 'mine', price = 99")
    places = lab.rows("select ctid::text from part where id = 'P2'")
    done = lab.seed(PART)
    assert counts(done) == (0, 1, 1)
    assert done["diff"]["before"] == {"public.part, parts.json": {"id=P1": {"price": "(another value)"}}}
    assert done["diff"]["after"] == {"public.part, parts.json": {"id=P1": {"price": 10.5}}}
    # P2 has no price in the file, and nobody's note is in it.
    assert lab.rows("select price::text, note from part order by id") == [("10.5", "mine"), ("99", "mine")]
    assert lab.rows("select ctid::text from part where id = 'P2'") == places


def test_numbers_are_written_as_they_stand_in_the_file(lab: Lab) -> None:
    lab.write("parts.json", '[{"id": "P1", "name": "B\\u00e4sin", "price": 12345678901234567890.12345678901234567890}]')
    lab.seed(PART)
    assert lab.rows("select name, price::text from part") == [("Bäsin", "12345678901234567890.12345678901234567890")]


def test_a_key_of_several_columns_and_rows_with_different_columns(lab: Lab) -> None:
    lab.write("seats.json", [{"room": "A", "number": 1, "taken": True}, {"room": "A", "number": 2}, {"number": 1, "room": "B"}])
    entry = {"table": "seats", "file": "seats.json", "key": ["number", "room"]}
    assert counts(lab.seed(entry)) == (3, 0, 0)
    assert lab.rows("select * from seats order by 1, 2") == [("A", 1, True), ("A", 2, False), ("B", 1, False)]
    assert counts(lab.seed(entry)) == (0, 0, 3)
    # A row that is there needs no columns but those that are to change.
    lab.seed(CATEGORY, PART)
    lab.write("prices.json", [{"id": "P1", "price": 3}])
    assert counts(lab.seed({**PART, "file": "prices.json"})) == (0, 1, 0)


def test_rows_of_the_task_are_shown_nowhere_and_without_update_stay_their_owners(lab: Lab) -> None:
    user = {"username": "sal.coordinator", "passwordHash": HASH, "fullName": "Sal Production Coordinator", "age": 41}
    first = lab.seed({**USER, "rows": [user], "update": False})
    assert counts(first) == (1, 0, 0)
    lab.execute("""update shop."User" set "passwordHash" = 'changed by its owner'""")
    kept = lab.seed({**USER, "rows": [user], "update": False})
    assert (kept["changed"], counts(kept)) == (False, (0, 0, 1))
    changed = lab.seed({**USER, "rows": [user]}, check=True)
    # As in Prisma's URL, and a number for a column that is GENERATED ALWAYS.
    numbered = {"table": "User", "key": ["id"], "rows": [{**user, "id": 7, "username": "other"}]}
    assert counts(lab.seed(numbered, check=True, database_url=f"{lab.url}?schema=shop")) == (1, 0, 0)
    unseen = {"row 1": {"passwordHash": "(a value that is not shown)"}}
    assert changed["diff"]["after"] == {"shop.User, rows": unseen}
    refused = run_module("pg_seed", diff=True, **lab.options({**USER, "rows": [user, {**user, "username": "x", "age": 16}]}))
    mistyped = run_module("pg_seed", **lab.options({**USER, "rows": [{**user, "age": HASH}]}))
    doubled = run_module("pg_seed", **lab.options({**USER, "rows": [user, user]}))
    assert (
        "Table shop.User, rows, row 2: PostgreSQL refuses it: check violation (SQLSTATE 23514, constraint User_age_check)" in refused["msg"]
    )
    assert "row 1: PostgreSQL refuses it: invalid text representation (SQLSTATE 22P02)" in mistyped["msg"]
    assert "row 2: it has the same key as row 1." in doubled["msg"]
    said = "".join(result["raw"] for result in (first, kept, changed, refused, mistyped, doubled))
    assert [value for value in (HASH, "sal.coordinator", "Sal Production", "changed by its owner") if value in said] == []


def test_what_a_table_holds_is_not_in_the_message_about_a_row(lab: Lab) -> None:
    """PostgreSQL's DETAIL quotes the whole row, here with the hash that the table has."""
    lab.execute(f"""insert into shop."User" (username, "passwordHash", age) values ('admin', '{HASH}', 30)""")
    lab.write("ages.json", [{"username": "admin", "age": 3}])
    said = lab.fail({**USER, "file": "ages.json"})
    assert "ages.json, row 1: PostgreSQL refuses it: new row for relation" in said
    assert "User_age_check" in said
    assert HASH not in said


def parts(odd: int, **columns: t.Any) -> list[dict[str, t.Any]]:
    """Eleven new parts, of which the one with this number has these columns."""
    return [{"id": f"P{number}", "name": f"{number}", **(columns if number == odd else {})} for number in range(1, 12)]


REFUSED: list[tuple[dict[str, t.Any], list[dict[str, t.Any]], str]] = [
    ({"table": "parts"}, [{"id": 1}], "Table parts, given.json: there is no such table."),
    ({"table": "parts_seen"}, [{"id": "a"}], "Table parts_seen, given.json: that is no table."),
    ({"key": ["name"]}, [{"name": "a"}], "no unique index of the table is on exactly its key (name)"),
    ({"key": ["idd"]}, [{"idd": "a"}], "the table has no key column idd. Did you mean id?"),
    ({}, parts(2, prize=1), "given.json, row 2: the table has no column prize. Did you mean price?"),
    ({}, parts(1, double_price=1), "row 1: the server works out the column double_price by itself."),
    ({}, parts(7, name=["7"], price="free"), "row 7: PostgreSQL refuses it: invalid input syntax for type numeric"),
    ({}, parts(5, kind="PIPE"), "row 5: PostgreSQL refuses it: invalid input value for enum"),
    ({}, parts(6, categoryId="C9"), "row 6: PostgreSQL refuses it: insert or update"),
    ({}, parts(11, name=None), "row 11: PostgreSQL refuses it: null value in column"),
    ({}, [{"id": 1, "name": "x"}, {"id": "1", "name": "y"}], "of 2 rows PostgreSQL wrote 1."),
    ({"table": "node"}, [{"id": 1, "parent": 2}], "Table node, given.json: PostgreSQL refuses it: insert or update"),
]


def test_what_does_not_fit_is_named_and_nothing_changes(lab: Lab) -> None:
    """The table before it would have been written, had it ended well."""
    for entry, rows, says in REFUSED:
        lab.write("given.json", rows)
        refused = run_module("pg_seed", **lab.options(CATEGORY, {**PART, "file": "given.json", **entry}))
        assert says in refused["msg"]
    assert lab.everything() == []


def test_rows_that_refer_to_each_other_are_fine_at_the_end_of_the_transaction(lab: Lab) -> None:
    lab.write("nodes.json", [{"id": 1, "parent": 2}, {"id": 2, "parent": 1}])
    entry = {"table": "node", "file": "nodes.json", "key": ["id"]}
    assert counts(lab.seed(entry, check=True)) == counts(lab.seed(entry)) == (2, 0, 0)
    lab.write("nodes.json", [{"id": 2, "parent": 3}])
    predicted = run_module("pg_seed", check=True, **lab.options(entry))
    assert "node_parent_fkey" in predicted["msg"], "check mode did not look at a deferred constraint"


def test_ten_thousand_rows_are_one_run_and_the_diff_stays_readable(lab: Lab) -> None:
    lab.write("many.json", [{"id": f"M{number}", "name": f"Part {number}", "price": number} for number in range(10_000)])
    done = lab.seed({**PART, "file": "many.json"})
    assert counts(done) == (10_000, 0, 0)
    shown = done["diff"]["after"]["public.part, many.json"]
    assert (len(shown), "and 9800 rows more" in shown) == (201, True)
    again = lab.seed({**PART, "file": "many.json"}, diff=False)
    assert counts(again) == (0, 0, 10_000)


def test_two_runs_at_once_both_end_well_and_every_row_is_added_once(lab: Lab) -> None:
    lab.write("many.json", [{"id": f"M{number}", "name": f"Part {number}"} for number in range(3000)])
    options = lab.options({**PART, "file": "many.json"}, lock_timeout=60)
    results = [result_of(child) for child in [start_module("pg_seed", **options) for _run in range(2)]]
    assert sorted(counts(result) for result in results) == [(0, 0, 3000), (3000, 0, 0)]


def test_a_row_that_somebody_holds_is_waited_for_and_tried_again(lab: Lab) -> None:
    lab.seed(CATEGORY)
    lab.write("categories.json", [{"id": "C1", "name": "Basins"}])
    with psycopg.connect(lab.url) as other:
        other.execute("update category set name = 'held' where id = 'C1'")
        said = lab.fail(CATEGORY, lock_timeout=0.1, lock_retries=0)
        assert "SQLSTATE 55P03" in said
        child = start_module("pg_seed", **lab.options(CATEGORY, lock_timeout=60, lock_retries=5))
        ended = threading.Thread(target=_let_go, args=(lab, other))
        ended.start()
        result = result_of(child)
        ended.join()
    assert (result.get("failed"), result["updated"]) == (None, 1)
    assert lab.rows("select name from category where id = 'C1'") == [("Basins",)]


def test_a_run_that_was_killed_has_changed_nothing_and_the_next_one_begins_anew(lab: Lab) -> None:
    """Its first table is written, and its second one waits for a row of somebody else's."""
    with psycopg.connect(lab.url) as other:
        other.execute("insert into part (id, name) values ('P1', 'not yet')")
        child = start_module("pg_seed", **lab.options(CATEGORY, PART, lock_timeout=600))
        assert _sessions(lab, until=lambda found: found == ["Lock"]) == ["Lock"]
        child.kill()
        child.communicate()
        other.rollback()
    assert _sessions(lab, until=lambda found: not found) == []
    assert lab.everything() == []
    assert counts(lab.seed(CATEGORY, PART)) == (4, 0, 0)


def _sessions(lab: Lab, *, until: t.Callable[[list[str]], bool]) -> list[str]:
    """What the module's sessions wait for, once it is as wanted."""
    found: list[str] = []
    for _attempt in range(600):
        query = "select wait_event_type from pg_stat_activity where application_name = 'holdfast.webops pg_seed'"
        found = [str(row[0]) for row in lab.rows(query)]
        if until(found):
            break
        lab.rows("select pg_sleep(0.1)")
    return found


def _let_go(lab: Lab, other: psycopg.Connection[t.Any]) -> None:
    """End the other transaction once the module waits for it; the row has changed then, so the module has to begin anew."""
    _sessions(lab, until=lambda found: found == ["Lock"])
    other.commit()


def test_a_playbook_reads_the_artefact_and_shows_no_secret_even_when_it_is_verbose(lab: Lab, tmp_path: Path) -> None:
    """The whole way: action plugin, an archive, a value from a vault, -vvv, --diff."""
    artefact = tmp_path / "artefact.tar.gz"
    with tarfile.open(artefact, "w:gz") as archive:
        archive.add(lab.folder / "categories.json", "./prisma/data/categories.json")
    (tmp_path / "vault-password").write_text("open")
    sealed = _ansible("vault", "encrypt_string", "--vault-password-file", str(tmp_path / "vault-password"), HASH).stdout
    (tmp_path / "play.yml").write_text(_play(sealed))
    given = {"url": lab.url, "artefact": str(artefact), "ansible_python_interpreter": sys.executable}
    words = ["-vvv", "--diff", "--vault-password-file", str(tmp_path / "vault-password"), "-e", json.dumps(given)]
    done = _ansible("playbook", *words, str(tmp_path / "play.yml"))
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert lab.rows('select username, "passwordHash", "fullName" from shop."User"') == [("admin", HASH, "2026-11-22")]
    assert lab.rows("select id from category order by 1") == [("C1",), ("C2",)]
    assert "Sinks" in said, "the diff of the file was not shown"
    assert "shop.User, rows" in said
    assert [value for value in (HASH, "2026-11-22", "passw0rd") if value in said] == []


def _ansible(command: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    env.setdefault("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections"))
    argv = [sys.executable, "-m", "ansible", command, *words]
    return subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)


def _play(sealed: str) -> str:
    """Succeeds, then fails on a row of the task, in a way that PostgreSQL would quote the row."""
    secret = "\n".join(f"        {line}" if number else line for number, line in enumerate(sealed.strip().splitlines()))
    return f"""
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    users:
      - username: admin
        fullName: 2026-11-22
        passwordHash: {secret}
    tables:
      - {{table: category, file: prisma/data/categories.json, key: [id]}}
      - {{table: shop.User, rows: "{{{{ users }}}}", key: [username]}}
  tasks:
    - holdfast.webops.pg_seed: {{database_url: "{{{{ url }}}}", base: "{{{{ artefact }}}}", tables: "{{{{ tables }}}}"}}
    - holdfast.webops.pg_seed: {{database_url: "{{{{ url }}}}", base: "{{{{ artefact }}}}", tables: "{{{{ tables }}}}"}}
      register: again
      failed_when: again is changed
    - holdfast.webops.pg_seed:
        database_url: "{{{{ url }}}}"
        tables: [{{table: shop.User, key: [username], rows: [{{username: other, passwordHash: passw0rd-in-the-row, age: 3}}]}}]
      register: refused
      failed_when: refused is not failed or 'check violation' not in refused.msg
"""
