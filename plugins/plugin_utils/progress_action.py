# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module as Ansible always does, and shows meanwhile what it says of its progress.

The module gets the name of a file by its environment and keeps its latest sentence in there (`_core/progress.py`). A thread
beside the module reads that file and displays the sentence. It only looks: it starts nothing that could outlive the task.
"""

from __future__ import annotations

import contextlib
import copy
import secrets
import shlex
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import LONGEST, PREFIX, VARIABLE
from ansible_collections.holdfast.webops.plugins.plugin_utils.live_lines import LiveLines
from ansible_collections.holdfast.webops.plugins.plugin_utils.watching import Watching

# Every host has it, and every user may write there; the name of the file in it cannot be guessed.
FOLDER = "/tmp"  # noqa: S108


class ProgressAction(ActionBase):
    """The action plugin of a module that may take long."""

    TRANSFERS_FILES = False
    _supports_async = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        return self.run_watched(dict(self._task.args), tmp, task_vars)

    def run_watched(self, args: dict[str, t.Any], tmp: t.Any, task_vars: dict[str, t.Any] | None) -> dict[str, t.Any]:
        """The result of the module with these arguments."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        result.update(self._watched(args, task_vars))
        return result

    def _watched(self, args: dict[str, t.Any], task_vars: dict[str, t.Any] | None) -> dict[str, t.Any]:
        """With `async` it is not watched, because it runs on after this; with `no_log` nothing may be shown."""
        if self._task.async_val or self._task.no_log:
            return self._executed(args, task_vars)
        path = f"{FOLDER}/{PREFIX}{secrets.token_hex(16)}"
        lines = LiveLines(Display().display, self._whose(task_vars or {}))
        with self._told_to_module(path), Watching(self._reader(path), lines):
            return self._executed(args, task_vars)

    def _executed(self, args: dict[str, t.Any], task_vars: dict[str, t.Any] | None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = self._execute_module(module_args=args, task_vars=task_vars, wrap_async=self._task.async_val)
        return result

    @contextlib.contextmanager
    def _told_to_module(self, path: str) -> t.Iterator[None]:
        given = self._task.environment
        self._task.environment = [*(given if isinstance(given, list) else [given]), {VARIABLE: path}]
        try:
            yield
        finally:
            self._task.environment = given

    def _whose(self, task_vars: dict[str, t.Any]) -> str:
        """Whose progress it is: portal and environment, or the host of a play that names none."""
        named = [self._worked_out(task_vars.get(name)) for name in ("portal_name", "portal_environment")]
        return " ".join(filter(None, named)) or str(task_vars.get("inventory_hostname", ""))

    def _worked_out(self, value: t.Any) -> str:
        try:
            return str(self._templar.template(value) or "")
        except AnsibleError:
            return ""

    def _reader(self, path: str) -> t.Callable[[], str]:
        """How to read the file. Not as the user whom the task becomes: that would be a line in the log of sudo every second."""
        if self._connection.transport == "local":
            return lambda: _read_here(path)
        # Of its own, because the other one is busy with the module. It shares the multiplexed channel, where there is one.
        connection = copy.copy(self._connection)
        connection.become = None

        def read() -> str:
            code, out, _err = connection.exec_command(f"cat {shlex.quote(path)}", sudoable=False)
            return bytes(out)[: 4 * LONGEST].decode("utf-8", errors="replace") if code == 0 else ""

        return read


def _read_here(path: str) -> str:
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        return file.read(LONGEST)
    return ""
