"""Kind web_vitals with a real Chromium, which `make packages` installs."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from tests.integration.health.lab import MEASURED, NEVER, look
from tests.integration.health.site import Reply, Site
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from tests.integration.unruly_server import UnrulyServer

GOOD = Reply(b"<!doctype html><html><head><link rel=stylesheet href=/a.css></head><body><h1>Hello</h1><input autofocus></body></html>")
# The heading is pushed down half the window after it was painted.
SHIFTING = b"""<!doctype html><html><body><div id=a></div><h1 style='font-size:90px'>Hello</h1><script>
requestAnimationFrame(() => setTimeout(() => { document.getElementById('a').style.height = '400px' }, 100));
addEventListener('load', () => { const end = performance.now() + 300; while (performance.now() < end) {} });
</script></body></html>"""
# Every key keeps the page busy.
SLUGGISH = b"""<!doctype html><html><body><h1>Hello</h1><script>
addEventListener('keydown', () => { const end = performance.now() + 300; while (performance.now() < end) {} });
</script></body></html>"""
# Of each pair the first is an obstacle, the second is none; what is not shown is none either.
OBSTACLES = b"""<!doctype html><html><body><h1>Hello</h1><h3>Too deep</h3><h2>Fine</h2><h3>Fine</h3>
<img src=/a.png width=9 height=9><img src=/a.png alt='' width=9 height=9><img src=/a.png role=presentation width=9 height=9>
<input name=a><label>b<input name=b></label><select></select><select aria-label=c></select><input type=hidden><button>Go</button>
<div style='display: none'><img src=/a.png width=9 height=9><textarea></textarea></div></body></html>"""
# This machine is no user's: only what a test is about has a limit that matters.
LIMITS: dict[str, t.Any] = {name: {"fail": 119_000} for name in ("lcp_ms", "inp_ms", "fid_ms")}


@pytest.fixture(scope="module")
def site() -> t.Iterator[Site]:
    replies = {
        "/": GOOD,
        "/a.css": Reply(b"h1 { color: red }", "text/css"),
        "/shifting": Reply(SHIFTING),
        "/sluggish": Reply(SLUGGISH),
        "/late": Reply(GOOD.body, wait=0.7),
        "/broken": Reply(GOOD.body, status=500),
        "/obstacles": Reply(OBSTACLES),
    }
    with Site.running(replies) as running:
        yield running


def test_a_good_page_has_its_vitals_measured(site: Site) -> None:
    check = look("web_vitals", url=f"{site.url}/", secret_headers={"X-Preview": "s3cr3tvalue"}, thresholds=LIMITS, timeout=120)
    assert check["status"] == "pass"
    assert check["figures"]["lcp_ms"] > 0
    assert check["figures"]["cls"] == 0
    assert check["figures"]["inp_ms"] >= 0
    assert check["figures"]["fid_ms"] >= 0
    assert {asked.headers["x-preview"] for asked in site.asked} == {"s3cr3tvalue"}


@pytest.mark.parametrize(
    ("path", "thresholds", "reason"),
    [
        ("shifting", {}, "but cls is 0."),
        ("sluggish", {"inp_ms": {"fail": 200}}, ", over 200"),
        ("late", {"lcp_ms": {"fail": 500}}, "over 500"),
        ("broken", {}, "Answered 500 instead of 200."),
    ],
)
def test_a_bad_page_is_told_by_what_its_user_feels(site: Site, path: str, thresholds: dict[str, t.Any], reason: str) -> None:
    check = look("web_vitals", url=f"{site.url}/{path}", thresholds={**LIMITS, **thresholds}, timeout=120)
    assert check["status"] == "fail"
    assert reason in check["reason"]


def test_what_a_screen_reader_stumbles_over_is_counted_and_can_have_limits(site: Site) -> None:
    limits = {"images_without_alt": {"warn": 0}, "skipped_headings": {"warn": 1}}
    check = look("web_vitals", url=f"{site.url}/obstacles", thresholds={**LIMITS, **limits}, timeout=120)
    counted = {name: check["figures"][name] for name in ("images_without_alt", "fields_without_label", "skipped_headings")}
    assert counted == {"images_without_alt": 1, "fields_without_label": 2, "skipped_headings": 1}
    assert check["status"] == "warn"
    assert check["reason"].endswith(", but images_without_alt is 1, over 0.")


def test_a_page_that_never_comes_ends_in_time_and_leaves_no_browser_behind(
    server: UnrulyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    check = look("web_vitals", url=f"{server.url}/silent", timeout=4)
    assert check["status"] == "fail"
    assert check["reason"].endswith("in time (timeout 4 s).")
    wait_for(lambda: not [line for line in command_lines() if str(tmp_path) in line], "the end of the browser")
    assert list(tmp_path.iterdir()) == []


def command_lines() -> t.Iterator[str]:
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield process.read_text()


def test_a_page_that_cannot_be_opened_says_why(free_port: t.Callable[[], int]) -> None:
    check = look("web_vitals", url=f"http://127.0.0.1:{free_port()}/", timeout=120)
    assert check["reason"] == "The page could not be opened: net::ERR_CONNECTION_REFUSED."


def test_a_browser_that_was_named_must_be_there() -> None:
    with pytest.raises(NotFoundError, match="The browser '/no/such/browser' cannot be run"):
        look("web_vitals", url="http://127.0.0.1:1/", browser="/no/such/browser")


def test_a_program_that_is_no_browser_is_not_taken_for_one() -> None:
    check = look("web_vitals", url="http://127.0.0.1:1/", browser="/bin/true", timeout=30)
    assert check["reason"].startswith("The browser ended")


def test_without_a_browser_the_check_is_skipped_with_a_note(site: Site) -> None:
    arguments = {"checks": [{"name": "it", "kind": "web_vitals", "url": f"{site.url}/"}, {"name": "a", "kind": "http", "url": site.url}]}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        capture_output=True,
        text=True,
        timeout=NEVER,
        check=False,
        env={**os.environ, "PATH": "/nowhere"},
    )
    found = json.loads(done.stdout)
    assert found["verdict"] == "healthy"
    assert found["checks"][1]["status"] == "skipped"
    assert found["summary"].startswith("healthy: 1 of 2 checks passed. it was skipped: No Chromium is installed on this host")
