"""A group of schedules on a host whose folders are a test's own; systemctl is not run, cron's script is."""

from __future__ import annotations

import configparser
import fcntl
import os
import subprocess
import typing as t
from pathlib import Path

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, Finished
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.keepers import Places
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.reconcile import reconcile


class KilledError(Exception):
    """The run ends here, with nothing cleaned up."""


class Systemctl(Commands):
    """Remembers what was asked, and the units as they were loaded; a timer that was enabled is active. The run ends at `killed_at`."""

    def __init__(self, units: Path) -> None:
        self.asked: list[str] = []
        self.enabled: set[str] = set()
        self.units = units
        self.loaded: dict[str, str] = {}
        self.killed_at = ""

    def run(self, argv: t.Sequence[str], **_rest: t.Any) -> Finished:
        if self.killed_at in argv:
            raise KilledError
        self.asked.append(" ".join(argv[1:]))
        timers = {word for word in argv if word.endswith(".timer")}
        if "daemon-reload" in argv:
            self.loaded = {path.name: path.read_text() for path in self.units.iterdir()}
        if "enable" in argv:
            self.enabled |= timers
        if "disable" in argv:
            self.enabled -= timers
        blocks = [self._shown(word) for word in argv if word.endswith((".timer", ".service"))]
        return Finished(tuple(argv), 0, "\n\n".join(blocks).encode() if "show" in argv else b"", b"")

    def _shown(self, unit: str) -> str:
        states = "ActiveState=active\nUnitFileState=enabled" if unit in self.enabled else "ActiveState=inactive\nUnitFileState="
        stale = self.loaded.get(unit) not in (None, (self.units / unit).read_text())
        return f"{states}\nNeedDaemonReload={'yes' if stale else 'no'}"


class Host:
    """A host with systemd, or with cron alone."""

    def __init__(self, folder: Path, *, systemd: bool = True) -> None:
        self.folder, self.systemctl = folder, Systemctl(folder / "units")
        self.places = Places(*(str(folder / name) for name in ("booted", "units", "stamps", "cron.d")))
        for name in ("units", "stamps", "cron.d", "state", *(["booted"] if systemd else [])):
            (folder / name).mkdir()
        self.program = folder / "work"
        self.program.write_text(f'#!/bin/sh\necho "$1 $GREETING" >> {folder}/done\nexit 0\n')
        self.program.chmod(0o755)

    def job(self, name: str = "shop-database", **changes: t.Any) -> dict[str, t.Any]:
        given: dict[str, t.Any] = {
            "name": name,
            "description": "Back up 100 %",
            "command": [str(self.program), "a b$c"],
            "calendar": "0 2 * * *",
        }
        return {"interval": None, "jitter": 0, "timeout": 60, **given, **changes}

    def run(self, *jobs: dict[str, t.Any], check: bool = False, **changes: t.Any) -> Outcome:
        given: dict[str, t.Any] = {
            "group": "shop",
            "directory": str(self.folder / "state"),
            "user": "root",
            "environment": {"GREETING": "it's $5"},
            "environment_file": None,
            "writable": [],
            "needs": [],
            "manager": "auto",
        }
        call = Call({**given, "schedules": list(jobs), **changes}, check, lambda _: None, lambda _: None, lambda value: value)
        return reconcile(call, self.systemctl, self.places)

    def unit(self, name: str) -> configparser.ConfigParser:
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read(self.folder / "units" / name)
        return parser

    def script(self, how: str, **options: t.Any) -> int:
        path = self.folder / "logger"
        path.write_text(f'#!/bin/sh\nif [ $# -gt 2 ]; then echo "$4" >> {self.folder}/log; else cat >> {self.folder}/log; fi\n')
        path.chmod(0o755)
        env = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"}
        return subprocess.run(["sh", str(self.folder / "state/shop-database.sh"), how], env=env, check=False, **options).returncode

    def text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture
def old_host(tmp_path: Path) -> Host:
    return Host(tmp_path, systemd=False)


