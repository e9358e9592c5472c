"""Which files a page needs."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.references import looks_like_a_page, references

PAGE = """
<link rel="stylesheet" crossorigin href="/assets/index-DxYz12.css"><link rel=icon href=/favicon.ico>
<script type="module" src="/assets/index-BvA9f1.js?v=2"></script><script src="https://cdn.example.org/assets/other.js"></script>
"""
# As Vite writes what is loaded later.
SCRIPT = (
    'const m=["assets/Admin-C1.js","assets/Admin-Q2.css"];import("./Cart-D3.js");'
    'fetch("/api/assets/list");a("assets/");v="1.0 of 2";w="a.js"'
)
STYLE = "@font-face{src:url(/assets/inter-E4.woff2) format('woff2')} b{background:url(logo-F5.svg#x)}"


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        (PAGE, "/", {"/assets/index-DxYz12.css", "/assets/index-BvA9f1.js"}),
        (SCRIPT, "/assets/index-BvA9f1.js", {"/assets/Admin-C1.js", "/assets/Admin-Q2.css", "/assets/Cart-D3.js"}),
        (STYLE, "/assets/index-DxYz12.css", {"/assets/inter-E4.woff2", "/assets/logo-F5.svg"}),
        ("", "/", set()),
        ('src="//[broken/assets/x.js"', "/", set()),
    ],
)
def test_files_with_a_digest_in_their_name_are_found_in_pages_scripts_and_styles(text: str, place: str, found: set[str]) -> None:
    assert references(text, place, "assets") == found


def test_a_page_in_the_place_of_a_script_is_no_script() -> None:
    assert looks_like_a_page("text/html; charset=utf-8", "/assets/index-BvA9f1.js")
    assert not looks_like_a_page("text/javascript", "/assets/index-BvA9f1.js")
    assert not looks_like_a_page("text/html", "/about.html")
