"""Publishing a site from git: what people notice who have it open. Beside what everybody does: push, and press Publish."""

from __future__ import annotations

import itertools
import time
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.contents import meta_of
from tests.bench.figures import Figure, Goal, Sample, figures
from tests.emulators.lovable.running import LocalLovable
from tests.integration.module_child import succeed
from tests.integration.open_tabs import OpenTabs
from tools.embedded.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PUBLISHES, PEOPLE = 20, 4
# Three servers notice a publish one after the other.
EDGE_SECONDS = 0.3
BY_HAND = "git push, Publish"
NONE = Goal(0, of="ours")
RELEASE_FILE = ".well-known/shop-release.json"
PAGE = '<html><head><meta name="holdfast-release" content="{version}"><script type="module" src="/src/main.js"></script></head></html>'


def measure(home: Path) -> Iterator[Figure]:
    with LocalLovable(home, edge_seconds=EDGE_SECONDS, poll_seconds=0) as lovable:
        site = Site(lovable)
        samples = (published_by(site, site.by_module()), published_by(site, site.by_hand()))
    goals = {
        "failed": (f"requests_failed_in_{PUBLISHES}_publishes", "requests", NONE),
        "incomplete": (f"files_of_open_pages_gone_in_{PUBLISHES}_publishes", "files", NONE),
    }
    yield from figures("gitpublish", samples, goals, runs=1, peer_command=BY_HAND)


def published_by(site: Site, publish: Iterator[str]) -> Sample:
    """So many publishes, to and fro between two versions, while people look."""
    next(publish)
    with OpenTabs(site.lovable.live_url, meta_of, PEOPLE) as tabs:
        for _version in itertools.islice(publish, PUBLISHES):
            pass
    if len(tabs.pages) < 2 or tabs.requests < PUBLISHES:
        raise RuntimeError(f"people saw {dict(tabs.pages)}: that is no publish under traffic")
    gone = sum("the page instead" in failure for failure in tabs.failures)
    return {"failed": float(len(tabs.failures) - gone), "incomplete": float(gone)}


class Site:
    """Two versions of a site, published in turn."""

    def __init__(self, lovable: LocalLovable) -> None:
        self.lovable = lovable

    def by_module(self) -> Iterator[str]:
        """Each version as the release engine brings it: staged, published, proven."""
        self.lovable.settle(branch="ours")
        for number, (version, slot) in enumerate(itertools.cycle((("one", "blue"), ("two", "green")))):
            release = {"id": f"{version}-{number}", "version": version, "commit": self._commit(version, "main")}
            for state in ("staged", "shifted"):
                succeed("git_publish", slot=slot, state=state, release=release, **self._options())
            yield version

    def by_hand(self) -> Iterator[str]:
        """What people do, and looking until all servers show it."""
        self.lovable.settle(branch="by-hand")
        for version in itertools.cycle(("one", "two")):
            self._commit(version, "by-hand")
            started = time.monotonic()
            self.lovable.call("POST", f"/v1/projects/{self.lovable.project}/publish").raise_for_status()
            wait_for(_after(started + 3 * EDGE_SECONDS), what="all servers", seconds=60)
            yield version

    def _commit(self, version: str, branch: str) -> str:
        files = {
            "index.html": PAGE.format(version=version),
            "src/main.js": f'import("/src/later.js"); "{version}";',
            "src/later.js": f'"{version}";',
            "public/robots.txt": "",
        }
        return self.lovable.commit(files, branch=branch)

    def _options(self) -> dict[str, t.Any]:
        server = self.lovable
        place = {"repository": str(server.path), "branch": "ours", "source_branch": "main", "url": server.live_url}
        host = {"project": server.project, "api_key": server.key, "api_url": server.url}
        return {**place, **host, "release_file": RELEASE_FILE, "public_dir": "public", "fencing": 1}


def _after(moment: float) -> Callable[[], str | None]:
    return lambda: None if time.monotonic() >= moment else "a server has the old files"
