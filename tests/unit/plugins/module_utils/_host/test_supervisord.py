"""What is written for supervisord. How it answers is tested against a real one, in the integration tests."""

from __future__ import annotations

import configparser
import pathlib
import shlex

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisord import Supervisord

from .scripted_commands import ScriptedCommands, program


@pytest.fixture
def supervisord(tmp_path: pathlib.Path) -> Supervisord:
    return Supervisord(ScriptedCommands(), socket=str(tmp_path / "none.sock"), conf_dir=str(tmp_path), supervisorctl="supervisorctl")


def test_the_program_starts_in_an_empty_environment_and_names_no_secret(supervisord: Supervisord) -> None:
    section = configparser.RawConfigParser()
    section.read_string(supervisord.section(program()).decode())
    found = dict(section["program:holdfast-orders-green"])
    assert shlex.split(found["command"])[:2] == ["/usr/bin/env", "-i"]
    assert shlex.split(found["command"])[-2:] == ["/bin/sh", "/srv/orders/slots/green/run"]
    assert "environment" not in found
    assert (found["autostart"], found["autorestart"], found["stopsignal"], found["stopwaitsecs"]) == ("true", "true", "TERM", "20")
    assert (found["redirect_stderr"], found["stdout_logfile"]) == ("true", "/srv/orders/log/green.log")


def test_the_launcher_becomes_the_application(supervisord: Supervisord) -> None:
    lines = supervisord.launcher(program()).decode().splitlines()
    assert lines[0] == "#!/bin/sh"
    assert shlex.split(lines[-1]) == ["exec", "/opt/venv/bin/app", "--greeting", 'say "hi" 100% $HOME']


def test_a_supervisord_that_does_not_run_is_told(supervisord: Supervisord) -> None:
    with pytest.raises(CommandError, match=r"does not answer at .*none\.sock: No such file or directory\. Start it"):
        supervisord.status("holdfast-orders-green")


def test_a_folder_that_is_not_there_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(InputError, match=r"^supervisor_conf_dir: there is no folder"):
        Supervisord(ScriptedCommands(), socket="s", conf_dir=str(tmp_path / "none"), supervisorctl="c")
