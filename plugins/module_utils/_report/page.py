# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The look of every HTML report: one file, no script, nothing from elsewhere, readable on a phone, in the dark and on paper.

What servers and people wrote stands in reports, so every text is escaped, and the page's own policy forbids scripts and requests.
"""

from __future__ import annotations

import html
import typing as t
import unicodedata

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light dark; --good: #1a7f37; --soso: #9a6700; --bad: #cf222e; --none: #6e7781; --line: #8884; --soft: #8881;
  --mine: #0969da; --other: #6e7781; --limit: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --mine: #58a6ff; --other: #9198a1; --limit: #ff7b72; } }
* { box-sizing: border-box; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: 1rem; font-weight: 500; margin: 1rem 0 .3rem; }
.badge { border-radius: .3rem; color: #fff; display: inline-block; font-size: .85em; font-weight: 600; padding: 0 .5rem;
  print-color-adjust: exact; }
.good { background: var(--good); }
.soso { background: var(--soso); }
.bad { background: var(--bad); }
.none { background: var(--none); }
.quiet { font-size: .85rem; opacity: .75; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; }
summary { cursor: pointer; padding: .5rem .7rem; }
.more { border-top: 1px solid var(--line); padding: .5rem .7rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem .25rem 0; text-align: left; vertical-align: top; }
th { font-weight: 500; white-space: nowrap; width: 1%; }
tr:last-child > * { border-bottom: 0; }
pre { background: var(--soft); margin: 0; max-height: 16rem; overflow: auto; padding: .5rem; white-space: pre-wrap; }
code { font-size: .8rem; }
@media print { tr, li, figure { break-inside: avoid; } h2, h3 { break-after: avoid; } }
@media (max-width: 30rem) { th { white-space: normal; width: 33%; } }
""".strip()
# Words and what they mean for the reader.
TONES: t.Final[dict[str, str]] = {
    **dict.fromkeys(("healthy", "pass", "good", "live", "done", "completed", "intact", "recovered"), "good"),
    **dict.fromkeys(("degraded", "warn", "opened", "inconclusive", "under way", "cut off", "rolled back"), "soso"),
    **dict.fromkeys(("critical", "fail", "failed", "abort", "damaged"), "bad"),
}


def document(title: str, heading: str, body: t.Iterable[str], style: str = "") -> str:
    """A whole page. `title` and `body` are texts and finished HTML; `heading` is finished HTML."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">',
            f"<title>{text(title)}</title><style>{STYLE}{style}</style></head><body>",
            f"<h1>{heading}</h1>",
            *body,
            "</body></html>\n",
        ]
    )


def badge(word: t.Any) -> str:
    """A word in the colour of what it means."""
    return f'<span class="badge {TONES.get(str(word), "none")}">{text(word)}</span>'


def rows(pairs: t.Iterable[tuple[str, str]]) -> str:
    """A table of two columns: names, and values that are finished HTML."""
    lines = [f'<tr><th scope="row">{text(name)}</th><td>{value}</td></tr>' for name, value in pairs]
    return f"<table>{''.join(lines)}</table>"


def text(value: t.Any) -> str:
    """Escaped, and only what can be seen."""
    return html.escape(visible(value), quote=True)


def visible(value: t.Any) -> str:
    """A text without what could not be seen but would change what is seen, such as a switch of the writing direction."""
    shown = str(value)
    if shown.isprintable():
        return shown
    return "".join(char if char in "\n\t" or unicodedata.category(char)[0] != "C" else "\ufffd" for char in shown)
