"""The HTML reports in a real Chromium, which `make packages` installs: on a wide screen, on a phone, in the dark and on paper."""

from __future__ import annotations

import base64
import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._health import chromium, html_report
from ansible_collections.holdfast.webops.plugins.module_utils._recovery import page as recovery_page
from ansible_collections.holdfast.webops.plugins.module_utils._recovery import story as recovery_story
from ansible_collections.holdfast.webops.plugins.module_utils._release import page
from ansible_collections.holdfast.webops.plugins.module_utils._release.story import tell
from tests.unit.plugins.module_utils._backup.backup_entries import grown, page_of
from tests.unit.plugins.module_utils._health.results import HOSTILE, check, seen
from tests.unit.plugins.module_utils._recovery import rehearsals
from tests.unit.plugins.module_utils._recovery.rehearsals import NOON
from tests.unit.plugins.module_utils._release.releases import A, B, C, aborted, chain, good

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 600.0
WORRIES = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Network.requestWillBeSent")


class Viewer:
    """A browser with one page, and all that it complained about or asked the network for."""

    def __init__(self, browser: chromium.Browser) -> None:
        self.browser = browser
        self.events: list[dict[str, t.Any]] = []
        browser.on_event = lambda event: self.events.append(dict(event))
        browser.open_page()
        for domain in ("Page", "Log", "Runtime", "Network"):
            browser.call(f"{domain}.enable")

    def open(self, path: Path, width: int, scheme: str = "light") -> None:
        self.events.clear()
        self.browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        self.browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.browser.call("Page.navigate", url=path.as_uri())
        self.browser.listen(PATIENCE, lambda: any(event["method"] == "Page.loadEventFired" for event in self.events))

    def value(self, expression: str) -> t.Any:
        return self.browser.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"]["value"]

    def worries(self, path: Path) -> list[dict[str, t.Any]]:
        own = [event for event in self.events if event.get("params", {}).get("request", {}).get("url") == path.as_uri()]
        return [event for event in self.events if event["method"] in WORRIES and event not in own]


@pytest.fixture(scope="module")
def viewer() -> Iterator[Viewer]:
    found = chromium.find_browser()
    assert found, "there is no Chromium; 'make packages' installs it"
    with chromium.running(found, Deadline(SystemClock(), PATIENCE)) as browser:
        yield Viewer(browser)


@pytest.fixture(scope="module", params=["good", "aborted", "hostile", "health", "backups", "rehearsed", "rehearsed-hostile"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / f"{request.param}.html"
    path.write_text(written(request.param))
    return path


def written(kind: str) -> str:
    if kind == "health":
        return html_report.render(seen(check(), check(HOSTILE, "fail")))
    if kind == "backups":
        return page_of(grown(HOSTILE))
    return rehearsal_page(kind) if kind.startswith("rehearsed") else release_page(kind)


def rehearsal_page(kind: str) -> str:
    month = datetime.timedelta(days=30)
    last = (
        rehearsals.bad(HOSTILE, NOON + month)
        if kind == "rehearsed-hostile"
        else rehearsals.good(began=NOON + month, other=rehearsals.beside())
    )
    found = chain(*(("rehearsal.completed", None, data) for data in (rehearsals.good(), last)), by=HOSTILE)
    return recovery_page.render({"portal": "shop", "environment": "production", **recovery_story.tell(found, "newest")})


def release_page(kind: str) -> str:
    events = [*good(A, "green"), *(good(B, "blue", A) if kind == "good" else aborted(C, HOSTILE if kind == "hostile" else "blue", A))]
    return page.render(
        {"portal": "shop", "environment": "production", **tell(chain(*events, by=HOSTILE if kind == "hostile" else "ann"), "newest")}
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_fits_its_screen_and_nothing_in_it_goes_wrong(viewer: Viewer, report: Path, width: int) -> None:
    viewer.open(report, width)
    assert viewer.value("document.documentElement.scrollWidth") <= width
    assert viewer.value("document.title") != "owned"
    assert viewer.worries(report) == []


def test_every_picture_has_a_name_that_is_read_out(viewer: Viewer, report: Path) -> None:
    viewer.open(report, 1280)
    tree = viewer.browser.call("Accessibility.getFullAXTree")["nodes"]
    pictures = [node for node in tree if node.get("role", {}).get("value") in ("image", "img") and not node.get("ignored")]
    assert len(pictures) == viewer.value("document.querySelectorAll('svg[role=img]').length")
    assert all(node["name"]["value"] for node in pictures)


def test_the_letters_of_a_plot_can_be_read_on_a_phone(viewer: Viewer, report: Path) -> None:
    viewer.open(report, 390)
    sizes = viewer.value("[...document.querySelectorAll('svg[role=img] text')].map(text => text.getBoundingClientRect().height)")
    assert all(size >= 9 for size in sizes)


def test_dark_and_light_have_their_own_colours(viewer: Viewer, report: Path) -> None:
    colour = "getComputedStyle(document.documentElement).getPropertyValue('--mine')"
    found = set()
    for scheme in ("light", "dark"):
        viewer.open(report, 1280, scheme)
        found.add(viewer.value(colour))
    assert len(found) == 2


def test_it_can_be_printed(viewer: Viewer, report: Path) -> None:
    viewer.open(report, 1280)
    printed = base64.b64decode(viewer.browser.call("Page.printToPDF")["data"])
    assert printed.startswith(b"%PDF-")
