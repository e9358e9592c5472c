"""What is done about a service, and that check mode says the same."""

from __future__ import annotations

import os
import pathlib
import signal
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import Program
from ansible_collections.holdfast.webops.plugins.module_utils._host.service import ServiceKeeper, digest, program_of
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor import ABSENT, Status
from tests.unit.fake_clock import FakeClock

RUNNING = Status("running", 42)


class FakeSupervisor:
    """Knows one program; `comes_to` is how it stands once it was started."""

    cannot_limit: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.now = ABSENT
        self.known: Program | None = None
        self.with_host = False
        self.comes_to = RUNNING
        self.said: list[str] = []
        self.done: list[str] = []

    def status(self, _name: str) -> Status:
        return self.now

    def is_defined(self, program: Program) -> bool:
        return self.with_host and self.known == program

    def starts_with_host(self, _program: Program) -> bool:
        return self.with_host

    def start(self, program: Program) -> None:
        self.done.append("start")
        self.now, self.known, self.with_host = self.comes_to, program, True

    def halt(self, _program: Program) -> None:
        self.now = Status("stopped") if self.known else ABSENT

    def stop(self, program: Program) -> None:
        self.done.append("stop")
        self.halt(program)
        self.with_host = False

    def remove(self, _program: Program) -> None:
        self.done.append("remove")
        self.now, self.known, self.with_host = ABSENT, None, False

    def output(self, _program: Program, lines: int) -> list[str]:
        return self.said[-lines:]

    def log(self, program: Program) -> str:
        return program.log


@pytest.fixture
def supervisor() -> FakeSupervisor:
    return FakeSupervisor()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def params(tmp_path: pathlib.Path) -> dict[str, t.Any]:
    configuration = tmp_path / "router.cfg"
    configuration.write_text("first")
    return {
        "root": str(tmp_path / "orders"),
        "portal": "orders",
        "service": "router",
        "state": "started",
        "command": ["/usr/sbin/haproxy"],
        "configuration": [str(configuration)],
        "reload_signal": "USR2",
        "user": None,
        "start_timeout": 5,
        "stop_timeout": 30,
    }


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What was sent to which process."""
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    return sent


class Keeping:
    """One fake host and one order after the other."""

    def __init__(self, params: dict[str, t.Any], supervisor: FakeSupervisor, clock: FakeClock) -> None:
        self.params, self.supervisor, self.clock = params, supervisor, clock

    def keep(self, **changes: t.Any) -> None:
        """Carry out an order, and compare with what check mode says of it."""
        keeper = ServiceKeeper({**self.params, **changes}, self.supervisor, self.clock)
        before = keeper.look()
        expected = keeper.expected(before)
        keeper.apply(before)
        assert keeper.look() == expected


@pytest.fixture
def host(params: dict[str, t.Any], supervisor: FakeSupervisor, clock: FakeClock) -> Keeping:
    return Keeping(params, supervisor, clock)


def test_it_is_started_once(host: Keeping) -> None:
    host.keep()
    host.keep()
    assert host.supervisor.done == ["stop", "start"]


@pytest.mark.parametrize("first", ["started", "stopped", "absent"])
@pytest.mark.parametrize("second", ["started", "stopped", "absent"])
def test_any_state_follows_any_other_and_the_same_needs_nothing(host: Keeping, first: str, second: str) -> None:
    host.keep()
    host.keep(state=first)
    host.keep(state=second)
    host.supervisor.done.clear()
    host.keep(state=second)
    assert host.supervisor.done == []


def test_a_changed_configuration_is_a_signal_and_no_restart(host: Keeping, signals: list[tuple[int, int]]) -> None:
    host.keep()
    host.supervisor.done.clear()
    pathlib.Path(host.params["configuration"][0]).write_text("second")
    host.keep()
    host.keep()
    assert signals == [(42, signal.SIGUSR2)]
    assert host.supervisor.done == []


def test_another_command_is_a_restart_and_no_signal(host: Keeping, signals: list[tuple[int, int]]) -> None:
    host.keep()
    host.keep(command=["/usr/local/sbin/haproxy"])
    assert host.supervisor.done == ["stop", "start"] * 2
    assert signals == []


def test_a_process_that_went_away_before_its_reload_is_said(host: Keeping, signals: list[tuple[int, int]]) -> None:
    host.keep()
    host.supervisor.now = Status("running")
    pathlib.Path(host.params["configuration"][0]).write_text("second")
    with pytest.raises(WebopsError, match="has no process to reload"):
        host.keep()
    assert signals == []


def test_a_process_that_ended_is_not_waited_for_and_its_last_lines_are_shown(host: Keeping) -> None:
    host.supervisor.comes_to = Status("failed", said="exit status 1")
    host.supervisor.said = [f"line {number}" for number in range(40)]
    with pytest.raises(WebopsError, match=r"did not start. Its process ended: exit status 1. Its last output:\nline 20\n") as caught:
        host.keep()
    assert str(caught.value).endswith("line 39")
    assert host.clock.slept == []


def test_a_process_that_never_runs_is_given_up_at_the_deadline(host: Keeping) -> None:
    host.supervisor.comes_to = Status("starting")
    with pytest.raises(WebopsError, match=r"did not start[^\n]*\n\(it wrote nothing\)"):
        host.keep()
    assert host.clock.seconds >= host.params["start_timeout"]


def test_a_start_that_failed_is_tried_again_by_the_next_run(host: Keeping) -> None:
    host.supervisor.comes_to = Status("starting")
    with pytest.raises(WebopsError):
        host.keep()
    host.supervisor.comes_to = RUNNING
    host.keep()


@pytest.mark.parametrize("name", ["blue", "green", "a b", "../router", ""])
def test_names_that_are_taken_or_lead_elsewhere_are_refused(params: dict[str, t.Any], name: str) -> None:
    with pytest.raises(InputError, match=r"service: '.*' is not usable"):
        program_of({**params, "service": name})


def test_its_files_lie_beside_those_of_the_slots(params: dict[str, t.Any]) -> None:
    program = program_of(params)
    assert program.name == "holdfast-orders-router"
    assert program.launcher == f"{params['root']}/services/router/run"
    assert program.log == f"{params['root']}/log/router.log"


def test_the_digest_tells_contents_and_files_apart(tmp_path: pathlib.Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("ab")
    two.write_text("c")
    before = digest([str(one), str(two)])
    one.write_text("a")
    two.write_text("bc")
    assert before != digest([str(one), str(two)])
    assert digest([str(one)]) != digest([str(two)])
    assert digest([]) == ""


def test_a_missing_file_is_named_before_anything_is_done(host: Keeping) -> None:
    pathlib.Path(host.params["configuration"][0]).unlink()
    with pytest.raises(InputError, match=r"configuration: there is no file .*router\.cfg"):
        host.keep()
    assert host.supervisor.done == []
