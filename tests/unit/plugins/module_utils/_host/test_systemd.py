"""What is asked of systemd, and what its answers mean."""

from __future__ import annotations

import configparser
import pathlib

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor import ABSENT
from ansible_collections.holdfast.webops.plugins.module_utils._host.systemd import Systemd, quoted

from .scripted_commands import ScriptedCommands, program

UNIT = "holdfast-orders-green.service"


def shown(active: str, sub: str = "x", pid: int = 0) -> str:
    return f"LoadState=loaded\nActiveState={active}\nSubState={sub}\nMainPID={pid}\nResult=success\nExecMainStartTimestampMonotonic=77\n"


def systemd(commands: ScriptedCommands, units: pathlib.Path, user_id: int = 0) -> Systemd:
    return Systemd(commands, user_id=user_id, units=str(units))


@pytest.mark.parametrize(
    ("answer", "state", "pid"),
    [
        (shown("active", "running", 42), "running", 42),
        (shown("activating", "auto-restart"), "starting", None),
        (shown("activating", "start", 43), "starting", 43),
        (shown("deactivating", "stop-sigterm", 42), "stopping", 42),
        (shown("failed", "failed"), "failed", None),
        (shown("inactive", "dead"), "stopped", None),
    ],
)
def test_a_state_is_read_from_what_systemctl_shows(tmp_path: pathlib.Path, answer: str, state: str, pid: int | None) -> None:
    status = systemd(ScriptedCommands({"show": (0, answer)}), tmp_path).status("holdfast-orders-green")
    assert (status.state, status.pid, status.begun) == (state, pid, "77")


def test_a_unit_that_is_not_known_is_absent(tmp_path: pathlib.Path) -> None:
    commands = ScriptedCommands({"show": (0, "LoadState=not-found\nActiveState=inactive\nSubState=dead\nMainPID=0\n")})
    assert systemd(commands, tmp_path).status("holdfast-orders-green") == ABSENT


def test_the_unit_names_no_secret_and_everything_else(tmp_path: pathlib.Path) -> None:
    text = systemd(ScriptedCommands(), tmp_path).unit(program()).decode()
    unit = configparser.RawConfigParser(strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    service = dict(unit["Service"])
    assert service["ExecStart"] == r'"/opt/venv/bin/app" "--greeting" "say \"hi\" 100%% $$HOME"'
    assert service["EnvironmentFile"] == "/srv/orders/slots/green/environment"
    assert service["WorkingDirectory"] == "/srv/orders/slots/green/current"
    assert (service["User"], service["Restart"], service["KillSignal"], service["TimeoutStopSec"]) == ("orders", "always", "SIGTERM", "20")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_without_a_user_the_unit_names_none(tmp_path: pathlib.Path) -> None:
    assert "User=" not in systemd(ScriptedCommands(), tmp_path).unit(program(user=None)).decode()


def test_a_new_unit_is_written_loaded_enabled_and_started(tmp_path: pathlib.Path) -> None:
    commands = ScriptedCommands()
    systemd(commands, tmp_path).start(program())
    assert (tmp_path / UNIT).read_bytes() == systemd(commands, tmp_path).unit(program())
    assert commands.asked == [
        "systemctl daemon-reload",
        f"systemctl enable --quiet {UNIT}",
        f"systemctl reset-failed {UNIT}",
        f"systemctl restart --no-block {UNIT}",
    ]


def test_a_unit_that_is_as_wanted_is_not_loaded_again(tmp_path: pathlib.Path) -> None:
    commands = ScriptedCommands()
    systemd(commands, tmp_path).start(program())
    systemd(commands, tmp_path).start(program())
    assert commands.asked.count("systemctl daemon-reload") == 1
    systemd(commands, tmp_path).start(program(stop_timeout=21))
    assert commands.asked.count("systemctl daemon-reload") == 2


@pytest.mark.parametrize(("enabled", "defined"), [(0, True), (1, False)])
def test_it_is_defined_when_the_unit_is_as_wanted_and_starts_with_the_host(tmp_path: pathlib.Path, enabled: int, defined: bool) -> None:
    host = systemd(ScriptedCommands({"is-enabled": (enabled, "")}), tmp_path)
    assert not host.is_defined(program())
    (tmp_path / UNIT).write_bytes(host.unit(program()))
    assert host.is_defined(program()) is defined
    assert not host.is_defined(program(user="other"))


def test_stopping_also_keeps_it_from_starting_with_the_host(tmp_path: pathlib.Path) -> None:
    commands = ScriptedCommands({"show": (0, shown("active", "running", 42))})
    systemd(commands, tmp_path).stop(program())
    assert [line for line in commands.asked if "show" not in line] == [f"systemctl stop {UNIT}", f"systemctl disable --quiet {UNIT}"]


def test_halting_changes_nothing_but_the_process(tmp_path: pathlib.Path) -> None:
    commands = ScriptedCommands({"show": (0, shown("active", "running", 42))})
    systemd(commands, tmp_path).halt(program())
    assert [line for line in commands.asked if "show" not in line] == [f"systemctl stop {UNIT}"]


def test_stopping_what_is_not_there_is_no_error(tmp_path: pathlib.Path) -> None:
    commands = ScriptedCommands({"show": (0, "LoadState=not-found\n"), "stop": (5, "not loaded")})
    systemd(commands, tmp_path).stop(program())
    assert all("show" in line for line in commands.asked)


def test_removing_takes_the_unit_away(tmp_path: pathlib.Path) -> None:
    commands = ScriptedCommands({"show": (0, shown("active", "running", 42))})
    host = systemd(commands, tmp_path)
    host.start(program())
    host.remove(program())
    assert list(tmp_path.iterdir()) == []
    assert commands.asked.count("systemctl daemon-reload") == 2


def test_an_ordinary_user_talks_to_the_own_systemd(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    commands = ScriptedCommands()
    host = systemd(commands, tmp_path, user_id=1234)
    host.start(program())
    assert all(line.startswith("systemctl --user ") for line in commands.asked)
    assert all(environment == {"XDG_RUNTIME_DIR": "/run/user/1234"} for environment in commands.environments)
    text = host.unit(program()).decode()
    assert "User=" not in text
    assert "WantedBy=default.target" in text
    assert host.log(program()) == f"journalctl --user --unit {UNIT}"


def test_the_last_words_come_from_the_journal(tmp_path: pathlib.Path) -> None:
    commands = ScriptedCommands({"journalctl": (0, "one\ntwo\n")})
    assert systemd(commands, tmp_path).output(program(), 20) == ["one", "two"]
    assert commands.asked == [f"journalctl --unit {UNIT} --lines 20 --no-pager --output cat"]


def test_what_systemctl_refuses_is_an_error(tmp_path: pathlib.Path) -> None:
    with pytest.raises(CommandError, match="Access denied"):
        systemd(ScriptedCommands({"daemon-reload": (1, "Access denied")}), tmp_path).start(program())


@pytest.mark.parametrize(
    ("word", "expected"), [("plain", '"plain"'), ("", '""'), ("a\\b", r'"a\\b"'), ("50%", '"50%%"'), ("$X", '"$$X"'), ("a\nb", r'"a\nb"')]
)
def test_arguments_are_quoted_as_execstart_wants_them(word: str, expected: str) -> None:
    assert quoted(word) == expected
