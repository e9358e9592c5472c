"""A portal on a platform, and the ways to act on it: task files of the contract, and the playbooks that people run."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
import subprocess
import sys
import typing as t
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from tests.conformance.platform.adapters import Adapter, Behaviour
from tests.integration.module_child import run_module
from tests.integration.portal import CHECKOUT, Run
from tests.integration.traffic_lab import Users

if t.TYPE_CHECKING:
    from collections.abc import Mapping

PORTAL = "contract"
CONTRACT = Path(__file__).with_name("contract.yml")
CALLBACKS = CHECKOUT / "tests" / "integration" / "callbacks"
DEPLOY = "holdfast.webops.deploy"
NEVER = 600
UNWATCHED: dict[str, t.Any] = {"window": 0, "max_window": 0, "min_samples": 0, "objectives": {}}


@dataclasses.dataclass(frozen=True)
class Release:
    """What the contract calls a release."""

    version: str
    commit: str
    artifact: str
    replaces: str | None = None

    @property
    def id(self) -> str:
        return f"{self.version}-20261121T223000Z"

    def as_fact(self) -> dict[str, t.Any]:
        """`platform_release`."""
        sha256 = hashlib.sha256(Path(self.artifact).read_bytes()).hexdigest() if self.artifact else ""
        about = {"id": self.id, "version": self.version, "commit": self.commit, "replaces": self.replaces}
        return {**about, "artifact": self.artifact, "artifact_sha256": sha256}


class Answer(dict[str, t.Any]):
    """What a task file said: the keys of its fact; `failed`, and then `msg`."""


class Environment:
    """One portal on one platform; all cases share it."""

    def __init__(self, adapter: Adapter, folder: Path) -> None:
        self.adapter = adapter
        self.folder = folder
        self.ledger = folder / "store" / PORTAL / "ledger"
        self._runs = 0
        self.inventory = folder / "hosts.yml"
        # Where this file is, the portal's host cannot be reached.
        self.away = folder / "away"
        reached = {"ansible_connection": "fading", "fading_when": str(self.away)}
        host = {**reached, "ansible_python_interpreter": sys.executable, **self._portal(), **adapter.variables}
        # JSON is YAML.
        self.inventory.write_text(json.dumps({"portals": {"hosts": {PORTAL: host}}}))

    def _portal(self) -> dict[str, t.Any]:
        return {
            "portal_name": PORTAL,
            "portal_environment": "test",
            "portal_database": "postgres",
            # The web tier alone is on trial: no backup, no migrations.
            "portal_database_url": "postgresql://nobody:nothing@127.0.0.1:9/none",
            "portal_database_admin_url": "postgresql://nobody:nothing@127.0.0.1:9/none",
            "portal_url": self.adapter.url,
            "portal_operator": "conformance",
            "portal_ledger_store": f"file://{self.folder}/store",
            "portal_checks": [{"name": "application", "kind": "http", "url": "/health"}],
            "portal_deploy_version_header": "X-Slot",
            "portal_roll_back_version_header": "X-Slot",
            "portal_deploy_back_up": False,
            "portal_deploy_analysis": UNWATCHED,
            "portal_deploy_steps": [50, 100],
            "portal_deploy_consecutive": 2,
        }

    def release(self, version: str, behaviour: Behaviour = Behaviour.GOOD, *, replaces: Release | None = None) -> Release:
        made = self.adapter.commit(version, behaviour), self.adapter.artefact(version, behaviour)
        return Release(version, *made, replaces.id if replaces else None)

    def call(self, *calls: Mapping[str, t.Any], **variables: t.Any) -> list[Answer]:
        """Run task files of the contract, all in one playbook; what each said."""
        answers = self.folder / f"answers-{self._runs}.json"
        wanted: dict[str, t.Any] = {"contract_calls": [_plain(call) for call in calls], "contract_answers_file": str(answers)}
        run = self.play(str(CONTRACT), **wanted, **variables)
        assert run.returncode == 0, run.output
        return [Answer(answer) for answer in json.loads(answers.read_text())]

    def done(self, *calls: Mapping[str, t.Any]) -> list[Answer]:
        """The same, where none may fail."""
        answers = self.call(*calls)
        failed = [answer["msg"] for answer in answers if answer["failed"]]
        assert not failed, failed
        return answers

    def status(self) -> Answer:
        return self.done({"file": "status"})[0]

    def deploy(self, version: str, behaviour: Behaviour = Behaviour.GOOD, **variables: t.Any) -> Run:
        """The playbook that people run; `sabotage` may be among the variables."""
        return self.play(DEPLOY, **self.wanted(version, behaviour), **variables)

    def killed(self, version: str, kill_before: int) -> bool:
        """Deploy under a controller that kills itself (-9) at a boundary; False when the deploy ended before it."""
        run = self.deploy(version, sabotage={"kill_before": kill_before})
        assert run.returncode in (0, -signal.SIGKILL), run.output
        return run.returncode != 0

    def must_deploy(self, version: str) -> Run:
        """A deploy that works, and is looked at: who is served, what stands where, what the ledger says."""
        run = self.deploy(version)
        assert run.returncode == 0, run.output
        self.must_serve(version)
        return run

    def must_serve(self, version: str) -> None:
        """The version has all traffic at the public address, by the platform, and by a ledger that is whole."""
        assert self.served() == version
        ledger = run_module("release_ledger_info", portal=PORTAL, store=f"file://{self.folder}/store", last=0)
        assert ledger["chain"]["intact"], ledger["chain"]
        assert (ledger["state"]["live"]["version"], ledger["state"]["open"], ledger["lease"]["held"]) == (version, None, False)

    def wanted(self, version: str, behaviour: Behaviour = Behaviour.GOOD) -> dict[str, t.Any]:
        """The variables of a deploy."""
        made = {"artifact": self.adapter.artefact(version, behaviour), "commit": self.adapter.commit(version, behaviour)}
        return {"portal_deploy_version": version, **{f"portal_deploy_{name}": value for name, value in made.items()}}

    def play(self, name: str, *more: str, sabotage: Mapping[str, t.Any] | None = None, **variables: t.Any) -> Run:
        """A playbook as a user runs it; `sabotage` as tests/integration/callbacks/saboteur.py takes it."""
        argv, environment, journal = self.command(name, *more, sabotage=sabotage, **variables)
        done = subprocess.run(
            argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=CHECKOUT, timeout=NEVER
        )
        lines = journal.read_text().splitlines() if journal.exists() else []
        return Run(done.returncode, done.stdout + done.stderr, [json.loads(line) for line in lines])

    def command(
        self, name: str, *more: str, sabotage: Mapping[str, t.Any] | None = None, **variables: t.Any
    ) -> tuple[list[str], dict[str, str], Path]:
        """What `play` runs: arguments, environment, the journal of its tasks."""
        self._runs += 1
        journal = self.folder / f"tasks-{self._runs}.jsonl"
        argv = [sys.executable, "-m", "ansible", "playbook", "-i", str(self.inventory), name, "-e", json.dumps(variables), *more]
        own = {
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections")),
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CONNECTION_PLUGINS": str(CALLBACKS.with_name("connection_plugins")),
            "ANSIBLE_CALLBACKS_ENABLED": "task_journal,saboteur",
            "TASK_JOURNAL": str(journal),
            "SABOTAGE": json.dumps(sabotage or {}),
        }
        return argv, {**os.environ, **own}, journal

    def users(self, **more: t.Any) -> Users:
        """People who read and post all the time; `with` it."""
        return Users(urllib.parse.urlsplit(self.adapter.url).port or 80, **{"per_second": 60, **more})

    def served(self, **headers: str) -> str:
        """Which version answers at the public address, over a fresh connection; the status where none does."""
        return fetch(f"{self.adapter.url}/", headers)

    def events(self) -> list[dict[str, t.Any]]:
        """The entries of the ledger, oldest first."""
        return [json.loads(entry.read_text()) for entry in sorted(self.ledger.glob("*.json"))]


def fetch(url: str, headers: Mapping[str, str]) -> str:
    request = urllib.request.Request(url, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.headers["X-Slot"])
    except urllib.error.HTTPError as exc:
        with exc:
            return str(exc.code)


def _plain(call: Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {name: value.as_fact() if isinstance(value, Release) else value for name, value in call.items()}
