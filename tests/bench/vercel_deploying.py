"""Deploying a directory: 2,000 files of together 20 MB that Vercel has never seen, then has seen, then four times as many."""

from __future__ import annotations

import random
import typing as t

from tests.bench.figures import Figure, Goal, Sample, by_turns, figures
from tests.bench.processes import AnsibleProcess, cost_of_process
from tests.conformance.vercel.clients import NodeClients, VercelCli

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.emulators.vercel.running import LocalVercel

PROJECT = "bench"
FILES, BYTES, FOLDERS = 2000, 10_240, 40
MANY, KILOBYTE = 8000, 1000
# Builds cost nothing here, and nobody is told to wait: what is left is the client's own work, and the server's answers.
QUICK = {"queue_seconds": 0, "build_seconds": 0, "upload_rate": [100_000_000, 86_400]}
CLI = "vercel deploy --prod --skip-domain --yes (CLI 60.1.3)"
COLD = {
    "wall": ("2000_files_wall", "s", Goal(0.35)),
    "cpu": ("2000_files_cpu", "s", Goal(0.3)),
    "memory": ("2000_files_memory", "MB", Goal(0.25)),
}
WARM = {"wall": ("2000_files_unchanged_wall", "s", Goal(0.7)), "uploads": ("2000_files_unchanged_uploads", "files", Goal(0, of="ours"))}
MEMORY, LINEAR = Goal(80, of="ours"), Goal(4.5)


def measure(vercel: LocalVercel, clients: NodeClients, home: Path, runs: int) -> Iterator[Figure]:
    """Wall clock, processor time and memory of the client's process; the server's own work counts as waiting."""
    contest = Contest(vercel, clients, written(home / "site", FILES, BYTES), home / "task")
    cold = by_turns(contest.anew(contest.ours), contest.anew(contest.peer), runs)
    yield from figures("vercel", cold, COLD, runs=runs, peer_command=CLI)
    yield from figures("vercel", cold, {"memory": ("2000_files_memory_itself", "MB", MEMORY)}, runs=runs, peer_command=CLI)
    contest.new_world()
    contest.ours()
    yield from figures("vercel", by_turns(contest.ours, contest.peer, runs), WARM, runs=runs, peer_command=CLI)
    yield from growth(vercel, clients, home, runs)


def growth(vercel: LocalVercel, clients: NodeClients, home: Path, runs: int) -> list[Figure]:
    """Four times as many files, each sent for itself: more than 5,000 would go as an archive, which is quicker."""
    many, few = (
        Contest(vercel, clients, written(home / f"site-{count}", count, KILOBYTE), home / f"task-{count}", archive="never")
        for count in (MANY, FILES)
    )
    samples = by_turns(many.anew(many.ours), few.anew(few.ours), runs)
    goals = {
        "wall": ("8000_files_of_1_kb_wall", "s", LINEAR),
        "cpu": ("8000_files_of_1_kb_cpu", "s", LINEAR),
        "memory": ("8000_files_of_1_kb_memory", "MB", MEMORY),
    }
    return figures("vercel", samples, goals, runs=runs, peer_command="the same module with 2000 of them")


def written(folder: Path, count: int, size: int) -> Path:
    """A tree of so many different files of text, the same in every run."""
    source = random.Random(size)
    for number in range(count):
        path = folder / f"{number % FOLDERS:02d}" / f"{number:05d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.randbytes(size // 2).hex(), encoding="ascii")
    return folder


class Contest:
    """One tree: our module as Ansible sends it to the target, and the CLI."""

    def __init__(self, vercel: LocalVercel, clients: NodeClients, site: Path, home: Path, **options: t.Any) -> None:
        self._vercel = vercel
        self._clients = clients
        self._site = site
        self._project_id = ""
        self.new_world()
        common = {"project": PROJECT, "token": vercel.token, "team": vercel.team, "api_url": vercel.url}
        self._program = AnsibleProcess(home, "holdfast.webops.vercel_deploy", {**common, "path": str(site), **options})

    def new_world(self) -> None:
        """A Vercel that has nothing but the project."""
        self._vercel.reset()
        self._vercel.settle(**QUICK)
        self._project_id = str(self._vercel.api("POST", f"/v11/projects?teamId={self._vercel.team}", {"name": PROJECT})["id"])

    def anew(self, work: Callable[[], Sample]) -> Callable[[], Sample]:
        def first_anew() -> Sample:
            self.new_world()
            sample = work()
            if not sample["uploads"]:
                raise RuntimeError(f"nothing of {self._site} was uploaded")
            return sample

        return first_anew

    def ours(self) -> Sample:
        return self._counted(self._program)

    def peer(self) -> Sample:
        cli = VercelCli(self._clients, self._vercel, self._site, self._project_id)
        argv = cli.command("deploy", "--prod", "--skip-domain", "--yes")
        return self._counted(lambda: cost_of_process(argv, env=cli.environment(), cwd=self._site))

    def _counted(self, work: Callable[[], Sample]) -> Sample:
        self._vercel.control("DELETE", "requests")
        sample = work()
        asked = [(row["method"], row["path"]) for row in self._vercel.asked()]
        return {**sample, "uploads": sum(method == "POST" and path.endswith("/files") for method, path in asked)}
