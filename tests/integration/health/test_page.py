"""Kind page against a real site, and against one that misbehaves."""

from __future__ import annotations

import gzip
import typing as t

import pytest

from tests.integration.health.lab import look, run
from tests.integration.health.site import Reply, Site

if t.TYPE_CHECKING:
    from tests.integration.unruly_server import UnrulyServer

PAGE = b"""<!doctype html><html><head><base href="/assets/">
<link rel="stylesheet" href="main.css"><link rel="prefetch" href="later.js"><link rel="icon" href="/icon.png">
<script src="app.js"></script><script src="https://elsewhere.example/x.js"></script>
<style>body { background: url(paper.png) }</style></head>
<body><img src="photo.jpg"><img src="photo.jpg"><img srcset="small.jpg 1x, large.jpg 2x"><a href="/other">other</a>
<img src="data:image/gif;base64,AAAA"><use href="#here"></use></body></html>"""


def replies(**more: Reply) -> dict[str, Reply]:
    packed = gzip.compress(b"@import 'more.css'; h1 { src: url(\"font.woff2\") }" + b" " * 5000)
    found = {
        "/": Reply(PAGE),
        "/assets/main.css": Reply(packed, "text/css", headers={"Content-Encoding": "gzip"}),
        "/assets/more.css": Reply(b"h2 { background: url(deep.png) }", "text/css"),
        **{f"/assets/{name}": Reply(b"x" * 100, "image/png") for name in ("app.js", "paper.png", "photo.jpg", "small.jpg", "deep.png")},
        "/assets/font.woff2": Reply(b"x" * 100, "font/woff2"),
        "/icon.png": Reply(b"x" * 100, "image/png"),
    }
    return {**found, **{f"/assets/{name.replace('_', '.')}": reply for name, reply in more.items()}}


def test_a_page_is_loaded_with_all_it_references_on_its_own_origin() -> None:
    with Site.running(replies()) as site:
        # The time is the machine's own affair here.
        check = look("page", url=f"{site.url}/", thresholds={"total_ms": {"fail": 29_000}})
    assert check["status"] == "pass"
    assert sorted(asked.path for asked in site.asked) == sorted(replies())
    assert check["figures"]["requests"] == 10
    assert check["figures"]["page_bytes"] == sum(len(reply.body) for reply in replies().values())
    assert check["evidence"]["value"] == "1 references to other origins were not loaded"
    assert site.connections <= 6


@pytest.mark.parametrize(
    ("thresholds", "reason"),
    [
        ({"requests": {"fail": 9}}, "requests is 10, over 9"),
        ({"page_bytes": {"fail": 500}}, "over 500"),
        ({"total_ms": {"fail": 100}}, "over 100"),
    ],
)
def test_each_budget_is_kept(thresholds: dict[str, t.Any], reason: str) -> None:
    with Site.running(replies(app_js=Reply(b"x", "text/javascript", wait=0.2))) as site:
        check = look("page", url=f"{site.url}/", thresholds=thresholds)
    assert check["status"] == "fail"
    assert reason in check["reason"]


def test_what_is_referenced_and_missing_is_named() -> None:
    with Site.running(replies(app_js=Reply(b"", status=404), photo_jpg=Reply(b"", status=500))) as site:
        check = look("page", url=f"{site.url}/")
    assert check["reason"] == "/assets/app.js answered 404; /assets/photo.jpg answered 500."


def test_a_page_that_does_not_answer_well_fails_and_what_it_references_is_not_asked_for() -> None:
    with Site.running({"/": Reply(PAGE, status=503)}) as site:
        assert look("page", url=f"{site.url}/")["reason"] == "Answered 503 instead of 200."
    assert len(site.asked) == 1


@pytest.mark.parametrize("path", ["silent", "drips-headers", "drips-body", "never-ends", "resets", "hangs-up", "cut-short", "gibberish"])
def test_a_page_that_never_comes_ends_in_time(server: UnrulyServer, path: str) -> None:
    assert look("page", url=f"{server.url}/{path}", timeout=0.5)["status"] == "fail"


def test_a_reference_that_never_comes_ends_in_time_and_is_named(server: UnrulyServer) -> None:
    check = look("page", url=f"{server.url}/page", timeout=4)
    assert f"/silent of 127.0.0.1:{server.port} did not come in time" in check["reason"]


def test_secrets_reach_the_page_and_not_the_result() -> None:
    with Site.running(replies()) as site:
        found = run({"name": "it", "kind": "page", "url": f"{site.url}/", "secret_headers": {"X-Preview": "s3cr3tvalue"}})
    assert {asked.headers["x-preview"] for asked in site.asked} == {"s3cr3tvalue"}
    assert "s3cr3tvalue" not in found["raw"]
