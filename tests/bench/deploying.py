"""A deploy that finds nothing to do and a rollback, against playbooks that do nothing at all with as many module tasks."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from tests.bench.figures import Figure, Goal, Sample, by_turns, cost_of, figures
from tests.integration.portal import CHECKOUT, Portal, Run
from tools.embedded import lifecycle, lock
from tools.embedded.home import Home
from tools.embedded.ports import DEFAULT_BASE, Ports, another_base

if t.TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = 3
PROOF = "Move | See from outside that users get it"
VERSION, OLD, NEW = "1.0", "1.1", "1.2"
UNWATCHED = {"portal_deploy_analysis": {"window": 0, "max_window": 0, "min_samples": 0, "objectives": {}}}


def measure() -> Iterator[Figure]:
    with provisioned() as portal:
        deployed(portal, VERSION)
        tasks = len(deployed(portal, VERSION).module_tasks)
        samples = by_turns(
            lambda: cost_of(lambda: deployed(portal, VERSION)), functools.partial(ping, playbook_of_pings(portal, tasks)), RUNS
        )
        goals = {"wall": ("deploy_with_nothing_to_do", "s", Goal(6.0, of="ours"))}
        yield from figures("release", samples, goals, runs=RUNS, peer_command=pings(tasks))
        yield Figure("release", "module_tasks_with_nothing_to_do", "tasks", tasks, 12, Goal(12, of="ours"), 1, "the goal itself")
        full = max(len(deployed(portal, version).module_tasks) for version in (OLD, NEW))
        yield Figure("release", "module_tasks_of_a_full_deploy", "tasks", full, 25, Goal(25, of="ours"), 1, "the goal itself")
        yield from rollback(portal)


def rollback(portal: Portal) -> list[Figure]:
    """The playbook from its start to the proof from outside, back to the older of two releases that fit the schema.

    What comes after the proof, the record above all, counts as processor time and not as waiting: users have the old release by then.
    """

    def to(version: str) -> Run:
        return successful(portal.play("roll_back", portal_roll_back_to=version))

    def to_proof() -> Sample:
        to(NEW)
        runs: list[Run] = []
        started = time.time()
        sample = cost_of(lambda: runs.append(to(OLD)))
        return {**sample, "wall": next(task["at"] for task in runs[0].tasks if task["task"].endswith(PROOF)) - started}

    tasks = len(to(OLD).module_tasks)
    samples = by_turns(to_proof, functools.partial(ping, playbook_of_pings(portal, tasks)), RUNS)
    goals = {"wall": ("rollback_start_to_proof", "s", Goal(5.0, of="ours"))}
    return figures("release", samples, goals, runs=RUNS, peer_command=pings(tasks))


@contextlib.contextmanager
def provisioned() -> Iterator[Portal]:
    """The example portal with servers of its own; its folder is short because of the sockets in it."""
    folder = Path(tempfile.mkdtemp(prefix="hf-bench-"))
    home, ports = Home.at(folder / "h"), Ports(another_base(DEFAULT_BASE + 700))
    subprocess.run([sys.executable, str(CHECKOUT / "examples/portal/build.py"), "all"], check=True, cwd=CHECKOUT, capture_output=True)
    with lock.held(home):
        lifecycle.up(home, ports)
        try:
            portal = Portal(home, ports)
            successful(portal.play("provision"))
            yield portal
        finally:
            lifecycle.down(home, remove=True)
    shutil.rmtree(folder)


def deployed(portal: Portal, version: str) -> Run:
    return successful(portal.deploy(version, **UNWATCHED))


def successful(run: Run) -> Run:
    if run.returncode != 0:
        raise RuntimeError(f"a playbook failed: {run.complaint or run.output[-2000:]}")
    return run


def pings(tasks: int) -> str:
    return f"ansible-playbook with {tasks} tasks of ansible.builtin.ping"


def playbook_of_pings(portal: Portal, tasks: int) -> Path:
    path = portal.home.path / f"pings-{tasks}.yml"
    named = [{"name": f"Ping {number}", "ansible.builtin.ping": {}} for number in range(tasks)]
    # JSON is YAML.
    path.write_text(json.dumps([{"name": "Nothing", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": named}]))
    return path


def ping(playbook: Path) -> Sample:
    argv = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", str(playbook)]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    return cost_of(lambda: subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True, cwd=CHECKOUT))
