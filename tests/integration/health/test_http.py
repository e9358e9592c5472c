"""What kind http can besides: client certificates, limits on its figures, JMESPath, versions."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from tests.integration.health.lab import look, run
from tests.integration.health.site import Reply, Site
from tests.integration.unruly_server import UnrulyServer

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.health.certificates import Authority

HEALTH = b'{"version": "1a2b3c4d5e6f", "services": [{"name": "a", "status": "up"}, {"name": "b", "status": "down"}]}'


@pytest.fixture(scope="module")
def site() -> t.Iterator[Site]:
    replies = {
        "/health": Reply(HEALTH, "application/json", headers={"X-Portal-Version": "1.1"}),
        "/large": Reply(b"x" * 5000),
        "/late": Reply(b"late", wait=0.3),
    }
    with Site.running(replies) as running:
        yield running


def test_a_server_that_wants_a_certificate_gets_it(authority: Authority) -> None:
    certificate = authority.certificate("portal-probe")
    with UnrulyServer.running(authority.certificate("127.0.0.1"), clients=authority.file) as server:
        options = {"url": f"{server.url}/good", "ca_file": str(authority.file)}
        assert look("http", **options, client_cert=str(certificate))["status"] == "pass"
        assert look("http", **options)["status"] == "fail"


def test_the_end_of_the_certificate_and_all_addresses_are_evidence(encrypted: UnrulyServer, authority: Authority) -> None:
    evidence = look("http", url=f"https://localhost:{encrypted.port}/good", ca_file=str(authority.file))["evidence"]
    certificate = look("tls", host="localhost", port=encrypted.port, ca_file=str(authority.file))["evidence"]
    assert evidence["certificate_end"] == certificate["certificate_end"]
    assert "127.0.0.1" in evidence["resolved"]


def test_an_expired_certificate_and_one_of_another_name_are_refused(authority: Authority) -> None:
    for names, days, reason in ((["127.0.0.1"], -1, "certificate has expired"), (["portal.example"], 9, "IP address mismatch")):
        with UnrulyServer.running(authority.certificate(*names, days=days)) as server:
            assert reason in look("http", url=f"{server.url}/good", ca_file=str(authority.file))["reason"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"ca_file": "/no/such/file.pem"}, "The ca_file '/no/such/file.pem' cannot be read"),
        ({"client_cert": __file__}, "cannot be used"),
    ],
)
def test_files_that_hold_no_certificates_are_refused_before_anything_is_asked(files: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        look("http", url="https://127.0.0.1:1/", **files)


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked_for_it(authority: Authority, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    plain = authority.certificate("locked").read_bytes()
    key = serialization.load_pem_private_key(plain, None)
    locked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"passphrase")
    )
    file = tmp_path / "locked.pem"
    file.write_bytes(locked + plain[plain.index(b"-----BEGIN CERTIFICATE") :])
    with pytest.raises(InputError, match="without a passphrase"):
        look("http", url="https://127.0.0.1:1/", client_cert=str(file))


@pytest.mark.parametrize(
    ("path", "thresholds", "status", "reason"),
    [
        ("large", {"body_bytes": {"warn": 4000, "fail": 6000}}, "warn", "body_bytes is 5000, over 4000"),
        ("large", {"body_bytes": {"fail": 4999}}, "fail", "body_bytes is 5000, over 4999"),
        ("late", {"first_byte_ms": {"fail": 200}}, "fail", ", over 200"),
        ("late", {"total_ms": {"warn": 200, "fail": 29_000}}, "warn", ", over 200"),
        ("late", {"total_ms": {"warn": 29_000}, "redirects": {"fail": 0}}, "pass", "Answered 200"),
    ],
)
def test_size_and_times_have_limits(site: Site, path: str, thresholds: dict[str, t.Any], status: str, reason: str) -> None:
    check = look("http", url=f"{site.url}/{path}", thresholds=thresholds)
    assert check["status"] == status
    assert reason in check["reason"]


def test_queries_are_asked_of_the_answer(site: Site) -> None:
    good = look("http", url=f"{site.url}/health", expect_query={"services[?status=='up'].name": ["a"]})
    bad = look("http", url=f"{site.url}/health", expect_query={"length(services[?status!='up'])": 0})
    assert good["status"] == "pass"
    assert bad["reason"] == "The query length(services[?status!='up']) gave 1 instead of 0."


def test_a_query_that_does_not_compile_is_refused() -> None:
    with pytest.raises(InputError, match=r"The check 'it': expect_query has the expression 'a\[', which does not compile"):
        look("http", url="http://127.0.0.1:1/", expect_query={"a[": 1})


@pytest.mark.parametrize(
    ("options", "status", "version"),
    [
        ({"expect_version": "1a2b3c4d5e6f7a8b9c0d"}, "pass", "1a2b3c4d5e6f"),
        ({"expect_version": "1.1", "version_from": "header:X-Portal-Version"}, "pass", "1.1"),
        ({"expect_version": "1.2", "version_from": "header:X-Portal-Version"}, "fail", "1.1"),
        ({"expect_version": "x", "version_from": "json:services.0.name"}, "fail", "a"),
    ],
)
def test_the_version_that_answers_is_told_and_compared(site: Site, options: dict[str, str], status: str, version: str) -> None:
    check = look("http", url=f"{site.url}/health", **options)
    assert (check["status"], check["evidence"]["value"]) == (status, version)


def test_only_what_the_kinds_in_use_need_is_imported(server: UnrulyServer) -> None:
    """A run with nothing but tcp knows no TLS, no HTTP, no library, and none of our other kinds."""
    import json
    import subprocess
    import sys

    told = "import atexit, runpy, sys; atexit.register(lambda: sys.stderr.write('\\n'.join(sys.modules)));"
    module = "ansible_collections.holdfast.webops.plugins.modules.health_check"
    checks = [{"name": "it", "kind": "tcp", "host": "127.0.0.1", "port": server.port}]
    done = subprocess.run(
        [sys.executable, "-c", f"{told} runpy.run_module('{module}', run_name='__main__')"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": {"checks": checks}}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    imported = set(done.stderr.split())
    assert json.loads(done.stdout)["verdict"] == "healthy"
    ours = {name.rpartition("_health.")[2] for name in imported if "module_utils._health." in name}
    assert {name for name in ours if name.startswith(("probes.", "targets."))} == {"probes.tcp", "targets.tcp", "targets.parts"}
    unwanted = {"cryptography", "dns", "email", "html.parser", "http", "jmespath", "obstore", "psycopg", "smtplib", "ssl", "yaml"}
    assert not imported & unwanted
    # What the options of policies look like is known to every task: the specification of the module names them.
    others = {name for name in imported if "module_utils._backup." in name or "module_utils._stores.s3" in name}
    assert {name.rpartition("module_utils.")[2] for name in others} == {"_backup.limits"}


def test_a_thousandfold_answer_keeps_the_memory_bounded(server: UnrulyServer) -> None:
    checks = [{"name": str(number), "kind": "page", "url": f"{server.url}/gigabyte", "timeout": 3} for number in range(8)]
    found = run(*checks)
    assert {check["status"] for check in found["checks"]} == {"fail"}
    assert found["peak"] < 90 * 1024
