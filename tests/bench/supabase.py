"""`supabase_project` where nothing has to change: what a run of a converged project costs beyond the start of Ansible, and in requests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import typing as t

from tests.bench import settings
from tests.bench.figures import Figure, Goal, Sample, by_turns, cost_of, figures
from tests.bench.processes import CHECKOUT, NEVER
from tests.emulators.supabase.running import LocalSupabase

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNS = 5
# About what the hosted API takes for an answer.
ANSWER_SECONDS = 0.15
BEYOND, REQUESTS, AT_ONCE = Goal(1.0, of="ours"), Goal(12, of="ours"), Goal(1.0)
CONFIGURATION: dict[str, t.Any] = {
    "auth": {"site_url": "https://portal.example.com", "sessions_timebox": 8, "password_min_length": 12, "smtp_host": "smtp.example.com"},
    "auth_secrets": {"smtp_pass": "a-password-of-the-bench"},
    "postgres": {"max_connections": 100, "statement_timeout": "30s"},
    "restart": "now",
    "pooler": {"default_pool_size": 20},
    "network": {"allowed_cidrs": ["93.184.216.0/24"]},
    "ssl_enforcement": True,
    "storage": {"file_size_limit": "100MB", "s3_protocol": True},
    "pitr": {"retention_days": 7},
    "secrets": {"RESEND_API_KEY": "a-key-of-the-bench"},
    "unban_own_address": True,
}
# What the module reads for it.
PATHS = (
    "",
    "/config/auth",
    "/config/database/postgres",
    "/config/database/pooler",
    "/network-restrictions",
    "/ssl-enforcement",
    "/config/storage",
    "/billing/addons",
    "/secrets",
)


def measure(home: Path) -> Iterator[Figure]:
    runs = settings.number("BENCH_RUNS", RUNS)
    if shutil.which("curl") is None:
        raise SystemExit("curl is what this compares with; install it first.")
    (home / "supabase").mkdir()
    with LocalSupabase(home / "supabase") as supabase:
        contest = Contest(supabase, home)
        contest.ours()
        named = {"wall": ("unchanged_project_beyond_the_start_of_ansible", "s", BEYOND)}
        samples = by_turns(contest.beyond, contest.curl, runs)
        yield from figures("supabase", samples, named, runs=runs, peer_command=contest.CURL)
        yield Figure("supabase", "unchanged_project_requests", "requests", contest.requests(), len(PATHS), REQUESTS, 1, contest.CURL)
        supabase.fault("slow", path="/v1/*", times=0, seconds=ANSWER_SECONDS)
        named = {"wall": (f"unchanged_project_with_answers_of_{ANSWER_SECONDS:g}_s", "s", AT_ONCE)}
        samples = by_turns(contest.beyond, contest.curl, runs)
        yield from figures("supabase", samples, named, runs=runs, peer_command=contest.CURL)


class Contest:
    """One project: a playbook with our module, one that does nothing, and curl."""

    CURL = f"one curl of the {len(PATHS)} addresses, over one connection"

    def __init__(self, supabase: LocalSupabase, home: Path) -> None:
        self._supabase = supabase
        self._task = _playbook(home / "task.yml", "holdfast.webops.supabase_project", {**CONFIGURATION, **supabase.options})
        self._ping = _playbook(home / "ping.yml", "ansible.builtin.ping", {})
        self._header = home / "header"
        self._header.touch(mode=0o600)
        self._header.write_text(f"Authorization: Bearer {supabase.token}\n", encoding="ascii")

    def ours(self) -> Sample:
        return cost_of(lambda: _played(self._task))

    def beyond(self) -> Sample:
        """What a playbook with our task takes, less one with a task of ansible.builtin.ping right after it."""
        return {"wall": self.ours()["wall"] - cost_of(lambda: _played(self._ping))["wall"]}

    def curl(self) -> Sample:
        addresses = [f"{self._supabase.url}/v1/projects/{self._supabase.ref}{path}" for path in PATHS]
        argv = ["curl", "--silent", "--fail", "--noproxy", "*", "--header", f"@{self._header}", *addresses]
        return cost_of(lambda: subprocess.run(argv, check=True, capture_output=True, timeout=NEVER))

    def requests(self) -> int:
        """How many one run sends."""
        self._supabase.control("DELETE", "requests")
        self.ours()
        return len(self._supabase.asked())


def _playbook(path: Path, module: str, arguments: dict[str, t.Any]) -> Path:
    play = {"name": "Bench", "hosts": "localhost", "connection": "local", "gather_facts": False}
    # JSON is YAML.
    path.write_text(json.dumps([{**play, "tasks": [{"name": "Run it", module: arguments}]}]), encoding="utf-8")
    return path


def _played(playbook: Path) -> None:
    own = {"ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    argv = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", str(playbook)]
    done = subprocess.run(
        argv, env={**os.environ, **own}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=NEVER, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{playbook.name} failed: {(done.stdout + done.stderr)[-2000:]}")
