"""The example portal as a process, with a real PostgreSQL and a real S3 server behind it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import types
import typing as t

import psycopg
import pytest
import requests

from examples.portal import build
from tools.embedded.postgres import EmbeddedPostgres
from tools.embedded.waiting import wait_for
from tools.load.background import BackgroundLoad
from tools.load.records import lost_orders, read_orders

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tools.embedded.objects import RcloneS3

ORDER = types.MappingProxyType({"customer": "Ada", "item": "Lamp", "quantity": "3"})
EXPAND = ("20260302090000_customer_name_expand.sql", "20260302090100_customer_name_backfill.sql")
CONTRACT = "20260302090200_customer_contract.sql"


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("portal")
    for version in build.versions():
        build.build(version, folder)
    return folder


class Portal:
    """One running release."""

    def __init__(self, folder: Path, port: int, log: Path, environment: dict[str, str]) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal"], cwd=folder, env={**os.environ, **environment, "PORT": str(port)}, stdout=output
            )
        wait_for(self._missing, what="the portal", seconds=60, is_hopeless=self._why_dead)

    def get(self, path: str, **options: t.Any) -> requests.Response:
        return requests.get(self.url + path, timeout=30, **options)

    def place(self, order: t.Mapping[str, str] = ORDER, **options: t.Any) -> requests.Response:
        return requests.post(f"{self.url}/orders", data=order, timeout=30, allow_redirects=False, **options)

    def log(self, event: str) -> list[dict[str, t.Any]]:
        lines = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [line for line in lines if line["event"] == event]

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def _missing(self) -> str | None:
        try:
            return None if self.get("/api/health").status_code == 200 else "not healthy"
        except requests.ConnectionError:
            return "nobody listens"

    def _why_dead(self) -> str | None:
        return None if self.process.poll() is None else f"exit code {self.process.returncode}"


class Start(t.Protocol):
    def __call__(self, version: str, database_url: str, *, uploads: dict[str, str] | None = None) -> Portal: ...


@pytest.fixture
def start(artefacts: Path, tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Start]:
    """start("1.0", database_url) runs that release until the test is over; uploads go to a folder unless told otherwise."""
    running: list[Portal] = []

    def run(version: str, database_url: str, *, uploads: dict[str, str] | None = None) -> Portal:
        environment = {"DATABASE_URL": database_url, **(uploads or {"UPLOAD_DIR": str(tmp_path / "uploads")})}
        running.append(Portal(artefacts / version, free_port(), tmp_path / f"{len(running)}.log", environment))
        return running[-1]

    yield run
    for portal in running:
        portal.process.kill()
        portal.process.wait()


def migrate(artefacts: Path, database_url: str, version: str, *names: str, folder: str = "migrations") -> None:
    """Apply the named files, or all of the release, each in a transaction where it can run in one."""
    files = sorted((artefacts / version / "supabase" / folder).iterdir())
    for path in [path for path in files if path.name in names] if names else files:
        # Several statements sent at once are one transaction; a CONCURRENTLY alone is none.
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(path.read_text())


@pytest.fixture
def database(artefacts: Path, fresh_database: str) -> str:
    """A database with the schema of 1.0."""
    migrate(artefacts, fresh_database, "1.0")
    return fresh_database


def columns(database_url: str) -> list[tuple[str, str, str]]:
    with psycopg.connect(database_url) as connection:
        query = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("version", ["1.0", "1.2"])
def test_an_order_is_placed_by_the_form_listed_and_shown(artefacts: Path, fresh_database: str, start: Start, version: str) -> None:
    migrate(artefacts, fresh_database, version)
    portal = start(version, fresh_database)
    fields = re.findall(r'name="([a-z]+)"', portal.get("/").text)
    assert {"reference", "customer", "item", "quantity", "attachment"} <= set(fields)
    placed = portal.place()
    assert placed.status_code == 303
    assert "Ada" in portal.get(placed.headers["Location"]).text
    assert "Ada" in portal.get("/orders").text
    listed = portal.get("/api/orders?limit=1").json()["orders"]
    assert [(order["customer"], order["quantity"], order["number"]) for order in listed] == [("Ada", 3, 1000)]


def test_bad_input_gets_a_clear_refusal_and_leaves_no_order(start: Start, database: str) -> None:
    portal = start("1.0", database)
    refused = portal.place({**ORDER, "quantity": "0"})
    assert refused.status_code == 422
    assert "must be a whole number from 1 to 1000" in refused.text
    assert portal.get("/api/orders?limit=0").status_code == 422
    assert portal.get("/slow?seconds=6").status_code == 422
    assert portal.get("/orders/77").status_code == 404
    assert portal.get("/orders/77/attachments/1").status_code == 404
    assert portal.place(files={"attachment": ("big.bin", bytes(5 * 1024 * 1024 + 1))}).status_code == 422
    assert portal.place(files={"attachment": ("huge.bin", bytes(6 * 1024 * 1024))}).status_code == 413
    assert portal.get("/api/orders").json() == {"orders": []}


@pytest.mark.parametrize("where", ["a bucket", "a folder"])
def test_an_attachment_comes_back_as_it_was_sent(start: Start, database: str, rclone_s3: RcloneS3, where: str) -> None:
    keys = {"S3_ACCESS_KEY": rclone_s3.access_key, "S3_SECRET_KEY": rclone_s3.secret_key}
    bucket = {"S3_ENDPOINT": rclone_s3.endpoint, "S3_BUCKET": rclone_s3.bucket, **keys} if where == "a bucket" else None
    portal, content = start("1.0", database, uploads=bucket), secrets.token_bytes(300_000)
    order = portal.place(files={"attachment": ("plan ü.bin", content, "image/png")}).headers["Location"]
    [link] = re.findall(r'href="([^"]+/attachments/[0-9]+)"', portal.get(order).text)
    download = portal.get(link)
    assert download.content == content
    assert download.headers["Content-Type"] == "image/png"
    assert download.headers["Content-Disposition"] == "attachment; filename*=UTF-8''plan%20%C3%BC.bin"


def test_an_order_sent_twice_is_one_order_whether_its_form_or_its_header_says_so(start: Start, database: str) -> None:
    portal, form, key = start("1.0", database), {**ORDER, "reference": "only-once"}, {"Idempotency-Key": '"only-one-key"'}
    for sent in ({"order": form}, {"headers": key}, {"order": form, "headers": {"Idempotency-Key": '"counts-more"'}}):
        first, second = portal.place(**sent), portal.place(**sent)
        assert first.headers["Location"] == second.headers["Location"]
    assert {order["reference"] for order in portal.get("/api/orders").json()["orders"]} == {"only-once", "only-one-key", "counts-more"}


def test_every_answer_says_which_release_gave_it_and_keeps_the_browser_strict(start: Start, database: str, artefacts: Path) -> None:
    portal = start("1.0", database)
    release = json.loads((artefacts / "1.0" / "release.json").read_text())
    for answer in (portal.get("/orders"), portal.get("/nowhere"), portal.place({}), requests.delete(f"{portal.url}/orders", timeout=30)):
        assert answer.headers["X-Portal-Version"] == release["version"]
        assert answer.headers["X-Portal-Commit"] == release["commit"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_log_has_one_json_line_per_request_with_the_callers_id(start: Start, database: str) -> None:
    portal = start("1.0", database)
    answer = portal.get("/orders", headers={"X-Request-Id": "abc-1"})
    assert answer.headers["X-Request-Id"] == "abc-1"

    def own() -> list[dict[str, t.Any]]:
        return [line for line in portal.log("request") if line["id"] == "abc-1"]

    # The line is written when the answer is on its way already.
    wait_for(lambda: None if own() else "not written yet", what="the line of the request", seconds=60)
    [line] = own()
    assert (line["method"], line["path"], line["status"]) == ("GET", "/orders", 200)
    assert line["ms"] > 0
    assert portal.get("/orders", headers={"X-Request-Id": "not an id!"}).headers["X-Request-Id"] != "not an id!"


def test_both_health_addresses_are_healthy_with_a_database(start: Start, database: str) -> None:
    portal = start("1.0", database)
    process, data = portal.get("/api/health").json(), portal.get("/api/health/database").json()
    assert (process["status"], data["status"]) == ("healthy", "healthy")
    assert set(process) == set(data) == {"status", "version", "commit", "uptime_seconds", "timestamp", "checks"}
    assert data["checks"]["query"]["latency_ms"] > 0


def test_without_a_database_the_process_says_it_lives_and_that_its_database_does_not(start: Start, free_port: Callable[[], int]) -> None:
    portal = start("1.0", f"postgresql://nobody:secret@127.0.0.1:{free_port()}/none")
    assert portal.get("/api/health").status_code == 200
    data = portal.get("/api/health/database")
    assert (data.status_code, data.json()["status"]) == (503, "critical")
    assert "secret" not in data.text
    refused = portal.get("/orders")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")


def test_sigterm_lets_requests_under_way_finish_and_takes_no_new_ones(start: Start, database: str) -> None:
    portal = start("1.0", database)
    under_way = [http.client.HTTPConnection("127.0.0.1", portal.port, timeout=30) for _number in range(5)]
    for connection in under_way:
        connection.request("GET", "/slow?seconds=2")
    portal.get("/api/health")  # answered after the portal has read what was sent before
    portal.end()
    assert [connection.getresponse().status for connection in under_way] == [200] * 5
    with pytest.raises(requests.ConnectionError):
        portal.get("/orders")


class Visitors:
    """Threads that read and order without a pause, and remember every answer."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._visit) for _number in range(4)]
        self.statuses: list[int] = []

    def _visit(self) -> None:
        while not self._stop.is_set():
            self.statuses += [self._portal.get("/orders").status_code, self._portal.place().status_code]

    def wait_for_answers(self, count: int) -> None:
        wanted = len(self.statuses) + count
        wait_for(lambda: None if len(self.statuses) >= wanted else f"{len(self.statuses)} of {wanted} answers", what="visitors", seconds=60)

    def __enter__(self) -> t.Self:
        for thread in self._threads:
            thread.start()
        self.wait_for_answers(20)
        return self

    def __exit__(self, *exc: object) -> None:
        with contextlib.suppress(Exception):
            self.wait_for_answers(20)
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_nobody_notices_that_the_database_was_swapped_for_another_by_renaming(
    start: Start, artefacts: Path, database: str, postgres_server: EmbeddedPostgres
) -> None:
    portal, name = start("1.0", database), database.rpartition("/")[2]
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}_new OWNER portal_app")
        migrate(artefacts, database.replace(name, f"{name}_new"), "1.0")
        with Visitors(portal) as visitors:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            admin.execute(f"ALTER DATABASE {name} RENAME TO {name}_old")
            admin.execute(f"ALTER DATABASE {name}_new RENAME TO {name}")
        admin.execute(f"DROP DATABASE {name}_old")
    assert set(visitors.statuses) == {200, 303}


