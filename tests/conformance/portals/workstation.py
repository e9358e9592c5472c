"""A portal's repository and a developer's machine, in a folder: what portal_develop works on."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import typing as t

import yaml

from tests.integration.portal import CHECKOUT

if t.TYPE_CHECKING:
    from pathlib import Path

NEVER = 900
SERVER = """\
// The development server of a portal that needs nothing from the network.
const { greeting } = require("greeting");
const values = require("node:util").parseEnv(require("node:fs").readFileSync(".env.local", "utf8"));
const page = `<html lang="en"><title>portal</title>${greeting} ${values.VITE_TITLE}</html>`;
require("node:http")
  .createServer((request, response) => response.end(page))
  .listen(Number(process.argv[2]), "127.0.0.1");
"""


@dataclasses.dataclass(frozen=True)
class Workstation:
    """`variables` describe the portal; `play` runs the playbook on it with everything shown."""

    folder: Path
    variables: dict[str, t.Any]

    @property
    def checkout(self) -> Path:
        return self.folder / "home" / "shop"

    def play(self, *words: str, **more: t.Any) -> subprocess.CompletedProcess[str]:
        """With other variables than usual."""
        return self.play_all(*words, shop=more)

    def play_all(self, *words: str, **hosts: dict[str, t.Any]) -> subprocess.CompletedProcess[str]:
        """Several portals in one run, by their names, each with what is different."""
        inventory = self.folder / "hosts.yml"
        inventory.write_text(yaml.safe_dump({"portals": {"hosts": hosts, "vars": self.variables}}))
        argv = [sys.executable, "-m", "ansible", "playbook", "-vvv", "--diff", "-i", str(inventory), "holdfast.webops.develop", *words]
        environment = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
        environment.setdefault("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections"))
        return subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=NEVER)


def set_up(folder: Path, port: int, secret: str) -> Workstation:
    """A repository with one commit, and a machine that has nothing of it yet."""
    (folder / "home").mkdir()
    return Workstation(
        folder,
        {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "portal_name": "shop",
            "portal_environment": "development",
            "portal_url": f"http://127.0.0.1:{port}",
            "portal_develop_git_url": f"file://{_repository(folder / 'shop.git', port)}",
            "portal_develop_directory": str(folder / "home" / "shop"),
            "portal_develop_environment": {"VITE_TITLE": "It's here", "VITE_DEBUG": True},
            "portal_develop_secret_environment": {"SERVICE_KEY": secret},
            "portal_develop_checks": [{"name": "application", "kind": "http", "url": "/", "expect_body": "hello It's here"}],
        },
    )


def _repository(folder: Path, port: int) -> Path:
    package = {
        "name": "shop",
        "version": "1.0.0",
        "private": True,
        "scripts": {"dev": f"node server.js {port}"},
        "dependencies": {"greeting": "file:greeting"},
    }
    files = {
        "package.json": json.dumps(package),
        "server.js": SERVER,
        "greeting/package.json": json.dumps({"name": "greeting", "version": "1.0.0"}),
        "greeting/index.js": 'exports.greeting = "hello";\n',
        ".gitignore": "node_modules\n",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    _run(folder, "npm", "install", "--package-lock-only", "--offline", "--no-audit", "--no-fund")
    _run(folder, "git", "init", "--quiet", "--initial-branch=main")
    _run(folder, "git", "add", "--all")
    _run(folder, "git", "-c", "user.name=Anna", "-c", "user.email=anna@example.org", "commit", "--quiet", "--message=The portal")
    return folder


def _run(folder: Path, *argv: str) -> None:
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=NEVER)
