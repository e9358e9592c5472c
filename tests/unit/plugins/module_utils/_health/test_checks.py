from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Surroundings, checks_from
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.postgres import PostgresTarget, reads_as
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.tcp import TcpTarget
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web_answer import HttpTarget

Options = t.Callable[..., dict[str, t.Any]]


def test_checks_come_sorted_by_name(options: Options) -> None:
    assert [check.name for check in checks_from([options(name="b"), options(name="a")])] == ["a", "b"]


def test_no_checks_at_all_are_refused() -> None:
    with pytest.raises(InputError, match="checks is empty"):
        checks_from([])


def test_two_checks_of_one_name_are_refused(options: Options) -> None:
    with pytest.raises(InputError, match="Two checks are named 'app'"):
        checks_from([options(), options(kind="tcp", host="localhost", port=1)])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": " "}, "empty name"),
        ({"query": "select 1"}, "of kind http, but has the option query, which belongs to kind postgres"),
        (
            {"kind": "tcp", "host": "h", "port": 1, "expect_body": "x"},
            "of kind tcp, but has the option expect_body, which belongs to kinds http, command",
        ),
        ({"thresholds": {"total_ms": {"warn": 3, "fail": 2}}}, "so that it could never warn"),
        ({"thresholds": {"days_left": {"fail": 2}}}, "kind http does not measure"),
        ({"timeout": 0}, "timeout of the check 'app' is 0 s"),
        ({"timeout": -1.5}, "timeout of the check 'app' is -1.5 s"),
        ({"timeout": float("nan")}, "timeout of the check 'app' is nan s"),
        ({"timeout": float("inf")}, "timeout of the check 'app' is inf s"),
        ({"retries": -1}, "retries of the check 'app' are -1"),
        ({"retries": 10**9}, "retries of the check 'app' are 1000000000"),
        ({"warn_over_ms": float("nan")}, "warn_over_ms of the check 'app' is nan"),
        ({"warn_over_ms": 0}, "warn_over_ms of the check 'app' is 0"),
        ({"fail_over_ms": -3}, "fail_over_ms of the check 'app' is -3"),
        ({"warn_over_ms": 20, "fail_over_ms": 20}, "could never warn"),
        ({"fail_over_ms": 2000, "timeout": 2}, "given up after its timeout of 2 s"),
        ({"kind": "tcp", "host": " ", "port": 1}, "host of the check 'app' is empty"),
        ({"kind": "tcp", "host": "h", "port": 0}, "port of the check 'app' is 0"),
        ({"kind": "tcp", "host": "h", "port": 65536}, "port of the check 'app' is 65536"),
        ({"kind": "postgres", "database_url": "postgresql://h/d", "expect_value": 1}, "no query that would give one"),
    ],
)
def test_a_wrong_option_is_named(options: Options, given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        checks_from([options(**given)])


def test_each_kind_gets_its_target(options: Options) -> None:
    tcp, postgres = checks_from(
        [
            options(name="1", kind="tcp", host=" localhost ", port=25),
            options(name="2", kind="postgres", database_url="postgresql://h/d", query="select true", expect_value=True),
        ]
    )
    assert tcp.target == TcpTarget("localhost", 25)
    assert postgres.target == PostgresTarget("postgresql://h/d", "select true", "true")


@pytest.mark.parametrize(("value", "text"), [(1, "1"), ("1", "1"), (True, "true"), (False, "false"), ("True", "True"), (1.5, "1.5")])
def test_values_of_yaml_and_of_the_database_read_alike(value: t.Any, text: str) -> None:
    assert reads_as(value) == text


AROUND = Surroundings("https://shop.example.org/base/", {"X-Trace": "1"}, {"X-Preview": "0123456789abcdef"})


def test_a_path_is_meant_on_the_base_url_and_gets_its_headers(options: Options) -> None:
    (check,) = checks_from([options(url="/api/health", headers={"X-Trace": "2"})], AROUND)
    assert isinstance(check.target, HttpTarget)
    assert str(check.target.request.location) == "https://shop.example.org/base/api/health"
    assert check.target.request.headers == {"X-Trace": "2"}
    assert check.target.request.secret_headers == {"X-Preview": "0123456789abcdef"}


def test_a_whole_url_never_gets_the_headers_of_the_base_url(options: Options) -> None:
    (check,) = checks_from([options(url="https://other.example.org/")], AROUND)
    assert isinstance(check.target, HttpTarget)
    assert check.target.request.headers == {}
    assert check.target.request.secret_headers == {}


@pytest.mark.parametrize(("base_url", "message"), [(None, "base_url is not set"), ("https://h?q", "base_url holds a query")])
def test_a_path_without_a_good_base_url_is_refused(options: Options, base_url: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        checks_from([options(url="/api/health")], Surroundings(base_url))
