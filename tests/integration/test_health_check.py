"""health_check against real servers, most of which misbehave; every run is the module in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t

import psycopg
import pytest

from tests.integration.health.certificates import Authority
from tests.integration.health.lab import MEASURED, NEVER, run
from tests.integration.unruly_server import UnrulyServer

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def look(url: str, **options: t.Any) -> dict[str, t.Any]:
    """The result of one check of kind http."""
    found = run({"name": "it", "kind": "http", "url": url, "timeout": 30, **options})
    return t.cast("dict[str, t.Any]", found["checks"][0])


@pytest.fixture(scope="module")
def server() -> Iterator[UnrulyServer]:
    with UnrulyServer.running() as running:
        yield running


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnrulyServer]:
    """The same behind a certificate that nobody trusts."""
    certificate = Authority(tmp_path_factory.mktemp("tls")).certificate("127.0.0.1")
    with UnrulyServer.running(certificate) as running:
        yield running


def test_a_good_answer_passes_with_its_figures_and_evidence(server: UnrulyServer) -> None:
    check = look(
        f"{server.url}/good",
        expect_body="healthy",
        expect_regex="data.ase",
        expect_json={"database": "healthy"},
        expect_headers={"X-Portal-Version": "1.1"},
        expect_status=[200, 204],
    )
    assert check["status"] == "pass"
    assert check["evidence"]["address"] == f"127.0.0.1:{server.port}"
    assert check["evidence"]["headers"] == {"content-length": "44", "x-portal-version": "1.1"}
    assert json.loads(check["evidence"]["body_head"])["status"] == "healthy"
    assert check["figures"]["body_bytes"] == 44


SOON = 3
LATE = f" in time (timeout {SOON} s)."
MISBEHAVIOURS = {
    "down": "Answered 503 instead of 200.",
    "nothing-here": "Answered 404 instead of 200.",
    "silent": "No answer from 127.0.0.1:{port}" + LATE,
    "drips-headers": "No answer from 127.0.0.1:{port}" + LATE,
    "drips-body": "Answered 200, but did not end its answer" + LATE,
    "never-ends": "Answered 200, but did not end its answer" + LATE,
    "continues": "No answer from 127.0.0.1:{port}" + LATE,
    "many-headers": "127.0.0.1:{port} does not speak proper HTTP: HTTPException got more than 100 headers.",
    "resets": "127.0.0.1:{port} cut the connection.",
    "hangs-up": "127.0.0.1:{port} hung up without an answer.",
    "cut-short": "Answered 200, but hung up before the end of its answer.",
    "gibberish": "127.0.0.1:{port} does not speak proper HTTP: BadStatusLine",
    "circle": "Redirects in a circle: '{url}/circle' was there before.",
    "spiral": "Redirects more than 5 times, last to '{url}/spiral?",
    "nowhere": "Redirects to a place that cannot be followed: it does not begin with http:// or https://.",
}


@pytest.fixture(scope="module")
def misbehaving(server: UnrulyServer) -> dict[str, dict[str, t.Any]]:
    """What is said of each misbehaviour, all looked at in one run."""
    late = {path for path, reason in MISBEHAVIOURS.items() if reason.endswith(LATE)}
    checks = [
        {"name": path, "kind": "http", "url": f"{server.url}/{path}", "timeout": SOON if path in late else 30} for path in MISBEHAVIOURS
    ]
    return {check["name"]: check for check in run(*checks)["checks"]}


@pytest.mark.parametrize("path", MISBEHAVIOURS)
def test_each_misbehaviour_ends_in_time_and_is_named(server: UnrulyServer, misbehaving: dict[str, dict[str, t.Any]], path: str) -> None:
    assert misbehaving[path]["status"] == "fail"
    assert misbehaving[path]["reason"].startswith(MISBEHAVIOURS[path].format(port=server.port, url=server.url))


@pytest.mark.parametrize("path", ["gigabyte", "endless"])
def test_of_an_answer_without_end_only_the_first_part_is_read(server: UnrulyServer, path: str) -> None:
    check = {"kind": "http", "url": f"{server.url}/{path}", "expect_body": "xxx", "timeout": 120}
    checks = [{**check, "name": str(number)} for number in range(32)]
    found = run(*checks)
    assert {check["status"] for check in found["checks"]} == {"pass"}
    assert {check["figures"]["body_bytes"] for check in found["checks"]} == {1024 * 1024}
    assert "the rest was not read" in found["checks"][0]["reason"]
    assert found["peak"] < 90 * 1024


def test_a_text_beyond_the_part_that_is_read_is_not_claimed_absent(server: UnrulyServer) -> None:
    assert "only the first 1048576 bytes" in look(f"{server.url}/gigabyte", expect_body="y")["reason"]


def test_a_redirect_is_followed_unless_not_wanted(server: UnrulyServer) -> None:
    followed, refused = look(f"{server.url}/moved"), look(f"{server.url}/moved", follow_redirects=False)
    assert (followed["status"], followed["figures"]["redirects"]) == ("pass", 1)
    assert refused["reason"] == "Answered 301 (to '/good') instead of 200."


def test_secrets_reach_their_server_but_neither_another_one_nor_the_result(server: UnrulyServer) -> None:
    url = f"http://user:hunter22@127.0.0.1:{server.port}"
    check = {"kind": "http", "secret_headers": {"X-Preview-Token": "Bearer s3cr3tvalue"}, "headers": {"X-Public": "seen"}}
    found = run({"name": "home", "url": f"{url}/echo?token=qu3rytoken", **check}, {"name": "away", "url": f"{url}/elsewhere", **check})
    away, home = found["checks"]
    sent = server.headers["/echo?token=qu3rytoken"]
    assert (sent["x-preview-token"], sent["authorization"]) == ("Bearer s3cr3tvalue", "Basic dXNlcjpodW50ZXIyMg==")
    assert home["status"] == away["status"] == "pass"
    assert json.loads(away["evidence"]["body_head"])["x-public"] == "seen"
    assert {"x-preview-token", "authorization"}.isdisjoint(server.headers["/echo"])
    for secret in ("hunter22", "s3cr3tvalue", "dXNlcjpodW50ZXIyMg", "qu3rytoken"):
        assert secret not in found["raw"]


def test_headers_of_the_base_url_reach_nobody_else(server: UnrulyServer) -> None:
    with UnrulyServer.running() as other:
        checks = [{"name": "a", "kind": "http", "url": "/echo"}, {"name": "b", "kind": "http", "url": f"{other.url}/echo"}]
        found = run(*checks, base_url=server.url, secret_headers={"X-Holdfast-Preview": "s3cr3tvalue-green"})
        assert server.headers["/echo"]["x-holdfast-preview"] == "s3cr3tvalue-green"
        assert "x-holdfast-preview" not in other.headers["/echo"]
    assert found["verdict"] == "healthy"
    assert "s3cr3tvalue" not in found["raw"]


def test_a_certificate_nobody_trusts_is_refused_unless_told_otherwise(encrypted: UnrulyServer) -> None:
    refused, accepted = look(f"{encrypted.url}/good"), look(f"{encrypted.url}/good", validate_certs=False)
    assert refused["reason"].startswith(f"The certificate of 127.0.0.1:{encrypted.port} was refused: unable to get local issuer")
    assert accepted["status"] == "pass"


def test_https_to_a_server_without_tls_is_named_as_such(server: UnrulyServer) -> None:
    assert f"o TLS connection to 127.0.0.1:{server.port}" in look(f"https://127.0.0.1:{server.port}/good")["reason"]


def test_a_slow_answer_warns_and_a_slower_one_fails(server: UnrulyServer) -> None:
    found = run(
        {"name": "a", "kind": "http", "url": f"{server.url}/slow", "warn_over_ms": 100},
        {"name": "b", "kind": "http", "url": f"{server.url}/slow", "warn_over_ms": 50, "fail_over_ms": 100, "critical": False},
    )
    assert [check["status"] for check in found["checks"]] == ["warn", "fail"]
    assert found["verdict"] == "degraded"


def test_head_asks_for_no_body(server: UnrulyServer) -> None:
    check = look(f"{server.url}/good", method="HEAD")
    assert (check["status"], check["figures"]["body_bytes"]) == ("pass", 0)


def test_retries_make_up_for_a_bad_moment() -> None:
    with UnrulyServer.running() as server:
        check = look(f"{server.url}/warming", retries=4)
    assert (check["status"], check["attempts"]) == ("pass", 3)


def test_waiting_counts_healthy_rounds_over_fresh_connections() -> None:
    with UnrulyServer.running() as server:
        it = {"name": "it", "kind": "http", "url": f"{server.url}/warming"}
        found = run(it, wait_until_healthy=True, wait_timeout=120, interval=0.05, consecutive=3)
        assert (found["verdict"], found["rounds"], server.asked["/warming"]) == ("healthy", 5, 5)


def test_flapping_is_not_taken_for_health() -> None:
    with UnrulyServer.running() as server:
        it = {"name": "it", "kind": "http", "url": f"{server.url}/flapping"}
        found = run(it, wait_until_healthy=True, wait_timeout=2, interval=0.05, consecutive=3)
    assert found["verdict"] == "critical"


def test_the_task_fails_by_verdict_and_tells_everything(server: UnrulyServer) -> None:
    found = run({"name": "it", "kind": "http", "url": f"{server.url}/down"}, fail_on="critical")
    assert found["failed"]
    assert not found["changed"]
    assert found["msg"] == "Critical: 0 of 1 check passed. it: Answered 503 instead of 200."
    assert found["checks"][0]["evidence"]["headers"] == {"content-length": "23", "retry-after": "5"}


def test_check_mode_does_the_same(server: UnrulyServer) -> None:
    it = {"name": "it", "kind": "http", "url": f"{server.url}/good"}
    real, checked = run(it), run(it, _ansible_check_mode=True)
    assert checked["checks"][0]["evidence"] == real["checks"][0]["evidence"]
    assert checked["verdict"] == real["verdict"] == "healthy"
    assert not real["changed"]


def test_a_port_is_open_or_not(server: UnrulyServer, free_port: Callable[[], int]) -> None:
    closed = free_port()
    found = run(
        {"name": "closed", "kind": "tcp", "host": "127.0.0.1", "port": closed, "critical": False},
        {"name": "open", "kind": "tcp", "host": "127.0.0.1", "port": server.port},
        {"name": "unknown", "kind": "tcp", "host": "no.such.host.invalid", "port": 80, "critical": False},
    )
    assert [check["status"] for check in found["checks"]] == ["fail", "pass", "fail"]
    assert found["checks"][0]["reason"] == f"Nothing listens at 127.0.0.1:{closed} (connection refused)."
    assert "resol" in found["checks"][2]["reason"]
    assert found["verdict"] == "degraded"


def postgres(url: str, **options: t.Any) -> dict[str, t.Any]:
    return {"name": "database", "kind": "postgres", "database_url": url, **options}


@pytest.mark.parametrize(
    ("query", "expected"),
    [(None, None), ("select 42", 42), ("select true", True), ("select 'healthy'::text", "healthy"), ("select 1.50::numeric", "1.50")],
)
def test_a_database_answers_as_expected(fresh_database: str, query: str | None, expected: t.Any) -> None:
    check = run(postgres(fresh_database, query=query, expect_value=expected))["checks"][0]
    assert (check["status"], check["evidence"]["status"]) == ("pass", None)
    assert check["figures"]["query_ms"] >= 0


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("select 41", "The query gave '41' instead of '42'."),
        ("select 1 where false", "The query gave 'no row' instead of '42'."),
        ("select nothing", 'The query failed: column "nothing" does not exist'),
        ("create table harm (id int)", "The query failed: cannot execute CREATE TABLE in a read-only transaction."),
        ("select pg_sleep(60)", "The query failed: canceling statement due to statement timeout"),
    ],
)
def test_a_database_that_answers_otherwise_fails(fresh_database: str, query: str, reason: str) -> None:
    found = run(postgres(fresh_database, query=query, expect_value=42, timeout=3 if "sleep" in query else 30))
    assert found["checks"][0]["reason"].startswith(reason)
    assert found["verdict"] == "critical"


def test_a_database_that_lets_nobody_in_fails_without_telling_the_password(fresh_database: str) -> None:
    password = psycopg.conninfo.conninfo_to_dict(fresh_database)["password"]
    found = run(postgres(fresh_database.replace(str(password), "wr0ngpassword")))
    assert "password authentication failed" in found["checks"][0]["reason"]
    assert "wr0ngpassword" not in found["raw"]


def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(server: UnrulyServer) -> None:
    check = run(postgres(f"postgresql://u:hunter22@127.0.0.1:{server.port}/d", timeout=2))["checks"][0]
    assert check["status"] == "fail"


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"name": "a", "kind": "http"}, "missing"),
        ({"name": "a", "kind": "tcp", "host": "h"}, "missing"),
        ({"name": "a", "kind": "carrier-pigeon"}, "must be one of"),
        ({"name": "a", "kind": "http", "url": "http://h/", "expect_boddy": "x"}, "expect_boddy"),
        ({"name": "a", "kind": "http", "url": "http://h/", "timeout": "soon"}, "timeout"),
        ({"name": "a", "kind": "http", "url": "http://h/", "database_url": "postgresql://u:hunter22@h/d"}, "belongs to kind postgres"),
        ({"name": "a", "kind": "postgres", "database_url": "mysql://u:hunter22@h/d"}, "The check 'a': database_url is not"),
    ],
)
def test_bad_input_is_named_before_anything_is_contacted(server: UnrulyServer, check: dict[str, t.Any], message: str) -> None:
    before = server.asked.total()
    found = run({"name": "z", "kind": "http", "url": f"{server.url}/good"}, check)
    assert found["failed"]
    assert message in found["msg"]
    assert "hunter22" not in found["raw"]
    assert server.asked.total() == before


def test_only_what_a_kind_needs_is_imported(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """A target without psycopg and requests can run checks of kind http."""
    for library in ("psycopg", "requests"):
        (tmp_path / f"{library}.py").write_text("raise ImportError('not installed here')\n")
    arguments = {"checks": [{"name": "it", "kind": "http", "url": f"http://127.0.0.1:{free_port()}/"}], "fail_on": "never"}
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {MEASURED}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        capture_output=True,
        text=True,
        timeout=NEVER,
        check=False,
    )
    assert json.loads(done.stdout)["verdict"] == "critical"
