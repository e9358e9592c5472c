"""Kind smtp against a mail server that answers well and badly."""

from __future__ import annotations

import base64
import typing as t

import pytest

from tests.integration.health.lab import Checked, look, run
from tests.integration.health.mail_server import PASSWORD, USER, MailServer

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.health.certificates import Authority


def talk(authority: Authority, mood: str = "good", **options: t.Any) -> tuple[Checked, MailServer]:
    with MailServer.running(authority.certificate("127.0.0.1"), mood) as server:
        trust = {} if options.get("encryption") == "none" else {"ca_file": str(authority.file)}
        return look("smtp", host="127.0.0.1", port=server.port, **{"timeout": 30, **trust, **options}), server


def test_starttls_is_used_and_no_mail_is_sent(authority: Authority) -> None:
    check, server = talk(authority)
    assert check["reason"] == "Greets with 220 and speaks TLSv1.3."
    assert check["evidence"]["certificate_end"].endswith("Z")
    assert server.heard == ["EHLO", "STARTTLS", "EHLO", "QUIT"]


def test_a_user_is_let_in_over_tls_from_the_first_byte(authority: Authority) -> None:
    check, server = talk(authority, "implicit", encryption="implicit", username=USER, password=PASSWORD)
    assert check["reason"] == "Greets with 220 and speaks TLSv1.3, and lets portal in."
    assert server.heard == ["EHLO", "AUTH", "QUIT"]


def test_without_encryption_nothing_is_encrypted(authority: Authority) -> None:
    assert talk(authority, "plain", encryption="none")[0]["reason"] == "Greets with 220 and speaks without encryption."


@pytest.mark.parametrize(
    ("mood", "options", "reason"),
    [
        ("busy", {}, "answered 421 come back later"),
        ("other", {}, "answered no SMTP"),
        ("plain", {}, "it does not offer STARTTLS"),
        ("silent", {"timeout": 2}, "did not answer in time (timeout 2 s)"),
        ("drips", {"timeout": 2}, "did not answer in time (timeout 2 s)"),
        ("endless", {}, "it says more than 65536 bytes"),
        ("good", {"encryption": "implicit"}, "No TLS connection to"),
        ("good", {"ca_file": None}, "unable to get local issuer certificate"),
        ("good", {"username": USER, "password": "wr0ngpassword"}, "does not let us in: 535 5.7.8"),
    ],
)
def test_each_misbehaviour_is_named_and_ends_in_time(authority: Authority, mood: str, options: dict[str, t.Any], reason: str) -> None:
    check, _server = talk(authority, mood, **options)
    assert check["status"] == "fail"
    assert reason in check["reason"]


def test_a_closed_port_is_named(free_port: Callable[[], int]) -> None:
    assert "connection refused" in look("smtp", host="127.0.0.1", port=free_port())["reason"]


def test_a_password_that_the_server_echoes_is_masked(authority: Authority) -> None:
    with MailServer.running(authority.certificate("127.0.0.1")) as server:
        check = {"name": "mail", "kind": "smtp", "host": "127.0.0.1", "port": server.port, "ca_file": str(authority.file)}
        found = run({**check, "username": USER, "password": "wr0ngpassword"})
    assert "is wrong" in found["checks"][0]["reason"]
    assert "wr0ngpassword" not in found["raw"]
    assert base64.b64encode(b"\0portal\0wr0ngpassword").decode() not in found["raw"]
