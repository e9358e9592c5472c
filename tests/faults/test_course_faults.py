"""Harm done to a deploy while it runs, on a real host, under users: they are served, the ledger tells it, the next run completes.

`make test` runs a few of these; `make faults` runs all.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import os
import random
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from tests.conformance.platform.adapters import Behaviour
from tests.conformance.platform.environment import DEPLOY, PORTAL, Environment
from tests.conformance.platform.host import HostPlatform, open_platform
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator

WATCHED: dict[str, t.Any] = {"window": 2, "max_window": 60, "min_samples": 40, "objectives": {"error_rate_bad": 0.05}}
RANDOM_KILLS = 50
CLOCK = Path(__file__).with_name("clock")
STAGE, SHIFT, AFTER_SHIFT = "Start the release on the idle slot", "Give a slot its share", "Record | shift.completed, shift.started"
LISTENER = "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); print('there', flush=True); sys.stdin.read()"
FILL = "import sys; f = open(sys.argv[1], 'wb', 0)\ntry:\n    while f.write(bytes(65536)): pass\nexcept OSError: pass"
WAIT = "import pathlib, sys, time\npathlib.Path(sys.argv[1]).touch()\nwhile not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.05)"


@dataclasses.dataclass
class Host:
    """The environment, and what tests of this platform know of it."""

    environment: Environment
    platform: HostPlatform
    releases: int = 0

    @property
    def store(self) -> Path:
        return self.environment.folder / "store"

    @property
    def router(self) -> Path:
        return self.platform.lab.root / "router"

    def next_version(self) -> str:
        self.releases += 1
        return f"7.{self.releases}"


@contextlib.contextmanager
def open_portal(folder: Path, *, small_disk: bool = False) -> Iterator[Host]:
    """A portal with two good releases: one is live, the other is warm."""
    with contextlib.ExitStack() as stack:
        platform = stack.enter_context(open_platform())
        if small_disk:
            stack.enter_context(on_a_small_disk(platform.lab.root))
        environment = Environment(platform, folder)
        environment.done({"file": "provision"})
        host = Host(environment, platform)
        for _release in range(2):
            environment.must_deploy(host.next_version())
        yield host


@contextlib.contextmanager
def on_a_small_disk(folder: Path) -> Iterator[None]:
    """A file system of its own for a folder, so that filling it harms nobody else."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with open_portal(tmp_path_factory.mktemp("faults")) as host:
        yield host


def python(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


def store_goes_away(host: Host) -> list[str]:
    """A file where the folder was, so that root cannot write there either."""
    return ["sh", "-c", f"mv {host.store} {host.store}.away && touch {host.store}"]


def store_comes_back(host: Host) -> None:
    if host.store.is_file():
        host.store.unlink()
        Path(f"{host.store}.away").rename(host.store)


@pytest.mark.parametrize(
    ("before", "outcome"),
    [
        pytest.param(AFTER_SHIFT, "did not go live", id="while half of the users are on the new release"),
        pytest.param("Record | stage.completed", "did not go live", id="before any user is", marks=pytest.mark.nightly),
        pytest.param("Record | retire.completed", "keeps it", id="after the last step", marks=pytest.mark.nightly),
    ],
)
def test_a_store_that_is_gone_in_the_middle_is_named_and_users_are_served(host: Host, before: str, outcome: str) -> None:
    environment, version, old = host.environment, host.next_version(), host.environment.served()
    with environment.users(slow=1) as visitors:
        run = environment.deploy(version, sabotage={"before": before, "run": store_goes_away(host)})
        store_comes_back(host)
        assert run.returncode > 0, run.output
        assert str(host.store) in run.output
        assert environment.served() == (old if outcome == "did not go live" else version)
        environment.must_deploy(version)
    assert visitors.failures == []


def test_a_host_that_cannot_be_reached_is_named_before_anything_is_touched(host: Host) -> None:
    environment, old, events = host.environment, host.environment.served(), len(host.environment.events())
    environment.away.touch()
    run = environment.deploy(host.next_version())
    environment.away.unlink()
    assert run.returncode > 0, run.output
    assert run.complaint == f"{PORTAL} cannot be reached: No route to host. Nothing was touched."
    assert (environment.served(), len(environment.events())) == (old, events)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("before", "live"),
    [
        pytest.param(SHIFT, False, id="before any user is on the new release"),
        pytest.param("Record | shift.completed", False, id="while half of them are"),
        pytest.param("Record | retire.completed", True, id="after the last step"),
    ],
)
def test_a_host_that_cannot_be_reached_any_more_is_named_and_users_are_served(host: Host, before: str, live: bool) -> None:
    environment, version, old = host.environment, host.next_version(), host.environment.served()
    with environment.users(slow=1) as visitors:
        run = environment.deploy(version, sabotage={"before": before, "run": ["touch", str(environment.away)]})
        environment.away.unlink()
        assert run.returncode > 0, run.output
        assert f"{PORTAL} cannot be reached: No route to host" in run.complaint
        # Where half of them are on each, a router that cannot be reached goes on like that.
        assert environment.served() in ({version} if live else {old, version} if "shift" in before else {old})
        environment.must_deploy(version)
    assert visitors.failures == []


