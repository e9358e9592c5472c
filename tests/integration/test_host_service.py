"""One program beside the slots under a real supervisord."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import sys
import typing as t

import pytest

from tests.integration.host_lab import PORTAL, HostLab, open_host
from tests.integration.module_child import fail, succeed
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator

# Notes what it has read, at its start and whenever it is told to read again.
PROGRAM = """\
import pathlib, signal, sys, time
configuration, seen = map(pathlib.Path, sys.argv[1:])
def read(*_signal):
    seen.write_text(configuration.read_text())
signal.signal(signal.SIGUSR2, read)
read()
while True:
    time.sleep(60)
"""


@dataclasses.dataclass(frozen=True)
class Service:
    """A router that is none, with its configuration file."""

    lab: HostLab
    configuration: pathlib.Path
    seen: pathlib.Path

    def options(self, **more: t.Any) -> dict[str, t.Any]:
        return {
            **self.lab.common,
            "service": "router",
            "command": [sys.executable, "-c", PROGRAM, str(self.configuration), str(self.seen)],
            "configuration": [str(self.configuration)],
            "reload_signal": "USR2",
            "start_timeout": 60,
            "stop_timeout": 5,
            **more,
        }

    def run(self, *, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
        return succeed("host_service", check=check, **self.options(**more))

    def refuse(self, *, check: bool = False, **more: t.Any) -> str:
        return str(fail("host_service", check=check, **self.options(**more))["msg"])

    def wait_until_read(self, content: str) -> None:
        """Until the program has read this configuration."""
        wait_for(lambda: self.seen.exists() and self.seen.read_text() == content, "the configuration to be read")

    def defined(self) -> bool:
        return (self.lab.conf_dir / f"holdfast-{PORTAL}-router.conf").exists()


@pytest.fixture(scope="module")
def lab() -> Iterator[HostLab]:
    with open_host() as lab:
        yield lab


@pytest.fixture
def service(lab: HostLab, tmp_path: pathlib.Path) -> Iterator[Service]:
    configuration = tmp_path / "router.cfg"
    configuration.write_text("first")
    service = Service(lab, configuration, tmp_path / "seen")
    yield service
    service.run(state="absent")


def test_it_is_started_once_and_then_left_alone(service: Service) -> None:
    first = service.run()
    service.wait_until_read("first")
    again = service.run()
    assert first["changed"]
    assert first["service"]["name"] == f"holdfast-{PORTAL}-router"
    assert first["service"]["state"] == "running"
    assert pathlib.Path(first["service"]["log"]).exists()
    assert not again["changed"]
    assert again["service"] == first["service"]


def test_a_changed_configuration_is_read_by_the_same_process(service: Service) -> None:
    before = service.run()
    service.wait_until_read("first")
    service.configuration.write_text("second")
    predicted = service.run(check=True)
    assert service.seen.read_text() == "first"
    after = service.run()
    service.wait_until_read("second")
    assert after["diff"] == predicted["diff"]
    assert after["changed"]
    assert after["service"]["pid"] == before["service"]["pid"]
    assert not service.run()["changed"]


def test_a_run_that_died_before_the_reload_is_mended_by_the_next(service: Service) -> None:
    service.run()
    service.wait_until_read("first")
    service.seen.unlink()
    (service.lab.root / "services/router/loaded").unlink()
    assert service.run()["changed"]
    service.wait_until_read("first")


def test_another_definition_is_another_process(service: Service) -> None:
    before = service.run()
    after = service.run(stop_timeout=6)
    assert after["changed"]
    assert after["service"]["pid"] != before["service"]["pid"]


def test_a_process_that_is_killed_comes_back_by_itself(service: Service) -> None:
    pid = service.run()["service"]["pid"]
    os.kill(pid, 9)
    wait_for(lambda: service.run(check=True)["service"]["pid"] not in (None, pid), "another process")


def test_check_mode_predicts_every_step_and_takes_none(service: Service) -> None:
    for state in ("started", "stopped", "started", "absent", "stopped"):
        defined = service.defined()
        predicted = service.run(check=True, state=state)
        assert service.defined() == defined
        real = service.run(state=state)
        assert (predicted["changed"], predicted["diff"]) == (real["changed"], real["diff"]), state


def test_stopped_ends_its_process_and_keeps_it_from_starting_with_the_machine(service: Service) -> None:
    pid = service.run()["service"]["pid"]
    stopped = service.run(state="stopped")
    assert (stopped["changed"], stopped["service"]["state"], stopped["service"]["pid"]) == (True, "stopped", None)
    assert not os.path.exists(f"/proc/{pid}")
    service.lab.restart_supervisord()
    again = service.run(state="stopped")
    assert (again["changed"], again["service"]["pid"]) == (False, None)


def test_absent_lets_the_supervisor_forget_it(service: Service) -> None:
    service.run()
    gone = service.run(state="absent")
    assert (gone["changed"], gone["service"]["state"]) == (True, "absent")
    assert not service.defined()
    assert not service.run(state="absent")["changed"]


def test_a_program_that_fails_is_quoted(service: Service) -> None:
    said = service.refuse(command=[sys.executable, "-c", "import sys; sys.exit('no port is left')"], start_timeout=4)
    assert "holdfast-orders-router did not start." in said
    assert said.splitlines()[-1] == "no port is left"


@pytest.mark.parametrize("check", [False, True])
def test_a_missing_configuration_file_is_refused_before_anything_is_touched(service: Service, check: bool) -> None:
    service.configuration.unlink()
    assert f"configuration: there is no file {service.configuration}." in service.refuse(check=check)
    assert not service.defined()
