# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a page makes a browser load at once: found in its HTML and in its style sheets. Pure."""

from __future__ import annotations

import html.parser
import re
import typing as t
import urllib.parse

RELATIONS = {"apple-touch-icon", "icon", "manifest", "modulepreload", "preload", "stylesheet"}
SOURCES: t.Mapping[str, tuple[str, ...]] = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "image": ("href", "xlink:href"),
    "img": ("src",),
    "input": ("src",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src",),
    "track": ("src",),
    "use": ("href", "xlink:href"),
    "video": ("src", "poster"),
}
_URL = re.compile(r"url\(\s*(?:'([^'\n]*)'|\"([^\"\n]*)\"|([^'\"()\s]+))\s*\)")
_IMPORT = re.compile(r"@import\s+(?:'([^'\n]*)'|\"([^\"\n]*)\")")


class Parser(html.parser.HTMLParser):
    """Feed it HTML; `found` are the absolute URLs in the order of the page."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._base = url
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, t.Optional[str]]]) -> None:
        given = {name: value for name, value in attrs if value}
        if tag == "base" and "href" in given:
            self._base = absolute(self._base, given["href"]) or self._base
        elif tag == "link" and RELATIONS & set(given.get("rel", "").lower().split()):
            self._add(given.get("href"))
        elif tag != "input" or given.get("type", "").lower() == "image":
            for name in SOURCES.get(tag, ()):
                self._add(given.get(name))
        if tag in ("img", "source") and "src" not in given:  # a browser takes one of the set
            self._add(given.get("srcset", "").strip().partition(" ")[0].rstrip(","))
        self._add_styles(given.get("style", ""))
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self._add_styles(data)

    def _add_styles(self, style: str) -> None:
        for reference in in_styles(style):
            self._add(reference)

    def _add(self, reference: t.Optional[str]) -> None:
        url = absolute(self._base, reference) if reference else None
        if url:
            self.found.append(url)


def in_styles(style: str) -> list[str]:
    """The references of a style sheet, as they are written."""
    matches = [*_IMPORT.finditer(style), *_URL.finditer(style)]
    return [next((group for group in match.groups() if group), "") for match in matches]


def absolute(base: str, reference: str) -> t.Optional[str]:
    """The URL that a reference means, without its fragment; None for what is not fetched over HTTP, or cannot be read."""
    try:
        url = urllib.parse.urldefrag(urllib.parse.urljoin(base, reference.strip())).url
    except ValueError:
        return None
    return url if url.startswith(("http://", "https://")) and not reference.strip().startswith("#") else None
