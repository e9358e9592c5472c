"""How suites are chosen, judged and told."""

from __future__ import annotations

import sys
import typing as t
from xml.etree import ElementTree

import pytest

from tools.quality import runner, suites
from tools.quality.runner import Result, Runner, from_report, line_of
from tools.quality.suites import Suite, UnknownSuiteError, choose

if t.TYPE_CHECKING:
    import pathlib

REPORT = '<testsuites><testsuite name="pytest" tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


def report(tests: int, failures: int, errors: int, skipped: int) -> ElementTree.Element:
    """What pytest writes."""
    return ElementTree.fromstring(REPORT.format(tests, failures, errors, skipped))  # noqa: S314


def test_tests_are_counted() -> None:
    assert from_report("unit", report(10, 1, 2, 0), 1, 2.0) == Result("unit", passed=7, failed=3, seconds=2.0)


def test_a_skipped_test_counts_as_failed_and_is_named() -> None:
    result = from_report("unit", report(10, 0, 0, 1), 0, 2.0)
    assert (result.passed, result.failed) == (9, 1)
    assert "1 skipped" in line_of(result)


def test_a_suite_that_found_no_tests_fails() -> None:
    assert from_report("unit", report(0, 0, 0, 0), 5, 2.0).failed == 1


def test_a_suite_that_fell_over_before_counting_fails(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LOGS", tmp_path)
    result = runner.judge(Suite("unit", (("pytest",),), counts=True), 4, 1.0)
    assert result.failed == 1
    assert "before it could count" in result.remark


def test_nothing_is_left_out_unless_asked() -> None:
    assert choose(suites.TEST, [], []) == list(suites.TEST)


def test_suites_can_be_chosen_and_left_out() -> None:
    assert [suite.name for suite in choose(suites.TEST, ["unit", "integration"], [])] == ["integration", "unit"]
    assert "molecule-hosts" not in [suite.name for suite in choose(suites.TEST, [], ["molecule-hosts"])]


@pytest.mark.parametrize(("only", "skip"), [(["unti"], []), ([], ["unti"])])
def test_a_misspelt_suite_is_refused_with_the_known_ones(only: list[str], skip: list[str]) -> None:
    with pytest.raises(UnknownSuiteError, match=r"no suite unti; there are .*integration"):
        choose(suites.TEST, only, skip)


def _runner(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, told: list[str], *made: Suite) -> Runner:
    monkeypatch.setattr(runner, "LOGS", tmp_path)
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    return Runner(made, jobs=2, out=told.append)


def _suite(name: str, *sources: str) -> Suite:
    return Suite(name, tuple((sys.executable, "-c", source) for source in sources))


def test_a_failed_suite_shows_the_end_of_its_log(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    bad = _suite("bad", "print('the reason'); raise SystemExit(3)", "print('never')")
    results = _runner(tmp_path, monkeypatch, told, bad, _suite("good", "", "")).run()
    assert {result.name: result.failed for result in results} == {"bad": 1, "good": 0}
    assert any("the reason" in text for text in told)
    assert "\nnever" not in (tmp_path / "bad.log").read_text()


def interrupt() -> t.NoReturn:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


def test_an_interrupt_ends_what_the_suites_started(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = _runner(tmp_path, monkeypatch, [], _suite("long", "import time; time.sleep(600)"))
    monkeypatch.setattr(work, "_collect", interrupt)
    with pytest.raises(KeyboardInterrupt):
        work.run()
    assert [running.process.poll() is None for running in work.running] == [False]


SHAKY = """
import pathlib

def test_shaky():
    seen = pathlib.Path(__file__).with_name("seen")
    known, _ = seen.exists(), seen.touch()
    assert known

def test_good():
    pass
"""
BAD = """
def test_bad():
    raise AssertionError
"""


def _tests(tmp_path: pathlib.Path, source: str) -> Suite:
    (tmp_path / "test_it.py").write_text(source)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return Suite("it", ((sys.executable, "-m", "pytest", "test_it.py"),), counts=True)


def test_what_passes_at_a_second_look_alone_is_named(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    [result] = _runner(tmp_path, monkeypatch, told, _tests(tmp_path, SHAKY)).run()
    assert (result.passed, result.failed, result.remark) == (2, 0, "only at the second look: test_shaky")
    assert "it: once more, by themselves: test_shaky" in told


def test_what_fails_twice_has_failed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [result] = _runner(tmp_path, monkeypatch, [], _tests(tmp_path, SHAKY + BAD)).run()
    assert (result.passed, result.failed) == (2, 1)


def test_many_that_fail_get_no_second_look(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "\n".join(BAD.replace("bad", f"bad_{number}") for number in range(runner.FEW + 1))
    told: list[str] = []
    [result] = _runner(tmp_path, monkeypatch, told, _tests(tmp_path, many)).run()
    assert result.failed == runner.FEW + 1
    assert not [text for text in told if "once more" in text]
