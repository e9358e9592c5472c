"""Run one playbook of the collection the way a user does, and read what it said."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tools.embedded.home import Home
from tools.embedded.ports import Ports
from tools.embedded.privilege import dies_with_parent

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 10.0  # seconds that an interrupted playbook gets to end
_TASK = re.compile(r"^TASK \[(?:holdfast\.webops\.\w+ : )?(.+?)\] \*+$")
_RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")
_MESSAGE = re.compile(r"^\[ERROR\]: (?:Task failed: )?(?:Action failed: |Module failed: )?(.+)$")


@dataclass(frozen=True)
class Played:
    """How a playbook ended. `changed` counts the tasks that changed something; `complaint` is the last error's text."""

    returncode: int
    changed: int
    complaint: str
    log: Path

    @property
    def worked(self) -> bool:
        return self.returncode == 0


class Player:
    """Plays playbooks of the installed collection on `inventories/local` against one home of embedded servers."""

    def __init__(self, home: Home, ports: Ports, tell: Callable[[str], None]) -> None:
        self._home = home
        self._ports = ports
        self._tell = tell
        self._count = 0

    def play(self, name: str, *more: str, **variables: Any) -> Played:
        """Run `holdfast.webops.<name>`; each task's name goes to `tell`, the whole output to a log file."""
        self._count += 1
        log = self._home.log / f"{self._count:02d}-{name}.log"
        argv = [*dies_with_parent("TERM"), sys.executable, "-m", "ansible", "playbook", "-i", str(CHECKOUT / "inventories" / "local")]
        argv += [f"holdfast.webops.{name}", "-e", json.dumps(variables), *more]
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with log.open("w") as file, subprocess.Popen(argv, env=self._environment(), **pipes) as child:
            try:
                changed, complaint = self._listen(child.stdout or (), file)
            except BaseException:
                # Ctrl-C in a terminal reaches both of us, a signal from elsewhere only one.
                end(child)
                raise
        return Played(child.returncode, changed, complaint, log)

    def _listen(self, lines: Iterable[str], file: IO[str]) -> tuple[int, str]:
        """How many tasks changed something, and the last error's text."""
        changed, complaint = 0, ""
        for line in lines:
            file.write(line)
            if task := _TASK.match(line):
                self._tell(task.group(1))
            elif recap := _RECAP.match(line):
                changed += int(recap.group(3))
            elif error := _MESSAGE.match(line):
                complaint = error.group(1).strip()
        return changed, complaint

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections")),
            "ANSIBLE_NOCOLOR": "1",
            "HOLDFAST_HOME": str(self._home.path),
            "HOLDFAST_PORT_BASE": str(self._ports.base),
            "HOLDFAST_OPERATOR": "demo",
        }


def end(child: subprocess.Popen[str]) -> None:
    """Politely first; what hears nothing is killed."""
    child.terminate()
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
