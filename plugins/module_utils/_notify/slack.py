# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A message as Slack's incoming webhooks take it: Block Kit, and a text for notifications. Pure.

Limits: https://docs.slack.dev/reference/block-kit/blocks (50 blocks a message; 150 characters in a header, 3000 in a section,
10 fields of 2000 characters).
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._notify.wording import Item, Message, clip

MOST_BLOCKS = 50
LONGEST_HEADER, LONGEST_TEXT, LONGEST_FIELD, LONGEST_FALLBACK = 150, 3000, 2000, 4000
MARKS = {"info": "🟢", "warning": "🟡", "error": "🔴", "critical": "🚨"}
BLOCKS_OF_ITEM = 3
# A header, what was withheld, the link, and the line about what was left out.
OTHER_BLOCKS = 4

Block = dict[str, t.Any]


def payload(message: Message) -> dict[str, t.Any]:
    """The JSON of a message. Of more events than 50 blocks can hold, the last are counted only."""
    fitting = (MOST_BLOCKS - OTHER_BLOCKS) // BLOCKS_OF_ITEM
    blocks: list[Block] = [_header(f"{MARKS[message.severity]} {message.title}")]
    for item in message.items[:fitting]:
        blocks += _item(item, alone=len(message.items) == 1)
    if len(message.items) > fitting:
        blocks.append(_context(f"and {len(message.items) - fitting} more events"))
    if message.withheld:
        blocks.append(_context("Withheld since the last message: " + "; ".join(message.withheld)))
    if message.link:
        blocks.append(_context(message.link))
    return {"text": clip(_escaped(f"{MARKS[message.severity]} {message.title}"), LONGEST_FALLBACK), "blocks": blocks}


def _item(item: Item, *, alone: bool) -> list[Block]:
    blocks: list[Block] = []
    heading = "" if alone else f"{MARKS[item.event.severity]} {item.title}"
    text = "\n".join(part for part in (heading, item.text) if part)
    if text:
        blocks.append({"type": "section", "text": _plain(text, LONGEST_TEXT)})
    if item.pairs:
        fields = [{"type": "mrkdwn", "text": _field(label, value)} for label, value in item.pairs]
        blocks.append({"type": "section", "fields": fields})
    return blocks or [_context(item.event.name)]


def _field(label: str, value: str) -> str:
    return clip(f"*{_escaped(label)}*\n{_escaped(value)}", LONGEST_FIELD)


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(text, LONGEST_HEADER)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_plain(text, LONGEST_TEXT)]}


def _plain(text: str, most: int) -> Block:
    # Plain text is shown as it is: no markup in an error message can call a user or change how it looks.
    return {"type": "plain_text", "text": clip(text, most), "emoji": False}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
