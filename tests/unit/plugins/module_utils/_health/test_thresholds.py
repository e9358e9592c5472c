from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import LARGEST_BODY
from ansible_collections.holdfast.webops.plugins.module_utils._health.kinds import KINDS
from ansible_collections.holdfast.webops.plugins.module_utils._health.thresholds import broken, read_thresholds


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("http", {"days_left": {"fail": 1}}, "which kind http does not measure"),
        ("http", {"total_ms": 5}, "something else than warn and fail"),
        ("http", {"total_ms": {}}, "something else than warn and fail"),
        ("http", {"total_ms": {"error": 5}}, "something else than warn and fail"),
        ("http", {"total_ms": {"fail": "soon"}}, "give total_ms the fail 'soon'"),
        ("http", {"total_ms": {"fail": True}}, "give total_ms the fail 'True'"),
        ("http", {"total_ms": {"fail": "nan"}}, "give total_ms the fail 'nan'"),
        ("http", {"total_ms": {"warn": -1}}, "give total_ms the warn '-1'"),
        ("http", {"total_ms": {"warn": 5, "fail": 5}}, "could never warn"),
        ("http", {"total_ms": {"warn": 10_000}}, "but it is given up after its timeout of 10 s"),
        ("tls", {"days_left": {"warn": 7, "fail": 21}}, "could never warn"),
        ("http", {"body_bytes": {"warn": 10, "fail": LARGEST_BODY}}, "never over 1048576"),
        ("postgres", {"disk_used_percent": {"fail": 100}}, "never over 100"),
        ("postgres", {"wraparound_percent": {"warn": 150}}, "never over 100"),
    ],
)
def test_an_impossible_threshold_is_refused(kind: str, given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_thresholds("app", KINDS[kind], given, 10)


@pytest.mark.parametrize(
    ("days", "fails", "warns"),
    [(30, [], []), (20, [], ["days_left is 20, under 21"]), (6.5, ["days_left is 6.5, under 7"], []), (None, [], [])],
)
def test_the_limits_of_a_kind_hold_without_being_given(days: float | None, fails: list[str], warns: list[str]) -> None:
    assert broken(read_thresholds("app", KINDS["tls"], None, 10), {"days_left": days}) == (fails, warns)


def test_limits_that_are_given_replace_those_of_the_kind_figure_by_figure() -> None:
    thresholds = read_thresholds("app", KINDS["web_vitals"], {"lcp_ms": {"warn": "1000"}}, 10)
    assert broken(thresholds, {"lcp_ms": 3000, "cls": 0.2}) == (["cls is 0.2, over 0.1"], ["lcp_ms is 3000, over 1000"])


def test_a_figure_that_was_to_be_limited_and_is_not_known_is_a_failure() -> None:
    thresholds = read_thresholds("app", KINDS["postgres"], {"replication_lag_s": {"fail": 30}}, 10)
    assert broken(thresholds, {"replication_lag_s": None}) == (["replication_lag_s could not be measured"], [])


def test_a_figure_on_its_limit_is_within_it() -> None:
    thresholds = read_thresholds("app", KINDS["http"], {"total_ms": {"fail": 100}}, 10)
    assert broken(thresholds, {"total_ms": 100}) == ([], [])