def test_of_two_people_who_deploy_at_once_one_is_told_of_the_other_and_both_get_done(host: Host, tmp_path: Path) -> None:
    environment, first, second = host.environment, host.next_version(), host.next_version()
    inside, go_on = tmp_path / "inside", tmp_path / "go-on"
    harm = {"before": SHIFT, "run": python(WAIT, inside, go_on)}
    argv, variables, _journal = environment.command(DEPLOY, sabotage=harm, **environment.wanted(first))
    with environment.users(slow=1) as visitors:
        child = subprocess.Popen(argv, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(inside.exists, "the first deploy to be in its middle", seconds=300)
            refused = environment.deploy(second, portal_operator="bob")
        finally:
            go_on.touch()
            child.wait(timeout=300)
        assert child.returncode == 0
        assert refused.returncode > 0
        assert f"held by conformance (deploy {first}-" in refused.complaint
        assert refused.changed == []
        environment.must_serve(first)
    assert visitors.failures == []


@pytest.mark.nightly
@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_jumps_in_the_middle_of_a_deploy_and_back_after_it_stops_neither(host: Host, days: int) -> None:
    environment, version = host.environment, host.next_version()
    with environment.users(slow=1) as visitors:
        run = environment.deploy(version, sabotage={"after": SHIFT, "kill_before": 2})
        assert run.returncode == -signal.SIGKILL, run.output
        argv, variables, _journal = environment.command(DEPLOY, **environment.wanted(version))
        variables |= {"CLOCK_DAYS": str(days), "PYTHONPATH": os.pathsep.join(filter(None, (str(CLOCK), variables.get("PYTHONPATH"))))}
        done = subprocess.run(argv, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
        environment.must_serve(version)
        moments = [datetime.datetime.fromisoformat(event["at"]) for event in environment.events()]
        # It really was another time for the run that went on.
        assert abs(moments[-1] - datetime.datetime.now(datetime.UTC)) > datetime.timedelta(days=300)
        environment.must_deploy(host.next_version())
    assert visitors.failures == []


@pytest.mark.nightly
def test_a_port_that_somebody_else_has_fails_the_stage_and_the_next_run_takes_it(host: Host) -> None:
    environment, version, old = host.environment, host.next_version(), host.environment.served()
    status = environment.status()
    idle = status["idle_slot"]
    environment.done({"file": "retire", "slot": idle, "keep_warm": False, "fencing": status["fence"]})
    port = host.platform.lab.ports[idle]
    with environment.users() as visitors, subprocess.Popen(python(LISTENER, port), stdin=-1, stdout=-1, text=True) as somebody:
        assert somebody.stdout is not None
        assert somebody.stdout.readline() == "there\n"
        run = environment.deploy(version, **host.platform.impatience)
        somebody.communicate()
        assert run.returncode > 0, run.output
        assert str(port) in run.complaint or "in use" in run.complaint
        assert environment.served() == old
        environment.must_deploy(version)
    assert visitors.failures == []


@pytest.mark.nightly
def test_an_application_that_is_deaf_to_sigterm_is_ended_and_replaced(host: Host) -> None:
    environment = host.environment
    with environment.users() as visitors:
        deaf = host.next_version()
        run = environment.deploy(deaf, Behaviour.DEAF)
        assert run.returncode == 0, run.output
        # The first makes it the warm standby, the second needs its slot.
        for _release in range(2):
            environment.must_deploy(host.next_version())
    assert visitors.failures == []


@pytest.mark.nightly
def test_a_map_that_somebody_edited_is_put_right_by_the_next_shift(host: Host) -> None:
    environment, version = host.environment, host.next_version()
    stale = python("import sys; open(sys.argv[1], 'w').write('green_pct 37\\nmaint 0\\n')", host.router / "slots.map")
    with environment.users() as visitors:
        run = environment.deploy(version, sabotage={"before": SHIFT, "run": stale})
        assert run.returncode == 0, run.output
        environment.must_serve(version)
    assert sorted((host.router / "slots.map").read_text().split()) in (
        sorted(["green_pct", "100", "maint", "0"]),
        sorted(["green_pct", "0", "maint", "0"]),
    )
    assert visitors.failures == []


@pytest.mark.nightly
@pytest.mark.parametrize("before", [STAGE, SHIFT, AFTER_SHIFT])
def test_a_router_that_is_killed_comes_back_with_what_its_files_say_and_the_next_run_completes(host: Host, before: str) -> None:
    environment, version, old = host.environment, host.next_version(), host.environment.served()
    supervisor = [environment.adapter.variables["platform_host_supervisorctl"], "-c", str(host.platform.lab.home / "supervisord.conf")]
    run = environment.deploy(version, sabotage={"before": before, "run": [*supervisor, "signal", "KILL", f"holdfast-{PORTAL}-router"]})
    wait_for(lambda: environment.served() in (old, version), "the router to serve again")
    if run.returncode:
        assert "router" in run.complaint, run.output
    environment.must_deploy(version)


@pytest.mark.nightly
def test_a_release_that_crashes_right_after_the_switch_costs_no_reader_a_request(host: Host) -> None:
    environment, old = host.environment, host.environment.served()
    for _attempt in range(3):
        version = host.next_version()
        with environment.users(posts=False) as visitors:
            run = environment.deploy(version, Behaviour.CRASHES, portal_deploy_analysis=WATCHED, portal_deploy_steps=[100])
            assert run.returncode > 0, run.output
            assert environment.served() == old
        assert visitors.failures == []
        assert environment.events()[-1]["event"] == "release.failed"
    environment.must_deploy(host.next_version())


@pytest.mark.nightly
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root; test_traffic_faults.py has a disk full without it")
def test_a_disk_that_is_full_ends_in_a_sentence_and_the_next_run_completes(tmp_path: Path) -> None:
    with open_portal(tmp_path, small_disk=True) as host:
        ballast = host.platform.lab.root / "ballast"
        for before in (STAGE, SHIFT):
            environment, version, old = host.environment, host.next_version(), host.environment.served()
            with environment.users() as visitors:
                run = environment.deploy(version, sabotage={"before": before, "run": python(FILL, ballast)})
                ballast.unlink()
                assert run.returncode > 0, run.output
                assert "No space left" in run.output or "could not be written" in run.output, run.output
                assert environment.served() == old
                environment.must_deploy(version)
            assert visitors.failures == []


@pytest.mark.nightly
def test_fifty_controllers_killed_at_random_lose_no_request_and_no_release(host: Host) -> None:
    chance = random.Random(7)
    environment = host.environment
    with environment.users(slow=2, per_second=120) as visitors:
        for attempt in range(RANDOM_KILLS):
            version = host.next_version()
            argv, variables, _journal = environment.command(DEPLOY, **environment.wanted(version))
            child = subprocess.Popen(argv, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.5, 12))
            child.send_signal(signal.SIGKILL)
            child.wait()
            environment.must_deploy(version)
            assert visitors.failures == [], f"after kill {attempt + 1}"
    assert visitors.requests > RANDOM_KILLS * 100
