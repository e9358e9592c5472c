from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._health.references import Parser, absolute, in_styles


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<script src=a.js></script>", ["a.js"]),
        ("<SCRIPT SRC='/a.js?x=1#y'></SCRIPT>", ["a.js?x=1"]),
        ("<link rel='icon stylesheet' href=a.css><link rel=canonical href=b><link rel=prefetch href=c>", ["a.css"]),
        ("<img src='a.png' srcset='b.png 2x'><img srcset=' c.png 1x, d.png 2x'>", ["a.png", "c.png"]),
        ("<input type=image src=a.png><input src=b.png>", ["a.png"]),
        ("<video src=a.mp4 poster=b.png><track src=c.vtt></video>", ["a.mp4", "b.png", "c.vtt"]),
        ("<p style=\"background: url('a.png')\">url(b.png)</p><style>p { background: url(c.png) }</style>", ["a.png", "c.png"]),
        ("<a href=a><form action=b></form></a><img src='data:image/png;base64,AA'><img src=''><img>", []),
        ("<svg><use href='#a'></use><use href='b.svg#c'></use></svg>", ["b.svg"]),
        ("<script src='http://[broken'></script><img src='mailto:a@b'>", []),
        ('<script>let x = "<img src=a.png>"</script><!-- <img src=b.png> -->', []),
    ],
)
def test_what_a_browser_loads_at_once_is_found(html: str, found: list[str]) -> None:
    parser = Parser("https://portal.example/")
    parser.feed(html)
    assert parser.found == [f"https://portal.example/{name}" for name in found]


def test_a_base_moves_what_comes_after_it() -> None:
    parser = Parser("https://portal.example/a/b")
    parser.feed("<base href=/c/><img src=d><img src=//cdn.example/e>")
    assert parser.found == ["https://portal.example/c/d", "https://cdn.example/e"]


def test_a_page_in_pieces_reads_like_a_whole_one() -> None:
    parser = Parser("https://portal.example/")
    for letter in "<img src=a.png><style>p{background:url(b.png)}</style>":
        parser.feed(letter)
    assert parser.found[0] == "https://portal.example/a.png"


def test_style_sheets_name_fonts_images_and_each_other() -> None:
    assert in_styles("@import 'a.css'; @import url(b.css); p { src: url( \"c d.woff\" ), url(e.png) }") == [
        "a.css",
        "b.css",
        "c d.woff",
        "e.png",
    ]


@pytest.mark.parametrize("reference", ["javascript:x", "data:,x", "#top", "ftp://h/x"])
def test_what_is_not_fetched_over_http_is_nothing(reference: str) -> None:
    assert absolute("https://portal.example/", reference) is None
