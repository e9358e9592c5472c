"""What is told at the end, and what a machine without a second Python may leave out."""

from __future__ import annotations

import pytest

from tools.quality import __main__ as command
from tools.quality.runner import Result
from tools.quality.suites import Suite
from tools.setup import environments, packages
from tools.setup.steps import SetupError

HOSTS = Suite("molecule-hosts", ())
NEWEST = Suite("sanity-newest", (), needs_newest=True)


class NothingReady:
    """An environment that could not be made."""

    is_ready = False


class Untouched:
    """A runner that passes whatever it gets."""

    def __init__(self, suites: list[Suite], **_settings: object) -> None:
        self.suites = suites

    def run(self) -> list[Result]:
        return [Result(suite.name, 1, 0, 0.0) for suite in self.suites]


@pytest.fixture
def poor_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One Python, no root, no sudo."""

    def refuse(_names: object, why: str) -> None:
        raise SetupError(f"{why}: that needs root once")

    monkeypatch.setattr(packages, "install", refuse)
    monkeypatch.setattr(environments, "SECOND", NothingReady())
    monkeypatch.setattr(command, "TEST", (HOSTS, NEWEST, Suite("unit", ())))
    monkeypatch.setattr(command, "Runner", Untouched)
    monkeypatch.delenv("CI", raising=False)


@pytest.mark.usefixtures("poor_machine")
def test_what_cannot_run_fails_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.check("test", [], []) == 1
    told = capsys.readouterr().out
    assert "that needs root once" in told
    assert told.splitlines()[-1] == "1 passed, 1 failed"


@pytest.mark.usefixtures("poor_machine")
def test_a_missing_second_ansible_core_is_left_out_loudly_at_home(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.check("test", [], ["molecule-hosts"]) == 0
    told = capsys.readouterr().out
    assert "sanity-newest     LEFT OUT because this machine has no second Python" in told
    assert "molecule-hosts    LEFT OUT because SKIP asked for it" in told


@pytest.mark.usefixtures("poor_machine")
def test_a_missing_second_ansible_core_fails_in_continuous_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert command.check("test", [], ["molecule-hosts"]) == 1
