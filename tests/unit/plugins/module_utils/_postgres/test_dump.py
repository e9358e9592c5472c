"""What pg_dump is asked for, and what counts as the schema."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.dump import (
    AUTO,
    DumpPlan,
    Scope,
    check_compression,
    check_table,
    digest_of_schema,
    dump_arguments,
    quoted_pattern,
    settled,
)
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.restore import restore_arguments, script_arguments

NEW, OLD = Client("/new", "17.10", 17), Client("/old", "15.4", 15)


def test_a_dump_is_one_stream_from_one_snapshot() -> None:
    argv = dump_arguments(DumpPlan("zstd:1", Scope(excluded=("public.logs",)), 60), NEW, "00000003-1")
    assert argv == [
        "/new/pg_dump",
        "--format=custom",
        "--no-password",
        "--snapshot=00000003-1",
        "--lock-wait-timeout=60s",
        "--compress=zstd:1",
        '--exclude-table-data="public"."logs"',
    ]


@pytest.mark.parametrize(
    ("compression", "client", "said"), [("none", NEW, "0"), ("gzip:6", NEW, "gzip:6"), ("gzip:6", OLD, "6"), ("none", OLD, "0")]
)
def test_compression_is_said_as_the_client_knows_it(compression: str, client: Client, said: str) -> None:
    assert f"--compress={said}" in dump_arguments(DumpPlan(compression, Scope(), 1), client, "x")


@pytest.mark.parametrize(
    ("compression", "needs_new"), [("zstd:1", True), ("zstd:19", True), ("lz4:12", True), ("gzip:9", False), ("none", False)]
)
def test_which_compressions_need_a_newer_client(compression: str, needs_new: bool) -> None:
    assert check_compression(compression) is needs_new


@pytest.mark.parametrize(
    "compression", ["", "zstd", "zstd:0", "zstd:20", "gzip:10", "lz4:13", "xz:1", "zstd:1,long", "zstd:1 --file=/etc/passwd"]
)
def test_other_compressions_are_refused(compression: str) -> None:
    with pytest.raises(InputError, match="is unknown"):
        check_compression(compression)


@pytest.mark.parametrize(
    ("table", "pattern"), [("public.logs", '"public"."logs"'), ('a.b"c', '"a"."b""c"'), ("a.b.c", '"a"."b.c"'), ("a.*", '"a"."*"')]
)
def test_a_table_is_named_exactly(table: str, pattern: str) -> None:
    assert quoted_pattern(table) == pattern


@pytest.mark.parametrize("table", ["", "logs", ".logs", "public."])
def test_what_is_no_tables_name_is_refused(table: str) -> None:
    with pytest.raises(InputError, match=r"Write schema\.table"):
        check_table(table, "tables")


def test_the_schemas_digest_sees_statements_and_nothing_else() -> None:
    one = "--\n-- Dumped by pg_dump version 17.6\n\n\\restrict abc\nSET statement_timeout = 0;\nCREATE TABLE a (b int);\n\\unrestrict abc\n"
    other = (
        "\\restrict xyz\nSET transaction_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n\nCREATE TABLE a (b int);\n"
    )
    assert digest_of_schema(one) == digest_of_schema(other)
    assert digest_of_schema(one) != digest_of_schema(one.replace("b int", "b bigint"))


def test_a_restore_stops_at_the_first_error_and_quotes_the_databases_name() -> None:
    argv = restore_arguments(NEW, "/proc/1/fd/5", "a=b c", jobs=2, ownership=("--no-owner",))
    assert argv == [
        "/new/pg_restore",
        "--exit-on-error",
        "--no-password",
        "--jobs=2",
        "--dbname=dbname='a=b c'",
        "--no-owner",
        "/proc/1/fd/5",
    ]


@pytest.mark.parametrize(("client", "settles"), [(NEW, "zstd:1"), (OLD, "gzip:6")])
def test_auto_is_the_best_that_the_client_knows(client: Client, settles: str) -> None:
    assert settled(DumpPlan(AUTO, Scope(), 1), client).compression == settles
    assert settled(DumpPlan("none", Scope(), 1), client).compression == "none"


def test_a_directory_is_filled_by_several_processes_and_only_with_the_tables_that_were_named() -> None:
    scope = Scope(tables=("public.a",), excluded_tables=("public.b",))
    argv = dump_arguments(DumpPlan("zstd:1", scope, 60, directory=True, jobs=3), NEW, "x", "/scratch/dump")
    assert argv[1:4] == ["--format=directory", "--jobs=3", "--file=/scratch/dump"]
    assert argv[-3:] == ['--table="public"."a"', '--exclude-table="public"."b"', "--strict-names"]


@pytest.mark.parametrize(
    ("scope", "rows", "sequence"),
    [
        (Scope(), True, True),
        (Scope(excluded=("public.a",)), False, True),
        (Scope(excluded_tables=("public.a",)), False, False),
        (Scope(tables=("public.a",)), True, True),
        (Scope(tables=("public.b",)), False, False),
        (Scope(schema_only=True), False, True),
    ],
)
def test_the_fingerprint_expects_what_the_dump_holds(scope: Scope, rows: bool, sequence: bool) -> None:
    assert (scope.has_rows("public.a"), scope.has_sequence("public.a")) == (rows, sequence)
    assert scope.has_sequence(None) == (not scope.tables)
    assert Scope.from_plain(scope.as_plain()) == scope


def test_a_stream_is_restored_by_one_process_and_an_empty_database_in_one_transaction() -> None:
    stream = restore_arguments(NEW, None, "shop", jobs=4, ownership=())
    assert stream == ["/new/pg_restore", "--exit-on-error", "--no-password", "--dbname=dbname=shop"]
    whole = restore_arguments(NEW, None, "shop", jobs=4, ownership=(), in_one_transaction=True)
    assert "--single-transaction" in whole
    script = script_arguments(NEW, "shop", in_one_transaction=True)
    assert {"--no-psqlrc", "--set=ON_ERROR_STOP=1", "--single-transaction", "--file=-"} < set(script)