def test_nobody_notices_that_the_database_server_was_restarted(start: Start, artefacts: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        migrate(artefacts, server.admin_url, "1.0")
        with Visitors(start("1.0", server.admin_url)) as visitors:
            server.stop()
            server.start()
    assert set(visitors.statuses) == {200, 303}


def test_1_0_survives_the_expansion_and_1_1_works_before_and_after_the_contraction(start: Start, artefacts: Path, database: str) -> None:
    old = start("1.0", database)
    old.place({**ORDER, "customer": "Before"})
    migrate(artefacts, database, "1.1", *EXPAND)
    new = start("1.1", database)
    old.place({**ORDER, "customer": "By the old"})
    new.place({**ORDER, "customer": "By the new", "email": "new@example.org"})
    expected = ["By the new", "By the old", "Before"]
    assert [order["customer"] for portal in (old, new) for order in portal.get("/api/orders").json()["orders"]] == expected * 2
    old.end()
    migrate(artefacts, database, "1.1", CONTRACT)
    assert [order["customer"] for order in new.get("/api/orders").json()["orders"]] == expected
    assert new.place({**ORDER, "customer": "After"}).status_code == 303
    assert ("orders", "customer", "text") not in columns(database)


def test_a_change_of_either_name_reaches_the_other_while_both_exist(artefacts: Path, database: str) -> None:
    migrate(artefacts, database, "1.1", *EXPAND)
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO orders (reference, customer, item, quantity) VALUES ('a', 'Old', 'x', 1)")
        connection.execute("INSERT INTO orders (reference, customer_name, item, quantity) VALUES ('b', 'New', 'x', 1)")
        connection.execute("UPDATE orders SET customer = 'Older' WHERE reference = 'a'")
        connection.execute("UPDATE orders SET customer_name = 'Newer' WHERE reference = 'b'")
        rows = connection.execute("SELECT customer, customer_name FROM orders ORDER BY reference").fetchall()
    assert rows == [("Older", "Older"), ("Newer", "Newer")]


def test_rolling_the_expansion_back_gives_the_schema_of_1_0_and_keeps_the_orders(start: Start, artefacts: Path, database: str) -> None:
    before = columns(database)
    migrate(artefacts, database, "1.1", *EXPAND)
    start("1.1", database).place()
    for name in reversed(EXPAND):
        migrate(artefacts, database, "1.1", name, folder="rollback")
    assert columns(database) == before
    assert [order["customer"] for order in start("1.0", database).get("/api/orders").json()["orders"]] == ["Ada"]


def test_the_load_generator_finds_no_fault_and_would_find_a_lost_order(start: Start, database: str, tmp_path: Path) -> None:
    portal = start("1.0", database)
    with BackgroundLoad(portal.url, tmp_path / "load.json", rate=100, websockets=2) as load:
        load.wait_until(sent=200, seconds=60)
        wait_for(lambda: None if load.progress()["websockets"]["echoes"] > 2 else "no words", what="words over websockets", seconds=60)
        report = load.stop()
    orders = read_orders(tmp_path / "load.json")
    assert (report["finished"], report["failed"], report["in_flight"]) == (True, 0, 0)
    assert report["by_version"] == {"1.0": report["sent"]}
    assert (report["websockets"]["cut"], report["websockets"]["failures"]) == (0, [])
    assert lost_orders(database, orders) == []
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM orders WHERE reference = %s", (orders[-1].reference,))
    assert lost_orders(database, orders) == [orders[-1]]
