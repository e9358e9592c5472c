"""Kind dns against a name server that answers well and badly."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.health.lab import Checked, look
from tests.integration.health.name_server import NameServer

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with NameServer.running() as running:
        yield running


def ask(names: NameServer, name: str = "portal.example", **options: t.Any) -> Checked:
    return look("dns", host=name, nameserver="127.0.0.1", port=names.port, **{"timeout": 30, **options})


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({"expect_records": ["192.0.2.2"]}, "192.0.2.1, 192.0.2.2"),
        ({"expect_records": ["192.0.2.2", "192.0.2.1"], "only_expected": True}, "192.0.2.1, 192.0.2.2"),
        ({"record_type": "AAAA", "expect_records": ["2001:DB8::1"]}, "2001:db8::1"),
        ({"record_type": "MX", "expect_records": ["10 mail.portal.example"]}, "10 mail.portal.example"),
        ({"record_type": "TXT", "expect_records": ["v=spf1 include:mail.example -all"]}, "v=spf1 include:mail.example -all"),
        ({"record_type": "CNAME", "name": "www.portal.example", "expect_records": ["portal.example."]}, "portal.example"),
    ],
)
def test_records_are_found_however_they_are_written(names: NameServer, options: dict[str, t.Any], value: str) -> None:
    check = ask(names, options.pop("name", "portal.example"), **options)
    assert (check["status"], check["evidence"]["value"]) == ("pass", value)
    assert check["figures"]["ttl_s"] == 300
    assert check["evidence"]["address"] == f"127.0.0.1:{names.port}"


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("portal.example", {"expect_records": ["192.0.2.9"]}, "lacks 192.0.2.9; it is 192.0.2.1, 192.0.2.2"),
        ("portal.example", {"expect_records": ["192.0.2.1"], "only_expected": True}, "has 192.0.2.2, which was not expected"),
        ("portal.example", {"record_type": "CAA"}, "portal.example exists, but has no CAA record"),
        ("nowhere.example", {}, "The name nowhere.example does not exist, says 127.0.0.1 port"),
        ("silent.example", {"timeout": 2}, "did not answer for the A record of silent.example in time (timeout 2 s)"),
        ("broken.example", {}, "could not answer for the A record of broken.example"),
        ("gibberish.example", {"timeout": 5}, "did not answer for the A record of gibberish.example in time"),
        ("portal.example", {"thresholds": {"records": {"fail": 3}}}, "but records is 2, under 3"),
        ("a..b", {}, "The A record of a..b cannot be asked for: EmptyLabel"),
    ],
)
def test_what_is_wrong_is_named_and_ends_in_time(names: NameServer, name: str, options: dict[str, t.Any], reason: str) -> None:
    check = ask(names, name, **options)
    assert check["status"] == "fail"
    assert reason in check["reason"]


def test_an_answer_too_large_for_udp_is_fetched_over_tcp(names: NameServer) -> None:
    assert ask(names, "large.example")["figures"]["records"] == 249
    assert names.asked["large.example."] == 2
