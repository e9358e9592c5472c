# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What time it is for a store, whose clock nobody here has set."""

from __future__ import annotations

import datetime
import secrets

from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store, StoreError


def clock_of(store: Store, portal: str) -> datetime.datetime:
    """By an object that is written and removed again."""
    key = f"{portal}/clock-{secrets.token_hex(8)}"
    store.create(key, b"")
    try:
        seen = store.head(key)
    finally:
        store.delete(key)
    if seen is None:
        raise StoreError(f"{store.url} does not show an object that was just written.")
    return seen.modified
