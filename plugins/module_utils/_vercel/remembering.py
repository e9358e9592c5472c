# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Knowing whether a sensitive variable holds a value, though Vercel never shows it again.

A slow, salted hash (scrypt) of name and value stands at the end of the variable's comment, which the team can read. With a key of the
user's own it cannot be used to try values out. The moment of writing stands there, too: what was edited later is not trusted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re

# 16 MiB and some 40 ms a value.
COST, BLOCKS, LENGTH = 2**14, 8, 24
SALT = 16
# Seconds by which an edit may be younger than its note: Vercel's clock against its own header.
TOLERANCE = 60.0
LONGEST = 500
_NOTE = re.compile(r"\s*\[webops:1:(\d+):([\w-]+):([\w-]+)\]\s*$")


def with_note(comment: str, name: str, value: str, key: str, now: float) -> str:
    """The comment of a variable that holds `value` since `now` (seconds since 1970)."""
    salt = os.urandom(SALT)
    note = f"[webops:1:{int(now)}:{_text(salt)}:{_text(_digest(name, value, key, salt))}]"
    return f"{comment} {note}".strip()


def without_note(comment: str) -> str:
    """What people have written into a comment."""
    return _NOTE.sub("", comment)


def holds(comment: str, name: str, value: str, key: str, updated: float) -> bool:
    """Whether a variable that was last changed at `updated` (seconds since 1970) still holds `value`."""
    note = _NOTE.search(comment)
    if note is None or updated > int(note.group(1)) + TOLERANCE:
        return False
    salt = base64.urlsafe_b64decode(note.group(2) + "=" * (-len(note.group(2)) % 4))
    return hmac.compare_digest(_text(_digest(name, value, key, salt)), note.group(3))


def _digest(name: str, value: str, key: str, salt: bytes) -> bytes:
    secret = f"{name}\0{value}".encode()
    return hashlib.scrypt(secret, salt=salt + key.encode(), n=COST, r=BLOCKS, p=1, dklen=LENGTH)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
