"""The locks that a migration is said to take, against pg_locks of a real server."""

from __future__ import annotations

import re
import typing as t

import psycopg
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import Job
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import read_script
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import Session
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.surveying import look_at

if t.TYPE_CHECKING:
    from collections.abc import Iterator

SHOP = """
CREATE SCHEMA app;
CREATE TABLE people (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (
  id bigint PRIMARY KEY, person bigint CONSTRAINT orders_person REFERENCES people, note varchar(20), total numeric(8, 2)
);
CREATE INDEX orders_note ON orders (note);
CREATE UNIQUE INDEX orders_total ON orders (total);
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;
CREATE TABLE payments (owner bigint REFERENCES people);
CREATE TABLE app.lines (id bigint, "Amount" int);
CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 (at date NOT NULL, what text);
CREATE VIEW recent AS SELECT id FROM orders;
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS total FROM orders;
CREATE UNIQUE INDEX totals_total ON totals (total);
CREATE SEQUENCE numbers;
CREATE TYPE mood AS ENUM ('good');
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER guard BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE POLICY mine ON orders USING (true);
CREATE RULE quiet AS ON DELETE TO app.lines DO INSTEAD NOTHING;
INSERT INTO people VALUES (1, 'a');
INSERT INTO orders VALUES (1, 1, 'x', 1);
"""
# Everything that can be run in a transaction.
STATEMENTS = (
    "ALTER TABLE orders ADD COLUMN more text",
    "ALTER TABLE orders ADD COLUMN boss bigint REFERENCES people (id)",
    "ALTER TABLE ONLY public.orders ALTER COLUMN note TYPE text, ADD CHECK (id > 0)",
    "ALTER TABLE orders ALTER note SET DATA TYPE varchar(40)",
    "ALTER TABLE orders ALTER COLUMN note SET NOT NULL",
    "ALTER TABLE orders ALTER COLUMN note SET DEFAULT 'it''s'",
    "ALTER TABLE orders ALTER COLUMN note SET STATISTICS 200",
    "ALTER TABLE orders ALTER COLUMN note SET (n_distinct = 5)",
    "ALTER TABLE orders ALTER COLUMN note SET STORAGE EXTERNAL",
    "ALTER TABLE orders ADD CONSTRAINT again FOREIGN KEY (person) REFERENCES people (id) NOT VALID",
    "ALTER TABLE orders ADD CONSTRAINT again FOREIGN KEY (person) REFERENCES people (id)",
    "ALTER TABLE orders ADD CONSTRAINT few CHECK (total < 100) NOT VALID",
    "ALTER TABLE orders ADD CONSTRAINT one_total UNIQUE USING INDEX orders_total",
    "ALTER TABLE orders ADD UNIQUE (note, total)",
    "ALTER TABLE orders VALIDATE CONSTRAINT positive",
    "ALTER TABLE orders DROP CONSTRAINT positive",
    "ALTER TABLE orders DROP CONSTRAINT orders_person",
    "ALTER TABLE orders DROP COLUMN note",
    "ALTER TABLE orders DROP person",
    "ALTER TABLE orders RENAME TO purchases",
    "ALTER TABLE orders RENAME COLUMN note TO remark",
    "ALTER TABLE orders RENAME CONSTRAINT positive TO above_zero",
    "ALTER TABLE orders SET SCHEMA app",
    "ALTER TABLE orders SET (fillfactor = 70)",
    "ALTER TABLE orders RESET (fillfactor)",
    "ALTER TABLE orders CLUSTER ON orders_note",
    "ALTER TABLE orders SET WITHOUT CLUSTER",
    "ALTER TABLE orders SET UNLOGGED",
    "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE orders DISABLE TRIGGER guard",
    "ALTER TABLE orders ENABLE ALWAYS TRIGGER guard",
    "ALTER TABLE orders REPLICA IDENTITY FULL",
    "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "ALTER TABLE events DETACH PARTITION events_2025",
    'ALTER TABLE app.lines ALTER "Amount" SET NOT NULL',
    "ALTER TABLE people INHERIT ancestors",
    "ALTER INDEX orders_note RENAME TO orders_by_note",
    "ALTER INDEX orders_note SET (fillfactor = 70)",
    "ALTER SEQUENCE numbers RESTART",
    "ALTER VIEW recent RENAME TO latest",
    "ALTER POLICY mine ON orders USING (false)",
    "ALTER TRIGGER guard ON orders RENAME TO watch",
    "ALTER TYPE mood ADD VALUE 'bad'",
    "CREATE INDEX ON orders (total)",
    "CREATE UNIQUE INDEX IF NOT EXISTS another ON orders (id)",
    "CREATE TABLE bills (id bigint PRIMARY KEY, owner bigint REFERENCES people, CHECK (id > 0))",
    "CREATE TABLE bills (id bigint, owner bigint, FOREIGN KEY (owner) REFERENCES people (id))",
    "CREATE TABLE IF NOT EXISTS orders (id bigint)",
    "CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
    "CREATE TABLE children (age int) INHERITS (people)",
    "CREATE TABLE copies AS SELECT * FROM orders",
    "SELECT id INTO copies FROM orders",
    "CREATE OR REPLACE VIEW recent AS SELECT id FROM orders WHERE id > 0",
    "CREATE VIEW old AS SELECT * FROM orders",
    "CREATE MATERIALIZED VIEW counts AS SELECT count(*) FROM orders",
    "CREATE TRIGGER second BEFORE INSERT OR UPDATE OF note ON orders FOR EACH ROW EXECUTE FUNCTION nothing()",
    "CREATE POLICY yours ON orders FOR SELECT USING (true)",
    "CREATE RULE silent AS ON DELETE TO orders DO INSTEAD NOTHING",
    "CREATE STATISTICS both_columns ON note, total FROM orders",
    "CREATE PUBLICATION feed FOR TABLE orders, people",
    "DROP TABLE payments",
    "DROP TABLE IF EXISTS nowhere, app.lines",
    "DROP INDEX orders_note",
    "DROP VIEW recent",
    "DROP MATERIALIZED VIEW totals",
    "DROP SEQUENCE numbers",
    "DROP TRIGGER guard ON orders",
    "DROP POLICY mine ON orders",
    "DROP RULE quiet ON app.lines",
    "TRUNCATE TABLE app.lines, orders",
    "LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE",
    "LOCK orders, people",
    "INSERT INTO people VALUES (2, 'b')",
    "UPDATE people SET name = 'c' WHERE id = 1",
    "DELETE FROM ONLY app.lines",
    "WITH gone AS (DELETE FROM orders RETURNING id) INSERT INTO app.lines (id) SELECT id FROM gone",
    "MERGE INTO payments t USING people p ON t.owner = p.id WHEN MATCHED THEN DELETE",
    "ANALYZE orders",
    "ANALYZE (VERBOSE) orders (note), people",
    "REINDEX TABLE orders",
    "REINDEX INDEX orders_note",
    "REFRESH MATERIALIZED VIEW totals",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY totals",
    "COMMENT ON TABLE orders IS 'all of them'",
    "COMMENT ON COLUMN public.orders.note IS 'short'",
    "GRANT SELECT ON orders TO public",
    "SELECT count(*) FROM orders",
    "SET LOCAL search_path = app; ALTER TABLE lines ADD COLUMN x int",
)
RELATIONS = """
SELECT c.oid, n.nspname || '.' || c.relname, c.relkind IN ('i', 'I')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'app')
"""
LOCKS_HELD = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND granted AND locktype = 'relation'"
# What is only read is left out; see locks.py.
READING = ("ACCESS SHARE", "ROW SHARE")
LEVELS = ("ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE")


