"""Releases on slots under a real supervisord."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import socket
import stat
import tarfile
import typing as t

import pytest

from tests.integration.host_lab import SECRET, HostLab, Release, open_host
from tests.integration.module_child import result_of, start_module
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shared() -> Iterator[HostLab]:
    with open_host() as lab:
        yield lab


@pytest.fixture
def lab(shared: HostLab) -> Iterator[HostLab]:
    yield shared
    for slot in ("blue", "green"):
        if (shared.root / "slots" / slot).exists():
            shared.run(slot, state="absent")
    (shared.root / "fence").unlink(missing_ok=True)


@pytest.fixture
def one(shared: HostLab) -> Release:
    return shared.release("1.0")


@pytest.fixture
def two(shared: HostLab) -> Release:
    return shared.release("1.1")


def application(lab: HostLab, slot: str) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", json.loads(lab.get(slot)))


def test_a_release_is_unpacked_started_and_healthy(lab: HostLab, one: Release) -> None:
    result = lab.run("blue", one)
    assert result["changed"]
    assert (result["slot"]["state"], result["slot"]["version"], result["previous"]) == ("running", "1.0", None)
    assert result["health"]["status"] == 200
    seen = application(lab, "blue")
    assert seen["version"] == "1.0"
    assert seen["directory"] == result["slot"]["directory"] == str(lab.root / "releases" / one.id)


def test_what_runs_already_is_left_alone(lab: HostLab, one: Release) -> None:
    pid = lab.run("blue", one)["slot"]["pid"]
    again = lab.run("blue", one)
    assert not again["changed"]
    assert again["slot"]["pid"] == pid
    assert again["diff"]["before"] == again["diff"]["after"]


def test_check_mode_touches_nothing_and_predicts_what_then_happens(lab: HostLab, one: Release, two: Release) -> None:
    steps: list[tuple[Release, dict[str, t.Any]]] = [(one, {}), (one, {}), (two, {}), (two, {"environment": {"LEVEL": "debug"}})]
    for release, more in steps:
        before = lab.slots()
        predicted = lab.run("green", release, check=True, **more)
        assert lab.slots() == before
        real = lab.run("green", release, **more)
        assert (predicted["changed"], predicted["diff"]) == (real["changed"], real["diff"])
    for state in ("stopped", "stopped", "absent", "absent"):
        predicted = lab.run("green", check=True, state=state)
        real = lab.run("green", state=state)
        assert (predicted["changed"], predicted["diff"]) == (real["changed"], real["diff"])


def test_any_difference_starts_the_slot_anew(lab: HostLab, one: Release) -> None:
    pid = lab.run("blue", one)["slot"]["pid"]
    options: dict[str, t.Any] = {}
    differences: list[dict[str, t.Any]] = [
        {"environment": {"LEVEL": "debug"}},
        {"secret_environment": {"TOKEN": "another-secret-value"}},
        {"stop_timeout": 7},
        {"health_path": "/other"},
    ]
    for difference in differences:
        options |= difference
        changed = lab.run("blue", one, **options)
        assert changed["changed"], difference
        assert changed["slot"]["pid"] != pid, difference
        assert not lab.run("blue", one, **options)["changed"], difference
        pid = changed["slot"]["pid"]


def test_a_slot_whose_process_does_not_answer_is_started_anew(lab: HostLab, one: Release) -> None:
    pid = lab.run("blue", one, stop_timeout=1)["slot"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    result = lab.run("blue", one, stop_timeout=1)
    assert result["changed"]
    assert result["diff"]["before"]["healthy"] is False
    assert result["slot"]["pid"] != pid


def test_a_process_that_dies_comes_back_by_itself(lab: HostLab, one: Release) -> None:
    os.kill(lab.run("blue", one)["slot"]["pid"], signal.SIGKILL)
    wait_until_served(lab, "blue", "1.0")


def test_after_a_restart_of_the_machine_the_started_slot_runs_and_the_stopped_one_does_not(
    lab: HostLab, one: Release, two: Release
) -> None:
    lab.run("blue", one)
    lab.run("green", two)
    lab.run("green", state="stopped")
    lab.restart_supervisord()
    wait_until_served(lab, "blue", "1.0")
    assert lab.slots()["green"]["state"] == "stopped"
    assert not lab.run("blue", one)["changed"]


def test_the_two_slots_do_not_disturb_each_other(lab: HostLab, one: Release, two: Release) -> None:
    blue = lab.run("blue", one)["slot"]["pid"]
    lab.run("green", two)
    lab.run("green", state="stopped")
    slots = lab.slots()
    assert (slots["blue"]["pid"], slots["blue"]["state"]) == (blue, "running")
    assert (slots["green"]["version"], slots["green"]["state"], slots["green"]["pid"]) == ("1.1", "stopped", None)


def test_a_stopped_slot_starts_again_without_its_artifact(lab: HostLab, one: Release) -> None:
    lab.run("blue", one)
    lab.run("blue", state="stopped")
    options = lab.options("blue", one)
    result = lab.run("blue", one, artifact=None)
    assert options["artifact"]
    assert (result["changed"], result["slot"]["state"]) == (True, "running")


def test_the_application_gets_its_environment_and_nothing_of_the_supervisors(lab: HostLab, one: Release) -> None:
    odd = {
        "QUOTES": "a\"b'c",
        "SHELL_SIGNS": "$HOME `id` \\n $(id)",
        "LINES": "one\ntwo",
        "EMPTY": "",
        "NUMBER": 5,
        "YES": True,
        "PORT": "keep",
    }
    del odd["PORT"]
    lab.run("blue", one, environment=odd)
    seen = application(lab, "blue")["environment"]
    expected = {
        **{name: str(value) for name, value in odd.items()},
        "YES": "true",
        "TOKEN": SECRET,
        "HOST": "127.0.0.1",
        "PORT": str(lab.ports["blue"]),
        "HOLDFAST_PORTAL": "orders",
        "HOLDFAST_SLOT": "blue",
        "HOLDFAST_RELEASE": one.id,
        "HOLDFAST_VERSION": "1.0",
        "HOLDFAST_COMMIT": "commit-1.0",
    }
    assert expected.items() <= seen.items()
    assert "OF_SUPERVISORD" not in seen


def test_secrets_are_in_one_private_file_and_nowhere_else(lab: HostLab, one: Release) -> None:
    result = lab.run("blue", one)
    assert SECRET not in result["raw"]
    output = lab.root / "log"  # the application says its secret itself
    files = [path for path in lab.home.rglob("*") if path.is_file() and output not in path.parents]
    holding = {path for path in files if SECRET.encode() in path.read_bytes()}
    environment = lab.root / "slots/blue/environment"
    assert holding == {environment}
    assert stat.S_IMODE(environment.stat().st_mode) == 0o600
    assert stat.S_IMODE((lab.root / "slots/blue/release.json").stat().st_mode) == 0o600
    argv = pathlib.Path(f"/proc/{result['slot']['pid']}/cmdline").read_bytes()
    assert SECRET.encode() not in argv


def test_a_release_that_crashes_at_its_start_is_told_with_its_last_words(lab: HostLab, one: Release) -> None:
    lab.run("green", one)
    bad = lab.release("1.2", start="raise SystemExit('no table for ' + os.environ['TOKEN'])")
    result = lab.fail("green", bad)
    assert "Its process ended 2 times" in result["msg"]
    assert "nobody listens" in result["msg"]
    assert "no table for ********" in result["msg"]
    assert result["previous"]["version"] == "1.0"
    assert SECRET not in result["raw"]
    assert lab.slots()["green"]["state"] == "stopped"


@pytest.mark.parametrize(("status", "said"), [(301, "answered 301 to /login"), (500, "answered 500"), (404, "answered 404")])
def test_a_release_that_is_not_healthy_is_told_with_its_last_answer(lab: HostLab, status: int, said: str) -> None:
    # A busy machine may need longer than the first deadline until there is an answer.
    for seconds in (2, 30):
        result = lab.fail("blue", lab.release(f"1.{status}", status=status), start_timeout=seconds)
        if result["health"]["status"]:
            break
    assert said in result["msg"]
    assert result["health"]["status"] == status
    assert "(pid " in result["listening"][0]
    assert lab.slots()["blue"]["state"] == "stopped"


def test_a_release_that_never_listens_ends_by_the_deadline(lab: HostLab) -> None:
    result = lab.fail("blue", lab.release("1.9", start="time.sleep(600)"), start_timeout=2)
    assert "Waited 2 s" in result["msg"]
    assert "HOST and PORT" in result["msg"]


def test_after_a_failed_start_the_good_release_can_be_started(lab: HostLab, one: Release) -> None:
    lab.fail("blue", lab.release("1.9", start="time.sleep(600)"), start_timeout=2)
    assert lab.run("blue", one)["slot"]["state"] == "running"


def test_an_application_that_ignores_sigterm_is_killed_after_its_time(lab: HostLab, one: Release) -> None:
    stubborn = lab.release("1.8", start="signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal = lambda *a: None")
    pid = lab.run("blue", stubborn, stop_timeout=1)["slot"]["pid"]
    lab.run("blue", state="stopped", stop_timeout=1)
    assert not pathlib.Path(f"/proc/{pid}").exists()


def test_a_slot_starts_with_the_limits_that_its_supervisor_can_keep(lab: HostLab, one: Release) -> None:
    result = lab.run("green", one, limits={"open_files": 123, "memory": "2G", "cpu": 0.5})
    shown = pathlib.Path(f"/proc/{result['slot']['pid']}/limits").read_text().splitlines()
    kept = {line[:26].strip(): line[26:].split()[:2] for line in shown}
    assert (kept["Max open files"], kept["Max address space"]) == (["123", "123"], [str(2 << 30)] * 2)
    assert "limits.cpu: the supervisor of this host cannot limit it" in result["raw"]
    assert not lab.run("green", one, limits={"open_files": 123, "memory": "2G", "cpu": 0.5})["changed"]
    assert lab.run("green", one)["changed"]


def test_a_taken_port_is_told_with_who_has_it(lab: HostLab, one: Release) -> None:
    with socket.create_server(("127.0.0.1", lab.ports["blue"])):
        result = lab.fail("blue", one)
    assert f"port: {lab.ports['blue']} is taken by" in result["msg"]
    assert f"(pid {os.getpid()})" in result["msg"]


def test_an_artifact_with_another_checksum_is_refused_and_nothing_is_touched(lab: HostLab, one: Release, two: Release) -> None:
    pid = lab.run("blue", one)["slot"]["pid"]
    for check in (True, False):
        result = lab.fail("blue", two, check=check, artifact_sha256="0" * 64)
        assert f"has the SHA-256 {two.sha256}, not {'0' * 64}" in result["msg"]
    assert lab.slots()["blue"]["pid"] == pid


def test_an_id_that_stands_for_another_artifact_is_refused(lab: HostLab, one: Release, two: Release) -> None:
    lab.run("blue", one)
    result = lab.fail("green", one, artifact=two.path, artifact_sha256=two.sha256)
    assert "is unpacked already, from an artifact with SHA-256" in result["msg"]


def test_a_missing_artifact_is_an_error_and_in_check_mode_a_warning(lab: HostLab) -> None:
    new = lab.release("2.0")
    gone = f"{new.path}.gone"
    assert "there is no" in lab.fail("blue", new, artifact=gone)["msg"]
    predicted = lab.run("blue", new, check=True, artifact=gone)
    assert predicted["changed"]
    assert "checksum could not be looked at" in str(predicted["warnings"])


@pytest.mark.parametrize("name", ["../escaped", "/tmp/holdfast-escaped", "a/../../escaped"])
def test_an_archive_that_leads_out_of_its_folder_is_refused(lab: HostLab, name: str) -> None:
    result = lab.fail("blue", lab.pack("3.0", {"app.py": b"", name: b"x"}))
    assert "lies outside of the release" in result["msg"]
    assert not list(lab.home.rglob("escaped"))
    assert not (lab.root / "releases/3.0-20261121T223000Z").exists()


def test_an_archive_with_a_device_is_refused(lab: HostLab) -> None:
    device = tarfile.TarInfo("null")
    device.type, device.devmajor, device.devminor = tarfile.CHRTYPE, 1, 3
    assert "is no file, folder or link" in lab.fail("blue", lab.pack("3.1", {"app.py": b""}, device))["msg"]


def test_a_file_that_is_no_archive_is_refused(lab: HostLab, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "app.tar.gz"
    path.write_bytes(b"hello")
    new = lab.release("3.2")
    assert "cannot be unpacked" in lab.fail("blue", new, artifact=str(path), artifact_sha256=None)["msg"]


def test_a_folder_can_be_the_artifact(lab: HostLab, one: Release, tmp_path: pathlib.Path) -> None:
    with tarfile.open(one.path) as archive:
        archive.extractall(tmp_path)  # noqa: S202 (our own; Python 3.11.2 has no filters)
    new = Release("4.0-a", "4.0", str(tmp_path), "")
    assert lab.run("blue", new)["slot"]["version"] == "4.0"
    assert not lab.run("blue", new)["changed"]
    assert application(lab, "blue")["version"] == "1.0"


def test_old_releases_are_removed_and_those_of_the_slots_stay(lab: HostLab) -> None:
    releases = [lab.release(f"5.{number}") for number in range(3)]
    lab.run("blue", releases[0], keep_releases=2)
    gone = [name for release in releases[1:] for name in lab.run("green", release, keep_releases=2)["pruned"]]
    assert releases[1].id in gone
    left = {path.name for path in (lab.root / "releases").iterdir()}
    assert left == {releases[0].id, releases[2].id}


def test_a_run_that_was_fenced_off_is_refused(lab: HostLab, one: Release) -> None:
    lab.run("blue", one, fencing=7)
    result = lab.fail("blue", fencing=6, state="stopped")
    assert "fencing: 6 is older than 7" in result["msg"]
    assert lab.slots()["blue"]["state"] == "running"
    assert lab.run("blue", fencing=7, state="stopped")["changed"]


def test_an_absent_slot_leaves_no_trace_of_its_program(lab: HostLab, one: Release) -> None:
    lab.run("blue", one)
    lab.run("blue", state="absent")
    assert list(lab.conf_dir.glob("*blue*")) == []
    assert not (lab.root / "slots/blue").exists()
    assert lab.slots()["blue"]["state"] == "absent"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"root": "relative"}, "root: "),
        ({"root": "/tmp/with blank"}, "root: '/tmp/with blank' is not usable"),
        ({"root": "/"}, "root: '/' is not usable"),
        ({"portal": "Orders!"}, "portal: 'Orders!' is not a portal name"),
        ({"port": 0}, "port: 0 is not a TCP port"),
        ({"health_path": "health"}, "health_path: 'health' is not the path of a URL"),
        ({"user": "nobody-of-that-name"}, "user: there is no user"),
        ({"command": []}, "command: it is empty"),
        ({"keep_releases": 1}, "keep_releases: 1 is too small"),
        ({"start_timeout": 0}, "start_timeout: 0"),
        ({"release": {"id": "../up", "version": "1"}}, "release.id: '../up' cannot name a folder"),
        ({"environment": {"1X": "a"}}, "environment.1X: '1X' is not the name"),
        ({"environment": {"LIST": [1]}}, "environment.LIST is neither text nor a number"),
        ({"environment": {"URL": "postgresql://u:hunter22@h/d"}}, "environment.URL is a URL with a password"),
        ({"environment": {"TOKEN": "x"}}, "TOKEN is in environment and in secret_environment"),
        ({"secret_environment": {"LEVEL2": "info"}}, "secret_environment.LEVEL2 is shorter than 6 characters"),
        ({"supervisor_conf_dir": "/nowhere"}, "supervisor_conf_dir: there is no folder /nowhere"),
        ({"supervisor_socket": "/nowhere.sock"}, "supervisord does not answer at /nowhere.sock"),
        ({"supervisorctl": "no-such-supervisorctl"}, "no-such-supervisorctl"),
        ({"slot": "red"}, "slot"),
        ({"release": None}, "release: it is null"),
        ({"limits": {"memory": "plenty"}}, "limits.memory: 'plenty' is no size"),
    ],
)
def test_bad_input_is_told_and_nothing_is_touched(lab: HostLab, one: Release, more: dict[str, t.Any], said: str) -> None:
    result = lab.fail("blue", one, **more)
    assert said in result["msg"]
    assert lab.slots()["blue"]["state"] == "absent"


def test_two_runs_at_once_wait_for_each_other(lab: HostLab, one: Release, two: Release) -> None:
    children = [start_module("host_slot", **lab.options("blue", release)) for release in (one, two)]
    results = [result_of(child) for child in children]
    assert not any(result.get("failed") for result in results), [result["raw"] for result in results]
    assert application(lab, "blue")["version"] == lab.slots()["blue"]["version"]


def wait_until_served(lab: HostLab, slot: str, version: str) -> None:
    def served() -> bool:
        with contextlib.suppress(OSError):
            return bool(application(lab, slot)["version"] == version)
        return False

    wait_for(served, f"version {version} on {slot}")
