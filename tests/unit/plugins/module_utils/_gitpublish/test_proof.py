"""A site is proven when every server of it shows the release, its page and its files."""

from __future__ import annotations

import itertools
import json
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish import asking, serving
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.asking import Server
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.serving import Proof, Site
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import Answer
from tests.unit.fake_clock import FakeClock

SITE = Site("https://shop.example.org", "release.json", "index.html", "assets")
FRONT = Server("https", "shop.example.org", "shop.example.org", "192.0.2.7", 443)
PAGE = '<head><meta name="holdfast-release" content="{}"><script src="/assets/main-{}.js"></script></head>'
KINDS = {".js": "text/javascript", "json": "application/json", "/": "text/html"}


def files(release: str, *, kept: tuple[str, ...] = ()) -> dict[str, str]:
    about = {"release": release, "kept": kept}
    return {"/release.json": json.dumps(about), "/": PAGE.format(release, release), f"/assets/main-{release}.js": "//"}


def ask_in_turn(*edges: dict[str, str]) -> t.Callable[..., Answer]:
    """A front that gives each connection the next server."""
    turns = itertools.cycle(edges)

    def ask(server: Server, path: str, deadline: Deadline) -> Answer:
        text = next(turns).get(path)
        kind = next(kind for end, kind in KINDS.items() if path.endswith(end))
        return Answer(200, {"content-type": "text/html"}, b"<p>") if text is None else Answer(200, {"content-type": kind}, text.encode())

    return ask


@pytest.fixture
def problem_of(monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., str | None]:
    def problem(*edges: dict[str, str], rounds: int = 5) -> str | None:
        monkeypatch.setattr(asking, "servers_of", lambda _url, _edges: (FRONT,))
        monkeypatch.setattr(asking, "ask", ask_in_turn(*edges))
        return Proof(SITE, "new", rounds, FakeClock()).problem(Deadline(FakeClock(), 60))

    return problem


def test_a_site_that_shows_the_release_everywhere_is_proven(problem_of: t.Callable[..., str | None]) -> None:
    assert problem_of(files("new"), files("new")) is None


@pytest.mark.parametrize("stale", range(3))
@pytest.mark.parametrize("servers", [2, 3])
def test_one_server_with_old_files_is_found_whichever_it_is_also_where_it_fetches_what_it_has_not(
    problem_of: t.Callable[..., str | None], servers: int, stale: int
) -> None:
    old = {**files("new"), **files("old")}
    edges = [old if number == stale % servers else {**files("old"), **files("new")} for number in range(servers)]
    said = problem_of(*edges)
    assert said is not None
    assert "192.0.2.7:443 shows" in said
    assert "old" in said


def test_a_file_that_the_page_or_an_open_tab_needs_and_that_is_gone_is_named(problem_of: t.Callable[..., str | None]) -> None:
    torn = files("new")
    del torn["/assets/main-new.js"]
    assert problem_of(torn) == "192.0.2.7:443 has no /assets/main-new.js: it answers with a page instead"
    missing = files("new", kept=("/assets/main-old.js",))
    assert problem_of(missing) == "192.0.2.7:443 has no /assets/main-old.js: it answers with a page instead"
    assert problem_of({**missing, "/assets/main-old.js": "//"}) is None


def test_an_old_page_beside_the_new_release_file_is_no_proof(problem_of: t.Callable[..., str | None]) -> None:
    said = problem_of({**files("old"), **files("new"), "/": PAGE.format("old", "old")})
    assert said == "192.0.2.7:443 shows the page of old at /"


def test_a_site_shows_a_release_when_all_of_its_servers_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(*edges: dict[str, str]) -> serving.Served:
        monkeypatch.setattr(asking, "servers_of", lambda _url, _edges: (FRONT,))
        monkeypatch.setattr(asking, "ask", ask_in_turn(*edges))
        return serving.look(SITE, Deadline(FakeClock(), 60))

    assert (look(files("new")).release, look({}).release, look({}).disagreements) == ("new", None, ())
    torn = look(files("new"), files("old"))
    assert torn.release is None
    assert "does not show the same release to everybody: new (192.0.2.7:443), old (192.0.2.7:443)" in torn.disagreements[0]


def test_a_proof_ends_at_its_deadline_with_what_was_seen_last(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, told = FakeClock(), list[str]()
    monkeypatch.setattr(asking, "servers_of", lambda _url, _edges: (FRONT,))
    monkeypatch.setattr(asking, "ask", ask_in_turn(files("old")))
    with pytest.raises(DeadlineError, match=r"does not show new to everybody in time: 192\.0\.2\.7:443 shows old at /release\.json"):
        Proof(SITE, "new", 5, clock).wait(Deadline(clock, 30), told.append)
    assert (clock.seconds, max(clock.slept) <= serving.LONGEST, bool(told)) == (30, True, True)
