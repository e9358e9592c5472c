# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a look as one HTML page: no script, nothing from elsewhere, readable on a phone, what is wrong on top.

What servers answered stands in it, so every text is escaped, and the page's own policy forbids scripts and requests.
"""

from __future__ import annotations

import html
import json
import typing as t
import unicodedata

from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import FAIL, SEVERITY, WARN

HISTORY_SHOWN = 30
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light dark; --good: #1a7f37; --soso: #9a6700; --bad: #cf222e; --none: #6e7781; --line: #8884; --soft: #8881; }
* { box-sizing: border-box; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
.badge { border-radius: .3rem; color: #fff; display: inline-block; font-size: .85em; font-weight: 600; padding: 0 .5rem; }
.healthy, .pass { background: var(--good); }
.degraded, .warn { background: var(--soso); }
.critical, .fail { background: var(--bad); }
.skipped, .other { background: var(--none); }
.quiet { font-size: .85rem; opacity: .75; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; }
summary { cursor: pointer; padding: .5rem .7rem; }
.more { border-top: 1px solid var(--line); padding: .5rem .7rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem .25rem 0; text-align: left; vertical-align: top; }
th { font-weight: 500; white-space: nowrap; width: 1%; }
tr:last-child > * { border-bottom: 0; }
pre { background: var(--soft); margin: 0; max-height: 16rem; overflow: auto; padding: .5rem; white-space: pre-wrap; }
""".strip()


def render(seen: t.Mapping[str, t.Any]) -> str:
    """The whole page. `seen` is the result with the labels, and the history with the newest verdict last."""
    title = " · ".join(["Health", *seen["labels"].values()])
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">',
            f"<title>{_text(seen['verdict'])}: {_text(title)}</title><style>{STYLE}</style></head><body>",
            f"<h1>{_badge(seen['verdict'])} {_text(title)}</h1>",
            f"<p>{_text(seen['summary'])}</p>",
            f'<p class="quiet">{_when(seen)}</p>',
            "<h2>Checks</h2>",
            *(_check(check) for check in sorted(seen["checks"], key=_urgency)),
            *_history(seen["history"]),
            "</body></html>\n",
        ]
    )


def _when(seen: t.Mapping[str, t.Any]) -> str:
    since = f" {_text(seen['verdict'])} since {_text(seen['since'])}." if seen["since"] else ""
    rounds = "1 round" if seen["rounds"] == 1 else f"{seen['rounds']} rounds"
    return f"Looked at {_text(seen['started'])}, {rounds} in {_text(seen['waited_s'])} s.{since}"


def _urgency(check: t.Mapping[str, t.Any]) -> tuple[int, bool, str]:
    status = check["status"]
    return (-SEVERITY.index(status) if status in SEVERITY else 1, not check["critical"], check["name"])


def _check(check: t.Mapping[str, t.Any]) -> str:
    bad = check["status"] in (WARN, FAIL)
    weight = "critical" if check["critical"] else "not critical"
    facts = {"kind": f"{check['kind']}, {weight}", "attempts": check["attempts"], "last attempt": f"{check['duration_ms']} ms"}
    rows = [_row(name, value) for name, value in {**facts, **check["figures"], **check["evidence"]}.items() if value is not None]
    return (
        f"<details{' open' if bad else ''}><summary>{_badge(check['status'])} <strong>{_text(check['name'])}</strong> "
        f'{_text(check["reason"])}</summary><div class="more"><table>{"".join(rows)}</table></div></details>'
    )


def _row(name: str, value: t.Any) -> str:
    spread = _spread(value)
    shown = _text(spread) if len(spread) <= 80 and "\n" not in spread else f"<pre>{_text(spread)}</pre>"
    return f"<tr><th>{_text(name.replace('_', ' '))}</th><td>{shown}</td></tr>"


def _spread(value: t.Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(inner, str) for inner in value):
        return ", ".join(value)
    if isinstance(value, dict):
        return "\n".join(f"{name}: {_spread(inner)}" for name, inner in value.items())
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


def _history(entries: t.Sequence[t.Mapping[str, t.Any]]) -> t.Iterator[str]:
    if not entries:
        return
    yield "<h2>History</h2><table>"
    for entry in reversed(entries[-HISTORY_SHOWN:]):
        yield f"<tr><th>{_text(entry['started'])}</th><td>{_badge(entry['verdict'])} {_text(entry['summary'])}</td></tr>"
    yield "</table>"


def _badge(word: str) -> str:
    known = ("healthy", "degraded", "critical", *SEVERITY)
    return f'<span class="badge {word if word in known else "other"}">{_text(word)}</span>'


def _text(value: t.Any) -> str:
    """Escaped, and without what could not be seen but would change what is seen, such as a switch of the writing direction."""
    text = str(value)
    if not text.isprintable():
        text = "".join(char if char in "\n\t" or unicodedata.category(char)[0] != "C" else "\ufffd" for char in text)
    return html.escape(text, quote=True)
