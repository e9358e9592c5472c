# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind web_vitals: what does a user of the page wait for? Measured by a real Chromium, as https://web.dev/vitals defines it.

LCP and CLS are those of the load. For INP and FID one key (Tab) is pressed after it: it does no harm on any page, and how
long the page takes to react to it is what a user feels.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._health.chromium import (
    NAMES,
    Browser,
    BrowserError,
    Event,
    find_browser,
    running,
)
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web_vitals import WebVitalsTarget

# Seconds: without a new network answer for so long a page counts as loaded, and so long an interaction may take to show.
QUIET, SHOWING = 0.5, 0.5
SHOWN = 200
COUNTED = (("images_without_alt", "images"), ("fields_without_label", "fields"), ("skipped_headings", "headings"))

# Layout shifts count by windows of at most 5 s with gaps below 1 s; those after input are the user's wish.
OBSERVER = """
(() => {
  const vitals = {lcp: null, cls: 0, inp: null, fid: null};
  let window_ = null;
  window.__holdfast_vitals = vitals;
  const observe = (type, seen, more) => {
    try { new PerformanceObserver(list => list.getEntries().forEach(seen)).observe({type, buffered: true, ...more}); } catch (_) {}
  };
  observe('largest-contentful-paint', entry => { vitals.lcp = entry.startTime; });
  observe('layout-shift', entry => {
    if (entry.hadRecentInput) return;
    const at = entry.startTime;
    if (window_ && at - window_.last < 1000 && at - window_.first < 5000) { window_.sum += entry.value; window_.last = at; }
    else { window_ = {first: at, last: at, sum: entry.value}; }
    vitals.cls = Math.max(vitals.cls, window_.sum);
  });
  observe('first-input', entry => {
    vitals.fid = entry.processingStart - entry.startTime;
    vitals.inp = Math.max(vitals.inp ?? 0, entry.duration);
  });
  observe('event', entry => { if (entry.interactionId) vitals.inp = Math.max(vitals.inp ?? 0, entry.duration); }, {durationThreshold: 16});
})();
"""

# What is shown without the name that a screen reader reads, and headings that leave out a level. It does not replace an audit.
OBSTACLES = """
(() => {
  const shown = selector => [...document.querySelectorAll(selector)].filter(element => element.getClientRects().length);
  const unnamed = element => !['aria-label', 'aria-labelledby', 'title'].some(name => element.getAttribute(name)?.trim());
  const decoration = '[role=presentation], [role=none], [aria-hidden=true]';
  const levels = shown('h1, h2, h3, h4, h5, h6').map(heading => Number(heading.tagName[1]));
  return JSON.stringify({
    images: shown('img:not([alt])').filter(image => unnamed(image) && !image.matches(decoration)).length,
    fields: shown('input:not([type=submit], [type=button], [type=reset]), select, textarea')
      .filter(field => unnamed(field) && !field.labels?.length).length,
    headings: levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1).length,
  });
})()
"""


