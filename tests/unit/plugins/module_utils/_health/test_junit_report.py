from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

import junitparser
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._health import junit_report
from tests.unit.plugins.module_utils._health.results import HOSTILE, check, seen


def rendered(**given: t.Any) -> str:
    checks = [
        check("app"),
        check("api", "fail", reason="Answered 503 instead of 200."),
        check("mail", "fail", critical=False),
        check("slow", "warn", reason="Took 3000 ms."),
        check("vitals", "skipped", reason="No Chromium here."),
    ]
    return junit_report.render(seen(*checks, **given))


def parsed() -> junitparser.TestSuite:
    """The one suite, read by a parser that is not ours."""
    (suite,) = junitparser.JUnitXml.fromstring(rendered().encode())
    return suite


def cases() -> dict[str, junitparser.TestCase]:
    return {case.name: case for case in parsed()}


def test_counts_are_what_the_cases_are() -> None:
    suite, results = parsed(), [result for case in parsed() for result in case.result]
    assert (suite.tests, suite.failures, suite.skipped, suite.errors) == (5, 2, 1, 0)
    assert [type(result).__name__ for result in results] == ["Failure", "Failure", "Skipped"]


def test_a_failed_check_is_a_failure_with_its_reason_and_weight() -> None:
    (api,), (mail,) = cases()["api"].result, cases()["mail"].result
    assert (type(api), api.type, api.message) == (junitparser.Failure, "critical", "Answered 503 instead of 200.")
    assert mail.type == "not critical"


@pytest.mark.parametrize("name", ["app", "slow"])
def test_a_check_that_passes_or_warns_passes(name: str) -> None:
    assert cases()[name].is_passed


def test_a_warning_can_be_read_in_the_output() -> None:
    assert cases()["slow"].system_out.startswith("warn: Took 3000 ms.\n")


def test_a_skipped_check_is_skipped_and_says_why() -> None:
    (skipped,) = cases()["vitals"].result
    assert (type(skipped), skipped.message) == (junitparser.Skipped, "No Chromium here.")


def test_the_suite_is_named_after_the_portal_and_says_the_verdict() -> None:
    suite = parsed()
    assert (suite.name, suite.timestamp, suite.time) == ("health.shop.staging", "2026-11-21T22:30:00Z", 2.5)
    properties = {each.get("name"): each.get("value") for each in ET.fromstring(rendered()).iter("property")}  # noqa: S314
    assert properties.items() >= {("portal", "shop"), ("environment", "staging"), ("verdict", "degraded"), ("rounds", "1")}
    assert cases()["app"].classname == "health.shop.staging.http"
    assert cases()["app"].time == pytest.approx(1.234)


def test_what_xml_cannot_hold_or_takes_for_markup_stays_text() -> None:
    hostile = check(HOSTILE, "fail", reason=HOSTILE, evidence={"body_head": HOSTILE})
    (suite,) = junitparser.JUnitXml.fromstring(junit_report.render(seen(hostile, summary=HOSTILE)).encode())
    (case,) = suite
    assert "<script>" in case.name
    assert "\x00" not in case.name
    assert "]]>" in case.system_out
