"""What the tests of config_backup, config_backup_info and config_restore share: a small configuration, a repository, keys, stores."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import typing as t

import pyrage

from tests.integration.backups import run

if t.TYPE_CHECKING:
    from pathlib import Path

PORTAL = "shop"
SECRET = "correct-horse-battery"  # what must be nowhere but in the archive
GIT = {
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.org",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


@dataclasses.dataclass
class Desk:
    """A folder with a configuration in `etc`, an inventory, a bare repository, a key pair, and destinations."""

    folder: Path
    destinations: list[dict[str, t.Any]]
    recipient: str

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def repository(self) -> Path:
        return self.folder / "configuration.git"

    @property
    def identity_file(self) -> Path:
        return self.folder / "backup.key"

    @property
    def store(self) -> Path:
        """The directory of the first destination."""
        return self.folder / "store"

    def kept(self, path: str) -> str:
        """Where a file below `etc` lies in archives, and below the portal's folder in git."""
        return f"files{self.etc}/{path}"

    def backup(self, *, check: bool = False, env: t.Mapping[str, str] | None = None, **options: t.Any) -> dict[str, t.Any]:
        return run("config_backup", {**self.options(), **options}, check=check, env=env)

    def options(self) -> dict[str, t.Any]:
        return {
            "portal": PORTAL,
            "paths": [str(self.etc)],
            "inventories": [str(self.folder / "production")],
            "settings": {"vercel": {"project": "shop", "variables": ["API_KEY"]}},
            "secrets": json.dumps({"vercel": {"API_KEY": SECRET}}),
            "git": {"repository": str(self.repository)},
            "recipients": [self.recipient],
            "destinations": self.destinations,
        }

    def restore(self, into: Path, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        given = {"portal": PORTAL, "destinations": self.destinations, "identity_file": str(self.identity_file), "dest": str(into)}
        return run("config_restore", {**given, **options}, check=check)

    def catalog(self, **options: t.Any) -> dict[str, t.Any]:
        given = {"portal": PORTAL, "destinations": self.destinations, "identity_file": str(self.identity_file)}
        return run("config_backup_info", {**given, **options})

    def archives(self) -> list[Path]:
        """Those in the first destination, the oldest first."""
        return sorted(self.store.glob(f"{PORTAL}/configuration/*/configuration.tar.age"))

    def commits(self) -> list[str]:
        """Of the branch, the newest first."""
        done = subprocess.run(self._git("rev-list", "main"), capture_output=True, text=True, check=False)
        return done.stdout.split()

    def committed(self) -> dict[str, bytes]:
        """What the branch holds."""
        names = subprocess.run(self._git("ls-tree", "-r", "-z", "--name-only", "main"), capture_output=True, check=True).stdout
        found = [os.fsdecode(name) for name in names.split(b"\0") if name]
        return {name: subprocess.run(self._git("show", f"main:{name}"), capture_output=True, check=True).stdout for name in found}

    def push_as_somebody(self, name: str) -> None:
        """A commit of somebody else on top of the branch."""
        work = self.folder / f"work-{name}"
        subprocess.run(["git", "clone", "--quiet", self.repository, work], env={**os.environ, **GIT}, check=True, capture_output=True)
        (work / name).write_text("theirs\n")
        for argv in (["add", name], ["commit", "--quiet", "-m", name], ["push", "--quiet", "origin", "HEAD:main"]):
            subprocess.run(["git", "-C", work, *argv], env={**os.environ, **GIT}, check=True, capture_output=True)

    def _git(self, *argv: str) -> list[str]:
        return ["git", f"--git-dir={self.repository}", *argv]


def make_desk(folder: Path, destinations: t.Sequence[dict[str, t.Any]] = ()) -> Desk:
    """The first destination is a directory, the given ones follow."""
    (folder / "etc/conf.d").mkdir(parents=True)
    (folder / "etc/main.conf").write_text("workers 2\n")
    (folder / "etc/main.conf").chmod(0o640)
    (folder / "etc/conf.d/shop.conf").write_text("listen 80\n")
    (folder / "etc/enabled").symlink_to("conf.d/shop.conf")
    (folder / "production").mkdir()
    (folder / "production/hosts.yml").write_text("all: {}\n")
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", folder / "configuration.git"], check=True)
    identity = pyrage.x25519.Identity.generate()
    key = folder / "backup.key"
    key.write_text(f"{identity}\n")
    key.chmod(0o600)
    return Desk(folder, [{"store": f"file://{folder}/store"}, *destinations], str(identity.to_public()))


def program(folder: Path, name: str, script: str) -> dict[str, str]:
    """A program of this name that comes before the real one, which its shell script finds as "$REAL"; the environment to run with."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\nREAL={shutil.which(name)}\n{script}\n")
    path.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}
