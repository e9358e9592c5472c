"""A database of a given size, made fast: three quarters compress well (pgbench's accounts), one does not (documents with digests)."""

from __future__ import annotations

import subprocess
import typing as t

import psycopg

if t.TYPE_CHECKING:
    from tools.embedded.postgres import EmbeddedPostgres

MEGABYTES_PER_SCALE = 15  # of pgbench
DOCUMENT_BYTES = 2448  # on the server's disk
DOCUMENTS_PART = 0.25
FIRST_DOCUMENTS = 20_000  # made from digests; the others are copies with another id, which is much faster than hashing
DOCUMENTS = """
CREATE TABLE documents (id bigint, body text, facts jsonb, scan bytea);
ALTER TABLE documents ALTER scan SET STORAGE EXTERNAL;
INSERT INTO documents
SELECT number, repeat(md5(number::text), 4) || ' the text of a document ',
       jsonb_build_object('owner', number % 97, 'tags', array[md5(number::text), md5((number + 1)::text)]),
       (SELECT string_agg(sha512((number * 100 + piece)::text::bytea), '') FROM generate_series(1, 28) piece)
FROM generate_series(1, {first}) number;
"""
COPIES = "INSERT INTO documents SELECT id + {shift}, body, facts, scan FROM documents WHERE id <= {most}"


def fill(database: EmbeddedPostgres, gigabytes: float) -> None:
    """Make it in the server's first database, which was empty."""
    scale = max(round(gigabytes * 1000 * (1 - DOCUMENTS_PART) / MEGABYTES_PER_SCALE), 1)
    argv = [str(database.bin_dir / "pgbench"), "--initialize", "--quiet", f"--scale={scale}", database.admin_url]
    subprocess.run(argv, check=True, capture_output=True, timeout=1800)
    wanted = round(gigabytes * 1e9 * DOCUMENTS_PART / DOCUMENT_BYTES)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        rows = min(FIRST_DOCUMENTS, wanted)
        connection.execute(DOCUMENTS.format(first=rows).encode())
        while rows < wanted:
            more = min(rows, wanted - rows)
            connection.execute(COPIES.format(shift=rows, most=more).encode())
            rows += more
        connection.execute("ALTER TABLE documents ADD PRIMARY KEY (id)")
        connection.execute("SELECT lo_from_bytea(0, repeat('large object ', 1000)::bytea) FROM generate_series(1, 200)")
        connection.execute("VACUUM ANALYZE")


def size_of(database: EmbeddedPostgres) -> int:
    """Bytes on the server's disk."""
    with psycopg.connect(database.admin_url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0
