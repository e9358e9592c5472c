# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users get: the release file, the page, and the files that the page and open tabs need. Looked at, never believed."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish import asking, contents, references
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.asking import Server
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import Answer, GoneError

# Looks at a site of which nothing is expected, one connection each: a server in front may choose another one behind it each time.
LOOKS = 3
# Seconds between two looks that were in vain.
FIRST, LONGEST = 0.2, 2.0
MOST_FILES, MOST_BYTES = 500, 128 * 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Site:
    """Where a release is shown, and what of it is looked at. `index` is the page with the meta tag; empty for none."""

    url: str
    release_file: str
    index: str
    assets_dir: str
    edges: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        """The path at which the page is shown."""
        if not self.index or self.index == "index.html":
            return "/"
        return "/" + (self.index[: -len("index.html")] if self.index.endswith("/index.html") else self.index)


@dataclasses.dataclass(frozen=True)
class Served:
    """What the looks saw: the release that all of them showed, or sentences about why there is none such."""

    release: t.Optional[str]
    commit: t.Optional[str]
    disagreements: tuple[str, ...] = ()

    def shows(self, release_id: t.Optional[str]) -> bool:
        return self.release is not None and self.release == release_id


def look(site: Site, deadline: Deadline) -> Served:
    """What the site shows; no release where it shows none of ours, or cannot be asked."""
    try:
        servers = asking.servers_of(site.url, site.edges)
        told = [(server, _release_at(site, server, deadline)) for server in servers for _look in range(LOOKS)]
    except GoneError as exc:
        return Served(None, None, (f"{site.url} could not be asked which release it shows: {exc}.",))
    shown = {(about or {}).get("release"): (server, about or {}) for server, about in told}
    if len(shown) > 1:
        said = ", ".join(f"{release or 'none of ours'} ({server})" for release, (server, _about) in shown.items())
        return Served(None, None, (f"{site.url} does not show the same release to everybody: {said}.",))
    ((release, (_server, about)),) = shown.items()
    if release is None:
        return Served(None, None)
    return Served(str(release), str(about.get("commit") or ""))


def _release_at(site: Site, server: Server, deadline: Deadline) -> t.Optional[dict[str, t.Any]]:
    answer = asking.ask(server, f"/{site.release_file}", deadline)
    return contents.read_release_file(answer.body) if answer.status == 200 else None


class Proof:
    """That a site shows a release to everybody: so many rounds of fresh requests to every server, one after the other, without a miss."""

    def __init__(self, site: Site, release_id: str, rounds: int, clock: Clock) -> None:
        self._site = site
        self._release_id = release_id
        self._rounds = rounds
        self._clock = clock
        self.requests = 0

    def problem(self, deadline: Deadline) -> t.Optional[str]:
        """Why it does not, as the end of a sentence; None when it is proven."""
        try:
            for number in range(self._rounds):
                for server in asking.servers_of(self._site.url, self._site.edges):
                    self._look(server, deadline, old_ones_too=number in (0, self._rounds - 1))
                    if number % 2:
                        # Out of step with what hands connections out in turn, which else could give each path to one server all the time.
                        self._release(server, deadline)
        except GoneError as exc:
            return str(exc)
        return None

    def wait(self, deadline: Deadline, tell: t.Callable[[str], None]) -> None:
        """Look until it is proven. DeadlineError with the last reason."""
        pause = FIRST
        while True:
            last = deadline.expired
            problem = self.problem(Deadline(self._clock, asking.SECONDS) if last else deadline)
            if problem is None:
                return
            if last:
                raise DeadlineError(
                    f"{self._site.url} does not show {self._release_id} to everybody in time: {problem}.",
                    hint="Look at the host's own pages, and at its caches. The same task run again goes on.",
                )
            tell(f"{problem}; looks again")
            self._clock.sleep(min(pause, deadline.remaining()))
            pause = min(pause * 1.5, LONGEST)

    def _release(self, server: Server, deadline: Deadline) -> dict[str, t.Any]:
        about = contents.read_release_file(self._good(server, f"/{self._site.release_file}", deadline).body) or {}
        if about.get("release") != self._release_id:
            raise GoneError(f"{server} shows {about.get('release') or 'no release of ours'} at /{self._site.release_file}")
        return about

    def _look(self, server: Server, deadline: Deadline, *, old_ones_too: bool) -> None:
        about = self._release(server, deadline)
        needed = self._page_files(server, deadline)
        for path in sorted(needed | (set(about["kept"]) if old_ones_too else set())):
            self._good(server, path, deadline)

    def _page_files(self, server: Server, deadline: Deadline) -> set[str]:
        page = self._good(server, self._site.page, deadline).text
        if self._site.index:
            shown = contents.meta_of(page)
            if shown != self._release_id:
                raise GoneError(f"{server} shows the page of {shown or 'no release of ours'} at {self._site.page}")
        return references.references(page, self._site.page, self._site.assets_dir)

    def _good(self, server: Server, path: str, deadline: Deadline) -> Answer:
        self.requests += 1
        answer = asking.ask(server, path, deadline)
        if answer.status != 200:
            raise GoneError(f"{server} answers {answer.status} at {path}")
        if path != self._site.page and references.looks_like_a_page(answer.headers.get("content-type", ""), path):
            raise GoneError(f"{server} has no {path}: it answers with a page instead")
        return answer


def files_of_page(site: Site, deadline: Deadline) -> dict[str, bytes]:
    """What open tabs of the release that is shown now may ask for: the files that its page names, and those that these name in turn.

    Nothing where there is no page yet. Raises GoneError where a file that is named cannot be had.
    """
    server = asking.servers_of(site.url, site.edges)[0]
    page = asking.ask(server, site.page, deadline)
    if page.status != 200:
        return {}
    found: dict[str, bytes] = {}
    waiting = references.references(page.text, site.page, site.assets_dir)
    while waiting:
        path = waiting.pop()
        answer = asking.ask(server, path, deadline)
        # Not every word that looks like a file is one.
        if answer.status != 200 or references.looks_like_a_page(answer.headers.get("content-type", ""), path):
            continue
        found[path] = answer.body
        if len(found) > MOST_FILES or sum(map(len, found.values())) > MOST_BYTES:
            raise GoneError(f"its files are more than {MOST_FILES}, or larger than {MOST_BYTES // 1024 // 1024} MiB")
        if path.endswith(references.FOLLOWED):
            waiting |= references.references(answer.text, path, site.assets_dir) - set(found)
    return found