class _Visit:
    """One page load, as the browser reports it."""

    def __init__(self, browser: Browser, target: WebVitalsTarget) -> None:
        self.status: t.Optional[int] = None
        self.address: t.Optional[str] = None
        self.loaded = False
        self._browser, self._request = browser, target.request
        browser.on_event = self._on_event

    def run(self) -> dict[str, t.Any]:
        """The vitals as the page's observers saw them. Raises BrowserError."""
        browser = self._browser
        browser.open_page()
        browser.call("Page.enable")
        browser.call("Network.enable")
        if not self._request.trust.validate_certs:
            browser.call("Security.setIgnoreCertificateErrors", ignore=True)
        if self._request.headers or self._request.secret_headers:
            # Not Network.setExtraHTTPHeaders: that sends them to every origin that the page mentions.
            origin = f"{self._request.location.scheme}://{self._request.location.authority}"
            browser.call("Fetch.enable", patterns=[{"urlPattern": f"{origin}/*"}])
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=OBSERVER)
        went = browser.call("Page.navigate", url=str(self._request.location))
        if went.get("errorText"):
            raise BrowserError(f"the page could not be opened: {went['errorText']}")
        browser.listen(3600, until=lambda: self.loaded)
        if not self.loaded:
            raise BrowserError("the page was not loaded in time")
        browser.listen(QUIET)
        return self._interact()

    def _interact(self) -> dict[str, t.Any]:
        for kind in ("keyDown", "keyUp"):
            self._browser.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        self._browser.listen(SHOWING)
        return {**self._object("JSON.stringify(window.__holdfast_vitals)"), **self._object(OBSTACLES)}

    def _object(self, expression: str) -> dict[str, t.Any]:
        """What an expression is in the page, which could have put anything in its place."""
        found = self._browser.call("Runtime.evaluate", expression=expression, returnByValue=True)
        try:
            value = json.loads(found["result"]["value"])
        except (KeyError, TypeError, ValueError):
            raise BrowserError("the page hides its vitals") from None
        if not isinstance(value, dict):
            raise BrowserError("the page hides its vitals")
        return value

    def _on_event(self, event: Event) -> None:
        params = event.get("params", {})
        if event["method"] == "Page.loadEventFired":
            self.loaded = True
        elif event["method"] == "Fetch.requestPaused":
            self._go_on(params)
        elif event["method"] == "Network.responseReceived" and params.get("type") == "Document" and self.status is None:
            response = params["response"]
            self.status = response["status"]
            if response.get("remoteIPAddress"):
                self.address = f"{response['remoteIPAddress']}:{response['remotePort']}"

    def _go_on(self, paused: t.Mapping[str, t.Any]) -> None:
        """Let a request to the page's own origin go, with the headers that are meant for it."""
        own = {**self._request.headers, **self._request.secret_headers}
        headers = {**paused["request"]["headers"], **own}
        self._browser.send(
            "Fetch.continueRequest",
            requestId=paused["requestId"],
            headers=[{"name": name, "value": value} for name, value in headers.items()],
        )


def look(target: WebVitalsTarget, deadline: Deadline, _clock: Clock) -> Finding:
    path = target.browser or find_browser()
    figures: dict[str, t.Any] = dict.fromkeys(("lcp_ms", "cls", "inp_ms", "fid_ms", *(figure for figure, _name in COUNTED)))
    if path is None:
        return Finding("", skipped=f"no Chromium is installed on this host (looked for {', '.join(NAMES)})", figures=figures)
    visit: t.Optional[_Visit] = None
    try:
        with running(path, deadline) as browser:
            visit = _Visit(browser, target)
            vitals = visit.run()
    except (BrowserError, WebopsError) as exc:
        return Finding("", problems=(str(exc).rstrip(".")[:SHOWN],), figures=figures, evidence=_evidence(visit))
    figures.update(lcp_ms=_number(vitals, "lcp", 1), cls=_number(vitals, "cls", 4))
    figures.update(inp_ms=_number(vitals, "inp", 1), fid_ms=_number(vitals, "fid", 1))
    figures.update((figure, _number(vitals, name, None)) for figure, name in COUNTED)
    problems = (f"answered {visit.status} instead of 200",) if visit.status != 200 else ()
    warnings = () if figures["lcp_ms"] is not None else ("nothing was painted that LCP counts",)
    return Finding(_seen(figures), problems, warnings, figures=figures, evidence=_evidence(visit))


def prepare(target: WebVitalsTarget) -> None:
    """A browser that was named must be there; that there is none at all is what `skipped` is for."""
    if target.browser and shutil.which(target.browser) is None:
        raise NotFoundError(
            f"The browser '{target.browser}' cannot be run on this host.", hint="Correct the option browser, or leave it out."
        )


def _number(vitals: t.Mapping[str, t.Any], name: str, digits: t.Optional[int]) -> t.Optional[float]:
    """A page could put anything there."""
    value = vitals.get(name)
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        return None if value is None else round(float(value), digits)
    return None


def _seen(figures: t.Mapping[str, t.Any]) -> str:
    words = [f"{name} {value:g}{unit}" for name, value, unit in _named(figures) if value is not None]
    return f"the page has {', '.join(words)}" if words else "the page has no vitals"


def _named(figures: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, t.Optional[float], str]]:
    yield "LCP", figures["lcp_ms"], " ms"
    yield "CLS", figures["cls"], ""
    yield "INP", figures["inp_ms"], " ms"
    yield "FID", figures["fid_ms"], " ms"


def _evidence(visit: t.Optional[_Visit]) -> Evidence:
    return Evidence(address=visit.address, status=visit.status) if visit else Evidence()
