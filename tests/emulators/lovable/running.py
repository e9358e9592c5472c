"""The local Lovable as a server that a test starts, with everything a test does to it."""

from __future__ import annotations

import os
import subprocess
import typing as t
from pathlib import Path

import requests

from tests.emulators.running import TIMEOUT, Emulator

AUTHOR = {
    "GIT_AUTHOR_NAME": "Dev",
    "GIT_AUTHOR_EMAIL": "dev@example.org",
    "GIT_COMMITTER_NAME": "Dev",
    "GIT_COMMITTER_EMAIL": "dev@example.org",
}


class LocalLovable(Emulator):
    """`url`, `key`, `project`, `repository`, `username`, `password`, `live_url` and `preview_url` are what the modules want."""

    def __init__(self, home: Path, *, branch: str = "main", edges: int = 3, **settings: t.Any) -> None:
        self._home = home
        super().__init__("lovable", home, ["--branch", branch, "--edges", str(edges)], settings)
        self.branch = branch
        self.key = self.project = self.repository = self.username = self.password = ""
        self.live_url = self.preview_url = ""
        # The same repository as a folder.
        self.path = Path()

    def take(self, facts: dict[str, t.Any]) -> None:
        for name in ("url", "key", "project", "repository", "username", "password", "live_url", "preview_url"):
            setattr(self, name, facts[name])
        self.path = Path(facts["path"])

    # --- its own door ---

    def later(self, seconds: float) -> None:
        """Push its clock on."""
        self.control("POST", "clock", seconds=seconds)

    def edit(self, message: str) -> str:
        """A commit that somebody makes in the editor."""
        return str(self.control("POST", "edits", message=message)["commit"])

    def asked(self) -> list[tuple[str, str, int]]:
        """What the API was asked so far: method, path, status (0 where the connection was cut)."""
        return [(row["method"], row["path"], row["status"]) for row in self.control("GET", "requests")["requests"]]

    # --- as its users ---

    def call(self, method: str, path: str, *, key: str | None = None, **given: t.Any) -> requests.Response:
        """A request to the API with the project's key."""
        headers = {"Lovable-API-Key": key or self.key, "Lovable-Version": "2026-09-11"}
        return self._session.request(method, f"{self.url}{path}", headers=headers, timeout=TIMEOUT, **given)

    def git(self, *argv: str, input: bytes | None = None) -> str:
        """Git in the bare repository."""
        env = {**os.environ, **AUTHOR}
        return (
            subprocess.run(["git", "-C", str(self.path), *argv], input=input, capture_output=True, check=True, env=env)
            .stdout.decode()
            .strip()
        )

    def commit(self, files: t.Mapping[str, str], *, branch: str = "main", message: str = "Work", parent: str | None = None) -> str:
        """A developer's commit, pushed: these files and no others, on top of the branch (or of `parent`)."""
        head = (
            parent
            or subprocess.run(
                ["git", "-C", str(self.path), "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"],
                capture_output=True,
                text=True,
                check=False,
            ).stdout.strip()
        )
        listed = b""
        for path, text in files.items():
            blob = self.git("hash-object", "-w", "--stdin", input=text.encode())
            listed += f"100644 blob {blob}\t{path}\n".encode()
        index = {"GIT_INDEX_FILE": str(self._home / "index")}
        run = ["git", "-C", str(self.path)]
        subprocess.run([*run, "read-tree", "--empty"], check=True, env={**os.environ, **index})
        subprocess.run([*run, "update-index", "--index-info"], input=listed, check=True, env={**os.environ, **index})
        tree = subprocess.run([*run, "write-tree"], check=True, capture_output=True, text=True, env={**os.environ, **index}).stdout.strip()
        made = self.git("commit-tree", tree, "-m", message, *(["-p", head] if head else []))
        self.git("update-ref", f"refs/heads/{branch}", made)
        return made