def test_a_schedule_is_a_timer_that_makes_up_for_missed_runs_and_a_service_with_a_lock(host: Host) -> None:
    assert host.run(host.job(jitter=600)).changed
    timer, service = host.unit("shop-database.timer")["Timer"], host.unit("shop-database.service")["Service"]
    assert dict(timer) == {"OnCalendar": "*-*-* 02:00:00", "RandomizedDelaySec": "600", "AccuracySec": "1", "Persistent": "true"}
    assert service["ExecStart"].startswith('"/usr/bin/flock" "--nonblock"')
    assert service["ExecStart"].endswith('"a b$$c"')
    assert service["SuccessExitStatus"] == "75"
    assert host.systemctl.asked[-3:-1] == ["enable --quiet shop-database.timer", "restart shop-database.timer"]


def test_check_mode_says_the_same_and_writes_nothing_and_a_second_run_changes_nothing(host: Host) -> None:
    predicted = host.run(host.job(), check=True)
    assert host.text("units/shop-database.timer") == ""
    assert predicted.as_result()["diff"] == host.run(host.job()).as_result()["diff"]
    assert not host.run(host.job()).changed


def test_what_is_not_listed_any_more_is_removed_and_what_belongs_to_others_stays(host: Host) -> None:
    host.run(host.job(), host.job("shop-storage"))
    host.run(host.job("other-database"), group="other")
    (host.folder / "units/sshd.service").write_text("[Unit]\n")
    (host.folder / "stamps/stamp-shop-storage.timer").touch()
    done = host.run(host.job())
    assert (done.changed, done.values["removed"]) == (True, ["shop-storage"])
    left = sorted(path.name for path in (host.folder / "units").iterdir())
    assert left == ["other-database.service", "other-database.timer", "shop-database.service", "shop-database.timer", "sshd.service"]
    assert not (host.folder / "stamps/stamp-shop-storage.timer").exists()
    assert host.systemctl.enabled == {"shop-database.timer", "other-database.timer"}


def test_a_timer_that_somebody_switched_off_is_on_again(host: Host) -> None:
    host.run(host.job())
    host.systemctl.enabled.clear()
    assert host.run(host.job()).changed
    assert host.systemctl.enabled == {"shop-database.timer"}


@pytest.mark.parametrize("changes", [{"calendar": "0 3 * * *"}, {"timeout": 61}], ids=["timer", "service"])
@pytest.mark.parametrize("moment", ["daemon-reload", "restart"])
def test_a_run_that_was_killed_after_it_had_written_files_is_finished_by_the_next(
    host: Host, moment: str, changes: dict[str, t.Any]
) -> None:
    host.run(host.job())
    host.systemctl.killed_at = moment
    with pytest.raises(KilledError):
        host.run(host.job(**changes))
    host.systemctl.killed_at = ""
    host.run(host.job(**changes))
    now = {path.name: path.read_text() for path in (host.folder / "units").iterdir()}
    assert (host.systemctl.loaded, host.systemctl.enabled) == (now, {"shop-database.timer"})
    assert not host.run(host.job(**changes)).changed


def test_a_name_that_another_group_has_is_refused(host: Host) -> None:
    host.run(host.job(), group="other")
    with pytest.raises(ConflictError, match="belongs to another group"):
        host.run(host.job())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"command": ["/nowhere/ansible-playbook"]},
            "there is no /nowhere/ansible-playbook, which shop-database needs. Nothing was touched.",
        ),
        ({"command": ["work"]}, "does not begin with the absolute path"),
        ({"name": "shop.database"}, "'shop.database' cannot be the name of a timer"),
        ({"calendar": None}, "needs either calendar or interval"),
        ({"interval": 5}, "needs either calendar or interval"),
        ({"jitter": -1}, "jitter of shop-database is -1"),
        ({"calendar": "0 25 * * *"}, "'25' is no hour"),
        ({"description": "a\nUser=x"}, "line break"),
    ],
)
def test_a_schedule_that_could_not_run_is_refused_before_anything_is_written(host: Host, changes: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        host.run(host.job(**changes))
    assert list((host.folder / "units").iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user": "shop\nExecStartPre=/bin/false"}, "cannot be a user"),
        ({"user": "nobody-of-that-name"}, "there is no user nobody-of-that-name"),
        ({"directory": "var/lib/shop"}, "directory: 'var/lib/shop' is not an absolute path"),
        ({"environment_file": "/etc/shop.env\nUser=x"}, "environment_file: .* without blanks"),
        ({"writable": ["/srv/shop files"]}, "writable: '/srv/shop files' is not an absolute path without blanks"),
    ],
)
def test_surroundings_in_which_nothing_could_run_are_refused_before_anything_is_written(
    host: Host, changes: dict[str, t.Any], said: str
) -> None:
    with pytest.raises(InputError, match=f"(?s){said}"):
        host.run(host.job(), **changes)
    assert list((host.folder / "units").iterdir()) == []


