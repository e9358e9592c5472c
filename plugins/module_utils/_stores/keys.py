# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which keys an object may have: the same in every store, so that a backup can move from one to another."""

from __future__ import annotations

import re

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

LONGEST_KEY = 900  # bytes; S3 and Azure allow 1024, a store's own prefix takes its share
LONGEST_SEGMENT = 200  # bytes; file systems allow 255, the name of a temporary file is longer than the key's

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_key(key: str) -> str:
    """The key itself, or InputError saying what is wrong with it."""
    wrong = _what_is_wrong(key)
    if wrong:
        raise InputError(f"{key!r} cannot be the name of an object: {wrong}.", hint="Use names like 'orders/backups/manifest.json'.")
    return key


def _what_is_wrong(key: str) -> str:
    if not key:
        return "it is empty"
    if _CONTROL.search(key) or "\\" in key:
        return "it contains a control character or a backslash"
    if len(key.encode()) > LONGEST_KEY:
        return f"it is longer than {LONGEST_KEY} bytes"
    segments = key.split("/")
    if "" in segments:
        return "it starts or ends with a slash, or has two in a row"
    if any(segment.startswith(".") for segment in segments):
        return "a part of it starts with a dot"
    if any(len(segment.encode()) > LONGEST_SEGMENT for segment in segments):
        return f"a part of it is longer than {LONGEST_SEGMENT} bytes"
    return ""


def folder_of(prefix: str) -> str:
    """The deepest folder that holds every key with this prefix, "" for the root. `a/b` and `a/` give `a`."""
    folder = prefix.rpartition("/")[0]
    if folder:
        check_key(folder)
    return folder
