"""People who look at a site: each opens the page, loads what it names, and later what its scripts name, over new connections."""

from __future__ import annotations

import collections
import threading
import typing as t

import requests

from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.references import looks_like_a_page, references

TIMEOUT = 60


class OpenTabs:
    """`with OpenTabs(url, ...) as tabs: ...`, then `failures`, `pages` by release, and `requests`.

    A failure is also a page in the place of a file that somebody's page needs.
    """

    def __init__(self, url: str, release_of: t.Callable[[str], str | None], people: int = 4) -> None:
        self._url = url
        self._release_of = release_of
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._person) for _number in range(people)]
        self.failures: list[str] = []
        self.pages: collections.Counter[str | None] = collections.Counter()
        self.requests = 0

    def __enter__(self) -> t.Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _person(self) -> None:
        while not self._stopped.is_set():
            page = self._get("/")
            later: set[str] = set()
            for path in sorted(references(page, "/", "assets")):
                later |= references(self._get(path), path, "assets")
            with self._lock:
                self.pages[self._release_of(page)] += 1
            self._stopped.wait(0.05)
            for path in sorted(later):
                self._get(path)

    def _get(self, path: str) -> str:
        problem = ""
        try:
            answer = requests.get(f"{self._url}{path}", timeout=TIMEOUT)
        except requests.RequestException as exc:
            problem, text = repr(exc), ""
        else:
            text = answer.text
            if answer.status_code != 200:
                problem = str(answer.status_code)
            elif path != "/" and looks_like_a_page(answer.headers.get("Content-Type", ""), path):
                problem = "the page instead of the file"
        with self._lock:
            self.requests += 1
            if problem:
                self.failures.append(f"{path}: {problem}")
        return text
