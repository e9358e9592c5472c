"""What a process costs, and a module's process as Ansible makes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from tests.bench.figures import Sample

CHECKOUT = Path(__file__).resolve().parents[2]
LAUNCHER = Path(__file__).with_name("launcher.py")
NEVER = 900


def cost_of_process(argv: list[str], *, env: dict[str, str] | None = None, cwd: Path | None = None, stdin: str = "") -> Sample:
    """Seconds of wall clock and of processor time and the largest memory in MB of a process and those it waited for."""
    with tempfile.NamedTemporaryFile() as report:
        launched = [sys.executable, "-I", "-S", str(LAUNCHER), report.name, *argv]
        done = subprocess.run(launched, env=env, cwd=cwd, input=stdin, capture_output=True, text=True, timeout=NEVER, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{Path(argv[0]).name} failed: {(done.stdout + done.stderr)[-2000:]}")
        wall, cpu, memory = (float(number) for number in Path(report.name).read_text(encoding="ascii").split())
    return {"wall": wall, "cpu": cpu, "memory": memory}


class AnsibleProcess:
    """The program that Ansible sends to the target for a task, kept: calling it measures one run of it."""

    def __init__(self, folder: Path, module: str, arguments: dict[str, t.Any]) -> None:
        folder.mkdir(parents=True)
        playbook = folder / "playbook.yml"
        play = {"name": "Bench", "hosts": "localhost", "connection": "local", "gather_facts": False}
        # JSON is YAML.
        playbook.write_text(json.dumps([{**play, "tasks": [{"name": "Run it", module: arguments}]}]))
        own = {"ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
        own |= {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_REMOTE_TEMP": str(folder / "sent"), "ANSIBLE_PIPELINING": "0"}
        argv = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", str(playbook)]
        done = subprocess.run(
            argv, env={**os.environ, **own}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=NEVER, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{module} failed: {(done.stdout + done.stderr)[-2000:]}")
        self._program = next((folder / "sent").glob("*/AnsiballZ_*.py"))

    def __call__(self) -> Sample:
        return cost_of_process([sys.executable, str(self._program)])
