"""Vercel's own clients, run against the local Vercel."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import typing as t
from pathlib import Path

from tests.conformance.migrations.vendors import ToolMissingError, npm_installed

if t.TYPE_CHECKING:
    from tests.emulators.vercel.running import LocalVercel

LOCKED = Path(__file__).parent / "clients"
NEVER = 300
LONG_ENOUGH = 60


@dataclasses.dataclass(frozen=True)
class NodeClients:
    """The CLI and @vercel/blob, as installed by npm."""

    node: str
    modules: Path

    @property
    def cli(self) -> Path:
        return self.modules / "vercel" / "dist" / "vc.js"


def node_clients() -> NodeClients:
    """Installed on first use; ToolMissingError where there is no npm."""
    node = shutil.which("node")
    if node is None:
        raise ToolMissingError("node is needed to run Vercel's own clients (apt install npm)")
    return NodeClients(node, npm_installed(LOCKED, "vercel") / "node_modules")


@dataclasses.dataclass(frozen=True)
class VercelCli:
    """`vercel` in a folder, for one project."""

    clients: NodeClients
    vercel: LocalVercel
    folder: Path
    project_id: str

    def run(self, *words: str, seconds: float = NEVER, **environment: str) -> subprocess.CompletedProcess[str]:
        """Whatever comes of it; stdin is closed. TimeoutExpired after `seconds`."""
        return subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env={**self.environment(), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def succeed(self, *words: str) -> str:
        """What a command that must succeed says, on both of its outputs; what it has set going is over afterwards.

        The last matters on a busy machine: there the CLI sometimes ends, and well, before it has seen the end of what it waits for.
        """
        done = self.run(*words)
        self.vercel.later(LONG_ENOUGH)
        assert done.returncode == 0, f"vercel {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def command(self, *words: str) -> list[str]:
        home = self.folder.parent / "vercel-home"
        return [self.clients.node, str(self.clients.cli), *words, "--api", self.vercel.url, "-Q", str(home), "--no-color"]

    def environment(self) -> dict[str, str]:
        """Without anything of the person's own; the token comes by the environment."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
        team = {"VERCEL_ORG_ID": self.vercel.team, "VERCEL_PROJECT_ID": self.project_id, "VERCEL_TOKEN": self.vercel.token}
        return {**kept, **team, "HOME": str(self.folder.parent), "CI": "1", "VERCEL_TELEMETRY_DISABLED": "1", "NO_UPDATE_NOTIFIER": "1"}
