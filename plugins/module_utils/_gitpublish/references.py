# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files a page needs. Pure: texts in, paths out."""

from __future__ import annotations

import re
import typing as t
import urllib.parse

# What stands in quotes, parentheses (CSS) or attributes without quotes.
_WORD = re.compile(r"""["'`(=]([^"'`()=\s<>\\]{3,300})""")
FOLLOWED = (".js", ".mjs", ".css")


def references(text: str, page: str, assets_dir: str) -> set[str]:
    """The paths of files below `/<assets_dir>/` that a page, script or style sheet at the path `page` names, from the site's root."""
    found = set()
    for word in _WORD.findall(text):
        path = _resolved(word, page, assets_dir)
        if path and path.startswith(f"/{assets_dir}/") and re.search(r"\.[A-Za-z0-9]+$", path):
            found.add(path)
    return found


def _resolved(word: str, page: str, assets_dir: str) -> t.Optional[str]:
    """A word as a path of the site. Vite names the files that a script loads later without the slash at their beginning."""
    if "://" in word or word.startswith("//"):
        return None
    # In a script, any text could be a name beside it.
    if page.endswith((".js", ".mjs")) and not word.startswith(("/", "./", "../", f"{assets_dir}/")):
        return None
    plain = word.split("?")[0].split("#")[0]
    try:
        return urllib.parse.urljoin("/" if plain.startswith(f"{assets_dir}/") else page, plain)
    except ValueError:
        return None


def looks_like_a_page(content_type: str, path: str) -> bool:
    """Whether a host answered with its page for unknown paths, and status 200, instead of the file."""
    return "text/html" in content_type.lower() and not path.endswith((".html", ".htm"))
