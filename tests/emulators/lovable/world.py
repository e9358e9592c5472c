"""What the local Lovable knows: a project that is connected with a branch, its publishes, and the servers that hold copies of its site."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
import threading
import time
import typing as t

from tests.emulators.lovable.building import NOTHING, Site, build

if t.TYPE_CHECKING:
    from pathlib import Path

KEY = "lov_local_key"
PROJECT = "project-local"
CLASSES = ("transient", "code", "configuration", "data", "integration", "policy", "internal")


@dataclasses.dataclass
class Settings:
    """Seconds, and what kind of host it is. With `publishes_pushes` every push is published, as Netlify and its like do."""

    branch: str = "main"
    preview_branch: str = ""
    publishes_pushes: bool = False
    sync_seconds: float = 0.0
    publish_seconds: float = 0.0
    poll_seconds: float = 2.0
    # By so much later than the one before does each server notice a publish.
    edge_seconds: float = 0.0
    # A host that answers with its page where there is no such file.
    fallback: bool = True
    # `module:function`: what builds the site in place of what is in building.py.
    builder: str = ""


@dataclasses.dataclass
class Publish:
    """One publish; `error_class` is set when it fails at its end."""

    id: str
    commit: str
    ready_at: float
    error_class: str | None = None
    message: str = ""
    asked_at: float = float("-inf")
    done: bool = False


@dataclasses.dataclass
class Fault:
    """What is to go wrong, so many times; 0 is for ever. `facts` are the kind's own words."""

    kind: str
    times: int
    facts: dict[str, t.Any]

    def suits(self, method: str, path: str) -> bool:
        return self.facts.get("method", method) == method and str(self.facts.get("path", "")) in path


KINDS: t.Final = {
    "status": {"code", "message", "retry_after", "method", "path"},
    "cut": {"method", "path"},
    "publish_fails": {"error_class", "message"},
    "publish_stuck": set(),
    "commit_before": {"message"},
    "commit_during": {"message"},
    "stale_edge": {"edge", "seconds"},
    "sync_stuck": set(),
}


