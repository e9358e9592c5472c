"""Giving the production domain to another deployment, and taking it back: how long, and what visitors notice."""

from __future__ import annotations

import itertools
import time
import typing as t

import requests

from tests.bench.figures import Figure, Goal, Sample, by_turns, figures
from tests.bench.processes import AnsibleProcess, cost_of_process
from tests.bench.visitors import SteadyLoad
from tests.conformance.vercel.clients import NodeClients, VercelCli
from tools.load.mix import Mix, Visit

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.emulators.vercel.running import LocalVercel

PROJECT, DOMAIN = "switch", "switch.example.org"
PER_SECOND, CONNECTIONS, SWITCHES = 300, 64, 20
ENOUGH = 60.0
PAGES = ("one", "two")
RAW = "the request itself, and reading the page until it is the other one"
CLI = "vercel promote, vercel rollback (CLI 60.1.3)"
BEYOND, NONE = Goal(1.5, of="ours"), Goal(0, of="ours")


def measure(vercel: LocalVercel, clients: NodeClients, home: Path, runs: int) -> Iterator[Figure]:
    switch = Switch(vercel, home / "switch")
    for action in ("promote", "rollback"):
        yield from time_to_proof(switch, action, runs)
    yield from requests_lost(switch, clients, home)


def time_to_proof(switch: Switch, action: str, runs: int) -> list[Figure]:
    """From the start of the module's process to its end, which is when it has seen the domains move; less what the emulator takes."""

    def ours() -> Sample:
        switch.prepare(action)
        return {"wall": timed(lambda: switch.by_module(action))}

    def peer() -> Sample:
        switch.prepare(action)
        return {"wall": timed(lambda: switch.by_request(action))}

    module, itself = by_turns(ours, peer, runs)
    beyond = {"wall": module["wall"] - itself["wall"]}
    goals = {"wall": (f"{action}_call_to_proof_beyond_the_emulator", "s", BEYOND)}
    return figures("vercel", (beyond, itself), goals, runs=runs, peer_command=RAW)


def requests_lost(switch: Switch, clients: NodeClients, home: Path) -> list[Figure]:
    """To and fro under load, by the module and by the CLI."""
    samples = tuple(under_load(switch, by, home) for by in (switch.by_module, switch.by_cli(clients)))
    goals = {
        "lost": (f"requests_lost_in_{SWITCHES}_switches", "requests", NONE),
        "pause": ("between_two_requests", "ms", Goal(1000 / PER_SECOND * 1.05, of="ours")),
    }
    return figures("vercel", (samples[0], samples[1]), goals, runs=1, peer_command=CLI)


def under_load(switch: Switch, by: Callable[[str], object], home: Path) -> Sample:
    switch.prepare("promote")
    with reading(switch.address, home) as readers:
        for action in itertools.islice(itertools.cycle(("promote", "rollback")), SWITCHES):
            by(action)
    return {"lost": len(readers.failures), "pause": 1000 / readers.per_second}


def timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


class Switch:
    """Two deployments, `one` and `two`: a promotion leads to the second, a rollback to the first."""

    def __init__(self, vercel: LocalVercel, home: Path) -> None:
        self.address = vercel.fronts[DOMAIN]
        self._vercel = vercel
        self._home = home
        vercel.reset()
        self.project_id = str(self._api("POST", "/v11/projects", {"name": PROJECT})["id"])
        self._api("POST", f"/v10/projects/{self.project_id}/domains", {"name": DOMAIN})
        self._ids = {"rollback": self._deployed(PAGES[0]), "promote": self._deployed(PAGES[1])}
        self._programs = {action: self._program(home / action, action) for action in ("rollback", "promote")}

    def prepare(self, action: str) -> None:
        """Have users where this action does not lead."""
        other = "rollback" if action == "promote" else "promote"
        if self.page() != self._page(other):
            self.by_request(other)

    def by_module(self, action: str) -> Sample:
        sample = self._programs[action]()
        return self._proven(action, sample)

    def by_request(self, action: str) -> None:
        """The least that anybody can do: ask for it, and look at the page until it is the other one."""
        self._api("POST", f"/v1/projects/{self.project_id}/{action}/{self._ids[action]}", {})
        end = time.monotonic() + ENOUGH
        while self.page() != self._page(action):
            if time.monotonic() > end:
                raise RuntimeError(f"{action}: {DOMAIN} has not moved within {ENOUGH:g} s")
        self._vercel.later(1)  # until Vercel has noted the end

    def by_cli(self, clients: NodeClients) -> Callable[[str], Sample]:
        cli = VercelCli(clients, self._vercel, self._home, self.project_id)

        def run(action: str) -> Sample:
            argv = cli.command(action, self._ids[action], "--yes")
            return self._proven(action, cost_of_process(argv, env=cli.environment(), cwd=cli.folder))

        return run

    def page(self) -> str:
        return requests.get(self.address, timeout=ENOUGH).text

    def _proven(self, action: str, sample: Sample) -> Sample:
        if self.page() != self._page(action):
            raise RuntimeError(f"{action} has ended, and {DOMAIN} serves '{self.page()}'")
        return sample

    def _page(self, action: str) -> str:
        return PAGES[action == "promote"]

    def _deployed(self, page: str) -> str:
        files = [{"file": "index.html", "data": page, "encoding": "utf-8"}]
        body = {"name": PROJECT, "project": self.project_id, "target": "production", "files": files}
        made = self._api("POST", "/v13/deployments", body)
        self._vercel.later(ENOUGH)
        return str(made["id"])

    def _program(self, home: Path, action: str) -> AnsibleProcess:
        common = {"project": PROJECT, "token": self._vercel.token, "team": self._vercel.team, "api_url": self._vercel.url}
        wanted = {"deployment": self._ids[action], "action": action, "override_rollback": True, "allow_older": True}
        return AnsibleProcess(home, "holdfast.webops.vercel_promote", {**common, **wanted})

    def _api(self, method: str, path: str, body: t.Any) -> t.Any:
        return self._vercel.api(method, f"{path}?teamId={self._vercel.team}", body)


class PageMix(Mix):
    """Nothing but the home page."""

    def __init__(self, host: str) -> None:
        super().__init__(host, "bench")
        self._visit = self._get("page", "/")

    def draw(self) -> Visit:
        return self._visit


def reading(address: str, folder: Path) -> SteadyLoad:
    """People who do nothing but look at the home page."""
    host, _colon, port = address.removeprefix("http://").rstrip("/").partition(":")
    report = folder / f"readers-{time.monotonic_ns()}.json"
    return SteadyLoad((host, int(port)), PageMix(DOMAIN), report, per_second=PER_SECOND, connections=CONNECTIONS)
