from __future__ import annotations

import typing as t

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.holdfast.webops.plugins.module_utils._health import prometheus_report
from tests.unit.plugins.module_utils._health.results import HOSTILE, check, seen

Sample = tuple[frozenset[tuple[str, str]], float]


def metrics(*checks: dict[str, t.Any], **given: t.Any) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Every sample by metric, read by Prometheus' own parser."""
    families = text_string_to_metric_families(prometheus_report.render(seen(*checks, **given)))
    return {family.name: [(sample.labels, sample.value) for sample in family.samples] for family in families}


@pytest.mark.parametrize("verdict", ["healthy", "degraded", "critical"])
def test_of_the_verdicts_exactly_the_right_one_is_set(verdict: str) -> None:
    samples = metrics(check(), verdict=verdict)["holdfast_health_verdict"]
    assert {labels["verdict"]: value for labels, value in samples} == {
        "healthy": float(verdict == "healthy"),
        "degraded": float(verdict == "degraded"),
        "critical": float(verdict == "critical"),
    }


@pytest.mark.parametrize("status", ["pass", "warn", "fail", "skipped"])
def test_of_the_statuses_exactly_the_right_one_is_set(status: str) -> None:
    samples = metrics(check("api", status, critical=False))["holdfast_health_check_status"]
    assert [labels["status"] for labels, value in samples if value == 1] == [status]
    assert all(labels["check"] == "api" and labels["critical"] == "false" and labels["kind"] == "http" for labels, _value in samples)
    assert len(samples) == 4


def test_every_sample_carries_the_labels_of_the_portal() -> None:
    found = metrics(check())
    assert len(found) == 8
    assert all(
        labels["portal"] == "shop" and labels["environment"] == "staging" for samples in found.values() for labels, _value in samples
    )


def test_times_are_seconds_and_a_look_has_its_moment() -> None:
    found = metrics(check())
    assert [value for _labels, value in found["holdfast_health_check_duration_seconds"]] == [1.234]
    assert [value for _labels, value in found["holdfast_health_look_timestamp_seconds"]] == [1795300200.0]
    assert [value for _labels, value in found["holdfast_health_look_duration_seconds"]] == [2.5]


def test_figures_are_numbers_and_what_is_none_is_left_out() -> None:
    figures = {"days_left": 89, "total_ms": None, "masked": "********", "connect_ms": 0.4}
    samples = metrics(check(figures=figures))["holdfast_health_check_figure"]
    assert {labels["figure"]: value for labels, value in samples} == {"connect_ms": 0.4, "days_left": 89.0}


def test_a_name_with_quotes_and_line_ends_comes_back_as_it_was() -> None:
    name = 'a "quoted"\\ name\nof two lines'
    assert metrics(check(name))["holdfast_health_check_attempts"][0][0]["check"] == name
    assert metrics(check(HOSTILE))["holdfast_health_check_attempts"][0][0]["check"] == HOSTILE


def test_no_sample_is_there_twice() -> None:
    samples = [(name, frozenset(labels.items())) for name, found in metrics(check("a"), check("b")).items() for labels, _value in found]
    assert len(samples) == len(set(samples))
