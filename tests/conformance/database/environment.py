"""A portal's database, and the way to call the task files of its role."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pyrage

from tests.integration.portal import CHECKOUT
from tools.embedded.postgres import bin_dir

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.database.adapters import Adapter

CONTRACT = Path(__file__).with_name("contract.yml")
NEVER = 600


class Environment:
    """One portal on one database; all cases share it."""

    def __init__(self, adapter: Adapter, folder: Path) -> None:
        self.adapter = adapter
        self._folder = folder
        self._runs = 0
        identity = pyrage.x25519.Identity.generate()
        key = folder / "backup.key"
        key.write_text(f"{identity}\n")
        key.chmod(0o600)
        host = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "portal_name": "contract",
            "portal_database_url": adapter.url,
            "portal_database_admin_url": adapter.admin_url,
            "database_postgres_destinations": [{"store": f"file://{folder}/store"}],
            "database_postgres_recipients": [str(identity.to_public())],
            "database_postgres_identity_file": str(key),
            "database_postgres_bin_dir": str(bin_dir()),
            **adapter.variables,
        }
        self._inventory = folder / "hosts.yml"
        # JSON is YAML.
        self._inventory.write_text(json.dumps({"portals": {"hosts": {"contract": host}}}))

    def call(self, *calls: Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
        """Run task files of the contract, all in one playbook. What each said: the keys of its fact; `failed`, and then `msg`."""
        self._runs += 1
        answers = self._folder / f"answers-{self._runs}.json"
        wanted = json.dumps({"contract_calls": calls, "contract_answers_file": str(answers)})
        argv = [sys.executable, "-m", "ansible", "playbook", "-vv", "-i", str(self._inventory), str(CONTRACT), "-e", wanted]
        own = {
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections")),
        }
        done = subprocess.run(
            argv,
            env={**os.environ, **own},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=CHECKOUT,
            timeout=NEVER,
        )
        self.output = done.stdout + done.stderr
        assert done.returncode == 0, self.output
        return t.cast("list[dict[str, t.Any]]", json.loads(answers.read_text()))
