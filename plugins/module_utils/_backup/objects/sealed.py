# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of a snapshot, fetched from the first copy that is what was written, and opened."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import decrypt_bytes
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store


def read_part(backup: Backup, part: str) -> bytes:
    """The stored bytes of `listing` or `index`. WebopsError naming what is wrong with every copy."""
    described = backup.manifest[part]
    key = naming.folder_of(backup.manifest) + described["name"]
    return read_checked([copy.store for copy in backup.sound], key, described["sha256"])


def read_checked(stores: t.Sequence[Store], key: str, sha256: str) -> bytes:
    """The bytes of a small object with this SHA-256, from the first store that has it."""
    problems: list[str] = []
    for store in stores:
        try:
            data = b"".join(store.stream(key))
        except WebopsError as exc:
            problems.append(str(exc))
            continue
        found = hashlib.sha256(data).hexdigest()
        if found == sha256:
            return data
        problems.append(f"{store.url}/{key} is not what was written: its SHA-256 is {found}, not {sha256}.")
    raise WebopsError(" ".join(problems) or f"No destination has an undamaged copy of {key}.", hint="Choose another snapshot.")


def opened(commands: Commands, data: bytes, key_file: str) -> bytes:
    """The plain bytes; `key_file` is empty where nothing was encrypted."""
    return decrypt_bytes(commands, data, key_file) if key_file else data
