# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory of one router: its map files, the fence, and the lock that makes changes follow one another."""

from __future__ import annotations

import contextlib
import json
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core import files
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.fence import Fence
from ansible_collections.holdfast.webops.plugins.module_utils._core.file_lock import locked
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.settings import TABLE_NAMES, Tables, parse_table_text, table_text

# Written by the script `roll-back` of the role platform_host.
RECORDS = "roll-backs.jsonl"
# HAProxy's configuration and its commands know no way to write a blank or a quote in the name of a map.
PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/+-]*")


class RouterFiles:
    """What survives a restart of the router."""

    def __init__(self, directory: str) -> None:
        if not PLAIN_PATH.fullmatch(directory):
            raise InputError(
                f"directory: '{directory}' is not usable.", hint="Give an absolute path of letters, digits, '.', '_', '+', '-' and '/'."
            )
        self.directory = directory.rstrip("/") or "/"
        self.fence = Fence(self.path("fence"))

    def path(self, name: str) -> str:
        """The full path of one of the files; HAProxy names the map by the same text."""
        return f"{self.directory}/{name}"

    def tables(self) -> Tables | None:
        """The map files, None where the router was never provisioned (no `slots.map`)."""
        contents = {name: files.read_if_there(self.path(name)) for name in TABLE_NAMES}
        if contents["slots.map"] is None:
            return None
        return {name: parse_table_text((data or b"").decode(), name) for name, data in contents.items()}

    def known_tables(self) -> Tables:
        """The map files, or NotFoundError."""
        tables = self.tables()
        if tables is None:
            raise NotFoundError(
                f"directory: '{self.directory}' holds no slots.map.",
                hint="Lay the files first: state: configured, or the provision playbook.",
            )
        return tables

    def rolled_back(self) -> dict[str, t.Any] | None:
        """What the script `roll-back` did last on this host; None when it never ran. A line that was cut off by a crash moved nothing."""
        lines = (files.read_if_there(self.path(RECORDS)) or b"").decode("utf-8", "replace").splitlines()
        for line in reversed(lines):
            with contextlib.suppress(ValueError):
                return dict(json.loads(line))
        return None

    def write(self, tables: Tables) -> None:
        """Make the files durable, those that differ only."""
        self._clear_leftovers()
        for name in TABLE_NAMES:
            self._write(name, table_text(tables[name]))

    def create(self) -> None:
        """Make the directory."""
        try:
            os.makedirs(self.directory, mode=0o755, exist_ok=True)
        except OSError as exc:
            raise WebopsError(f"directory: '{self.directory}' cannot be made: {exc.strerror}.") from exc

    def _clear_leftovers(self) -> None:
        """Remove what a killed task had not yet given its name; the lock is held."""
        for name in os.listdir(self.directory):
            if name.startswith(tuple(f".{known}." for known in (*TABLE_NAMES, "fence", RECORDS))):
                os.unlink(self.path(name))

    def _write(self, name: str, text: str) -> None:
        if files.read_if_there(self.path(name)) == text.encode():
            return
        try:
            files.write_atomic(self.path(name), text.encode())
        except OSError as exc:
            raise WebopsError(
                f"{self.path(name)} could not be written: {exc.strerror}. The router was not changed.",
                hint="Check the disk's free space and who owns the directory.",
            ) from exc

    @contextlib.contextmanager
    def locked(self, *, clock: Clock, lock_wait: float) -> t.Iterator[None]:
        """Hold the directory against other changes; the kernel frees it when this process dies."""
        with locked(self.path(".lock"), clock=clock, timeout=lock_wait, what=f"the lock of {self.directory}"):
            yield