class World:
    """All state, behind one lock."""

    def __init__(self, repository: Path, edges: int) -> None:
        self.repository = repository
        self.settings = Settings()
        self.lock = threading.RLock()
        self.faults: list[Fault] = []
        self.publishes: dict[str, Publish] = {}
        self.online = True
        self._numbers = itertools.count(1)
        self._pushed_on = 0.0
        self._seen: dict[str, tuple[str, float]] = {}
        self._known: dict[str, str] = {}
        self._sites: dict[str, Site] = {}
        # Of each server: what it holds, and from when on it holds the newer one.
        self.origin = NOTHING
        self._edges: list[tuple[Site, float]] = [(NOTHING, 0.0)] * edges

    @property
    def now(self) -> float:
        return time.monotonic() + self._pushed_on

    def push_on(self, seconds: float) -> None:
        self._pushed_on += seconds

    @property
    def edge_count(self) -> int:
        return len(self._edges)

    # --- faults ---

    def add_fault(self, kind: str, times: int = 1, **facts: t.Any) -> None:
        """ValueError for a kind or a word that is none."""
        if kind not in KINDS or set(facts) - KINDS[kind]:
            raise ValueError(f"known are {', '.join(f'{name} ({sorted(words)})' for name, words in KINDS.items())}")
        if kind == "publish_fails" and facts.get("error_class") not in CLASSES:
            raise ValueError(f"error_class is one of {', '.join(CLASSES)}")
        with self.lock:
            self.faults.append(Fault(kind, times, facts))

    def fault(self, kind: str, method: str = "", path: str = "") -> dict[str, t.Any] | None:
        """The facts of the next fault of a kind that suits the request, which is used up by that; None where there is none."""
        with self.lock:
            for fault in self.faults:
                if fault.kind == kind and fault.suits(method, path):
                    if fault.times == 1:
                        self.faults.remove(fault)
                    fault.times -= fault.times > 1
                    return fault.facts
        return None

    def stands(self, kind: str) -> bool:
        with self.lock:
            return any(fault.kind == kind for fault in self.faults)

    # --- commits ---

    def known(self, branch: str) -> str:
        """The newest commit of a branch that the host has seen; empty where it has seen none."""
        with self.lock:
            head = self._head(branch)
            if head and self._seen.get(branch, ("", 0.0))[0] != head:
                self._seen[branch] = (head, self.now)
            due = self._seen.get(branch, ("", 0.0))[1] + self.settings.sync_seconds
            if head and self.now >= due and not self.stands("sync_stuck"):
                self._known[branch] = head
            return self._known.get(branch, "")

    def _head(self, branch: str) -> str:
        """Without git where that is possible: this is asked with every request."""
        file = self.repository / "refs" / "heads" / branch
        if file.exists():
            return file.read_text().strip()
        done = self.git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}", check=False)
        return done.strip()

    def git(self, *argv: str, check: bool = True) -> str:
        own = {"GIT_AUTHOR_NAME": "Editor", "GIT_AUTHOR_EMAIL": "editor@example.org"}
        env = {**own, "GIT_COMMITTER_NAME": "Editor", "GIT_COMMITTER_EMAIL": "editor@example.org", "PATH": "/usr/bin:/bin"}
        argv = ("git", "-C", str(self.repository), *argv)
        return subprocess.run(argv, capture_output=True, text=True, check=check, env=env).stdout

    def edit(self, message: str) -> str:
        """Somebody works in the editor: a commit on the branch that nobody here made."""
        branch = self.settings.branch
        head = self._head(branch)
        made = self.git("commit-tree", f"{head}^{{tree}}", "-p", head, "-m", message).strip()
        self.git("update-ref", f"refs/heads/{branch}", made, head)
        return made

    def site(self, commit: str) -> Site:
        with self.lock:
            if commit not in self._sites:
                self._sites[commit] = build(self.repository, commit, self.settings.builder) if commit else NOTHING
            return self._sites[commit]

    # --- publishing ---

    def publish(self) -> Publish:
        """Begin; what is the latest now goes out."""
        with self.lock:
            if before := self.fault("commit_before"):
                self.edit(before.get("message", "Ask for a blue button"))
            made = Publish(f"pub-{next(self._numbers)}", self.known(self.settings.branch), self.now + self.settings.publish_seconds)
            if failing := self.fault("publish_fails"):
                made.error_class, made.message = failing["error_class"], failing.get("message", "")
            if self.fault("publish_stuck") is not None:
                made.ready_at = float("inf")
            self.publishes[made.id] = made
            if during := self.fault("commit_during"):
                self.edit(during.get("message", "Ask for a red button"))
            return made

    def catch_up(self) -> None:
        """Everything that is due by now has happened."""
        with self.lock:
            if self.settings.publishes_pushes:
                head = self.known(self.settings.branch)
                if head and head not in (publish.commit for publish in self.publishes.values()):
                    made = Publish(f"push-{next(self._numbers)}", head, self.now + self.settings.publish_seconds)
                    self.publishes[made.id] = made
            for publish in self.publishes.values():
                if not publish.done and self.now >= publish.ready_at:
                    publish.done = True
                    if publish.error_class is None:
                        self._go_live(self.site(publish.commit))

    def _go_live(self, site: Site) -> None:
        stale = self.fault("stale_edge") or {}
        for number in range(len(self._edges)):
            seconds = number * self.settings.edge_seconds
            if stale and number == int(stale.get("edge", 0)):
                seconds = float(stale.get("seconds", 0)) or float("inf")
            self._edges[number] = (self.edge(number)[0], self.now + seconds)
        self.origin = site
        self.online = True

    def edge(self, number: int) -> tuple[Site, Site]:
        """What a server holds, and what it fetches when it does not hold a file."""
        with self.lock:
            held, until = self._edges[number]
            return (self.origin if self.now >= until else held), self.origin
