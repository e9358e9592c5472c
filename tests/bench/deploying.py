"""A deploy that finds nothing to do, against a playbook that does nothing at all with as many module tasks."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
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
VERSION = "1.0"
UNWATCHED = {"portal_deploy_analysis": {"window": 0, "max_window": 0, "min_samples": 0, "objectives": {}}}


def measure() -> Iterator[Figure]:
    with provisioned() as portal:
        deployed(portal)
        tasks = len(deployed(portal).module_tasks)
        pings = portal.home.path / "pings.yml"
        pings.write_text(playbook_of_pings(tasks))
        samples = by_turns(lambda: cost_of(lambda: deployed(portal)), functools.partial(ping, pings), RUNS)
    goals = {"wall": ("deploy_with_nothing_to_do", "s", Goal(6.0, of="ours"))}
    yield from figures("release", samples, goals, runs=RUNS, peer_command=f"ansible-playbook with {tasks} tasks of ansible.builtin.ping")
    yield Figure("release", "module_tasks_with_nothing_to_do", "tasks", tasks, 12, Goal(12, of="ours"), 1, "the goal itself")


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


def deployed(portal: Portal) -> Run:
    return successful(portal.deploy(VERSION, **UNWATCHED))


def successful(run: Run) -> Run:
    if run.returncode != 0:
        raise RuntimeError(f"a playbook failed: {run.complaint or run.output[-2000:]}")
    return run


def playbook_of_pings(tasks: int) -> str:
    """JSON is YAML."""
    named = [{"name": f"Ping {number}", "ansible.builtin.ping": {}} for number in range(tasks)]
    return json.dumps([{"name": "Nothing", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": named}])


def ping(playbook: Path) -> Sample:
    argv = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", str(playbook)]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    return cost_of(lambda: subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True, cwd=CHECKOUT))