def test_two_schedules_of_one_name_and_a_missing_file_are_refused(host: Host) -> None:
    with pytest.raises(InputError, match="two of the name"):
        host.run(host.job(), host.job())
    with pytest.raises(InputError, match="no /nowhere/inventory"):
        host.run(host.job(), needs=["/nowhere/inventory"])


def test_an_interval_is_counted_from_the_end_and_needs_systemd(host: Host) -> None:
    host.run(host.job(calendar=None, interval=60))
    assert host.unit("shop-database.timer")["Timer"]["OnUnitInactiveSec"] == "60"
    with pytest.raises(InputError, match="which cron does not know"):
        host.run(host.job(calendar=None, interval=60), manager="cron")


def test_without_systemd_cron_runs_the_command_and_logs_what_it_says(old_host: Host) -> None:
    assert old_host.run(old_host.job()).values["manager"] == "cron"
    lines = old_host.text("cron.d/shop-database").splitlines()
    assert [line.split(" root ")[0] for line in lines[3:]] == ["0 2 * * *", "@reboot", "23 * * * *"]
    assert old_host.script("scheduled") == 0
    assert old_host.text("done") == "a b$c it's $5\n"
    assert old_host.text("log") == "Done.\n"
    assert not old_host.run(old_host.job()).changed


def test_cron_makes_up_for_a_run_that_was_missed_and_only_for_that(old_host: Host) -> None:
    old_host.run(old_host.job())
    stamp = old_host.folder / "state/shop-database.stamp"
    assert old_host.script("missed") == 0
    assert old_host.text("done") == "", "nothing was missed since the schedule was made"
    os.utime(stamp, (stamp.stat().st_mtime - 25 * 3600,) * 2)
    assert old_host.script("missed") == 0
    assert old_host.text("done").count("\n") == 1
    assert old_host.script("missed") == 0
    assert old_host.text("done").count("\n") == 1


def test_cron_runs_nothing_a_second_time_while_it_runs(old_host: Host) -> None:
    old_host.run(old_host.job())
    with (old_host.folder / "state/shop-database.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert old_host.script("scheduled") == 75
    assert old_host.text("done") == ""
    assert "Another run has the lock" in old_host.text("log")


def test_a_failure_under_cron_is_logged_with_its_exit_code(old_host: Host) -> None:
    old_host.run(old_host.job())
    old_host.program.write_text("#!/bin/sh\necho oh no >&2\nexit 3\n")
    old_host.script("scheduled")
    assert old_host.text("log") == "oh no\nFailed with exit code 3.\n"


def test_an_empty_list_takes_the_files_of_cron_away(old_host: Host) -> None:
    old_host.run(old_host.job())
    assert old_host.run().values["removed"] == ["shop-database"]
    assert list((old_host.folder / "cron.d").iterdir()) == []
    with pytest.raises(InputError, match="there is no folder"):
        old_host.run(old_host.job(), directory="/nowhere/state")


def test_a_host_that_keeps_no_time_is_refused(tmp_path: Path) -> None:
    host = Host(tmp_path, systemd=False)
    (tmp_path / "cron.d").rmdir()
    with pytest.raises(InputError, match=r"there is no .*cron\.d and no .*booted"):
        host.run(host.job())