@pytest.fixture(scope="module")
def shop(postgres_server: t.Any) -> Iterator[str]:
    name = "migration_locks"
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        url = postgres_server.url(name)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SHOP.encode())
            connection.execute("CREATE TABLE ancestors (id bigint NOT NULL, name text)")
        yield url
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def claimed(url: str, text: str) -> dict[str, str]:
    """Relation and lock as check mode shows them, of what was there before."""
    file = SqlFile("1", "a", "1_a.sql", text.encode())
    with psycopg.connect(url, autocommit=True) as connection:
        session = Session(connection, lock_timeout=4, statement_timeout=0)
        look = look_at(session, [Job(file, read_script(file.path, file.content))], min_rows=0)["1"]
    return {lock.relation: lock.lock for lock in look.locks if not lock.new}


def held(url: str, text: str) -> dict[str, str]:
    """The same from pg_locks: the strongest by relation. Indexes count where the statement is about one, not where its table is."""
    found: dict[str, str] = {}
    with psycopg.connect(url) as connection:
        before = {oid: (name, is_index) for oid, name, is_index in connection.execute(RELATIONS.encode()).fetchall()}
        connection.commit()
        connection.execute(text.encode())
        rows = connection.execute(LOCKS_HELD.encode()).fetchall()
        connection.rollback()
    for oid, mode in rows:
        name, is_index = before.get(oid, ("", False))
        level = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", mode.removesuffix("Lock")).upper()
        if name and level not in READING and (not is_index or " INDEX orders_note" in text):
            found[name] = max(level, found.get(name, level), key=LEVELS.index)
    return found


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_takes_the_locks_that_the_diff_claims(shop: str, statement: str) -> None:
    assert claimed(shop, statement) == held(shop, statement)
