"""One portal in embedded servers of its own, and the collection's playbooks run on it as a user runs them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tools.embedded import lifecycle, lock
from tools.embedded.home import Home
from tools.embedded.ports import DEFAULT_BASE, Ports, another_base

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD = CHECKOUT / "build" / "portal"
# What runs on the controller in 0.02 s; everything else starts a Python on the target.
CONTROLLER_ONLY = {
    "set_fact",
    "debug",
    "assert",
    "fail",
    "include_role",
    "include_tasks",
    "validate_argument_spec",
    "set_stats",
    "role_variables",
    "release_artifact",
}


@dataclass(frozen=True)
class Run:
    """How a playbook ended: its exit code, its whole output, and the tasks that were executed."""

    returncode: int
    output: str
    tasks: list[dict[str, t.Any]]

    @property
    def changed(self) -> list[str]:
        return [task["task"] for task in self.tasks if task["changed"]]

    @property
    def module_tasks(self) -> list[str]:
        return [task["task"] for task in self.tasks if task["action"].rpartition(".")[2] not in CONTROLLER_ONLY]

    @property
    def complaint(self) -> str:
        """What the last failed task said."""
        return next((task["msg"] for task in reversed(self.tasks) if task["outcome"] == "failed"), "")


def surroundings(journal: Path) -> dict[str, str]:
    """The environment of a playbook that writes down its tasks."""
    return {
        **os.environ,
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections")),
        "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "task_journal",
        "TASK_JOURNAL": str(journal),
    }


def played(argv: list[str], environment: dict[str, str], journal: Path, *, cwd: Path = CHECKOUT) -> Run:
    """Run a playbook to its end."""
    done = subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=cwd)
    lines = journal.read_text().splitlines() if journal.exists() else []
    return Run(done.returncode, done.stdout + done.stderr, [json.loads(line) for line in lines])


@contextlib.contextmanager
def embedded_portal() -> t.Iterator[Portal]:
    """Servers of its own in a short path (sockets); nothing is provisioned."""
    folder = Path(tempfile.mkdtemp(prefix="hf-", dir="/tmp"))
    home, ports = Home.at(folder / "h"), Ports(another_base(DEFAULT_BASE + 500))
    subprocess.run([sys.executable, str(CHECKOUT / "examples" / "portal" / "build.py"), "all"], check=True, cwd=CHECKOUT)
    with lock.held(home):
        lifecycle.up(home, ports)
        try:
            yield Portal(home, ports)
        finally:
            lifecycle.down(home, remove=True)
    shutil.rmtree(folder)


class Portal:
    """Plays `holdfast.webops.<name>` on inventories/local; variables are given as extra vars."""

    def __init__(self, home: Home, ports: Ports) -> None:
        self.home = home
        self.ports = ports
        self._plays = 0

    def play(self, name: str, *more: str, inventory: Path | None = None, **variables: t.Any) -> Run:
        argv, environment, journal = self.command(name, *more, inventory=inventory, **variables)
        return played(argv, environment, journal)

    def command(self, name: str, *more: str, inventory: Path | None = None, **variables: t.Any) -> tuple[list[str], dict[str, str], Path]:
        """What `play` runs, for a test that wants to end it halfway: arguments, environment, the journal of its tasks."""
        self._plays += 1
        journal = self.home.path / f"tasks-{self._plays}.jsonl"
        argv = [sys.executable, "-m", "ansible", "playbook", "-i", str(inventory or CHECKOUT / "inventories" / "local")]
        argv += [f"holdfast.webops.{name}", "-e", json.dumps(variables), *more]
        environment = {
            **surroundings(journal),
            "HOLDFAST_HOME": str(self.home.path),
            "HOLDFAST_PORT_BASE": str(self.ports.base),
            "HOLDFAST_OPERATOR": "test",
        }
        return argv, environment, journal

    def deploy(self, version: str, *more: str, **variables: t.Any) -> Run:
        return self.play("deploy", *more, **self.release(version), **variables)

    def release(self, version: str) -> dict[str, t.Any]:
        """The variables of a deploy of one release of the example portal."""
        return {
            "portal_deploy_version": version,
            "portal_deploy_artifact": str(BUILD / f"portal-{version}.tar.gz"),
            "portal_deploy_migrations_dir": str(BUILD / version / "supabase" / "migrations"),
        }
