"""Kind tls against servers with good and bad certificates, and one with a protocol of long ago."""

from __future__ import annotations

import ssl
import typing as t

import pytest

from tests.integration.health.lab import look
from tests.integration.unruly_server import UnrulyServer

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.health.certificates import Authority


def test_a_good_certificate_passes_with_its_end_its_names_and_its_protocol(encrypted: UnrulyServer, authority: Authority) -> None:
    check = look(
        "tls", host="localhost", port=encrypted.port, ca_file=str(authority.file), expect_names=["127.0.0.1", "www.portal.example"]
    )
    assert check["status"] == "pass"
    assert check["figures"]["days_left"] == pytest.approx(60, abs=0.2)
    assert check["evidence"]["certificate_end"].endswith("Z")
    assert check["evidence"]["value"].startswith("TLSv1.3; subject CN=127.0.0.1,")
    assert "O=Test Authority; names " in check["evidence"]["value"]
    assert "127.0.0.1" in check["evidence"]["resolved"]


@pytest.mark.parametrize(
    ("names", "days", "reason"),
    [
        (("127.0.0.1",), -1, "certificate has expired"),
        (("portal.example",), 60, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
    ],
)
def test_a_certificate_that_is_refused_is_shown_all_the_same(
    authority: Authority, names: tuple[str, ...], days: float, reason: str
) -> None:
    with UnrulyServer.running(authority.certificate(*names, days=days)) as server:
        check = look("tls", host="127.0.0.1", port=server.port, ca_file=str(authority.file))
    assert check["status"] == "fail"
    assert reason in check["reason"]
    assert check["figures"]["days_left"] == pytest.approx(days, abs=0.2)
    assert f"names {names[0]}" in check["evidence"]["value"]


def test_a_certificate_of_an_unknown_authority_is_refused(encrypted: UnrulyServer) -> None:
    assert "unable to get local issuer certificate" in look("tls", host="127.0.0.1", port=encrypted.port)["reason"]


@pytest.mark.parametrize(("days", "status"), [(20, "warn"), (6, "fail"), (22, "pass")])
def test_a_certificate_that_ends_soon_warns_and_then_fails(authority: Authority, days: float, status: str) -> None:
    with UnrulyServer.running(authority.certificate("127.0.0.1", days=days)) as server:
        check = look("tls", host="127.0.0.1", port=server.port, ca_file=str(authority.file))
    assert check["status"] == status


def test_a_name_that_the_certificate_lacks_fails(encrypted: UnrulyServer, authority: Authority) -> None:
    check = look("tls", host="127.0.0.1", port=encrypted.port, ca_file=str(authority.file), expect_names=["a.b.portal.example"])
    assert "not good for a.b.portal.example, only for 127.0.0.1, localhost, *.portal.example" in check["reason"]


def test_the_name_to_ask_for_may_differ_from_the_host(encrypted: UnrulyServer, authority: Authority) -> None:
    options = {"host": "127.0.0.1", "port": encrypted.port, "ca_file": str(authority.file)}
    assert look("tls", server_name="shop.portal.example", **options)["status"] == "pass"
    assert "Hostname mismatch" in look("tls", server_name="other.example", **options)["reason"]


def test_an_outdated_protocol_fails_also_where_newer_ones_are_spoken_too(authority: Authority) -> None:
    with UnrulyServer.running(authority.certificate("127.0.0.1"), oldest=ssl.TLSVersion.TLSv1_1) as server:
        check = look("tls", host="127.0.0.1", port=server.port, ca_file=str(authority.file))
    assert check["reason"] == "Still speaks TLSv1.1, TLSv1.2 is the least that is allowed."


def test_the_least_protocol_can_be_raised(encrypted: UnrulyServer, authority: Authority) -> None:
    check = look("tls", host="127.0.0.1", port=encrypted.port, ca_file=str(authority.file), minimum_protocol="TLSv1.3")
    assert check["reason"] == "Still speaks TLSv1.2, TLSv1.3 is the least that is allowed."


def test_a_port_without_tls_and_one_that_is_closed_are_named(server: UnrulyServer, free_port: Callable[[], int]) -> None:
    closed = free_port()
    assert "no TLS connection to 127.0.0.1" in look("tls", host="127.0.0.1", port=server.port)["reason"].lower().replace("tls", "TLS")
    assert look("tls", host="127.0.0.1", port=closed)["reason"] == f"Nothing listens at 127.0.0.1:{closed} (connection refused)."
