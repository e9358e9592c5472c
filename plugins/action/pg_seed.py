# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the files on the controller, and hands all rows to the module so that none of its arguments shows a value."""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.sources import documents_of, parcel, without_rows


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_async = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        args = self._packed(dict(self._task.args))
        result.update(self._execute_module(module_args=args, task_vars=task_vars, wrap_async=self._task.async_val))
        return result

    def _packed(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        if args.get("contents") is not None:
            raise AnsibleActionFail("contents is filled in by the controller; give file or rows in tables.")
        tables = args.get("tables")
        if not isinstance(tables, (list, tuple)):
            raise AnsibleActionFail("tables is no list. Give each entry as table, key, and file or rows.")
        base = self._found(str(args["base"])) if args.get("base") else None
        try:
            documents = documents_of(tables, base)
        except WebopsError as exc:
            raise AnsibleActionFail(f"{exc} No row was changed.") from None
        return {**args, "tables": without_rows(tables), "contents": parcel(documents)}

    def _found(self, base: str) -> str:
        try:
            return str(self._find_needle("files", os.path.expanduser(base)))  # type: ignore[no-untyped-call]
        except AnsibleError:
            raise AnsibleActionFail(
                f"base={base}: there is no such folder or archive on the controller, nor beside the playbook or in the files of the role."
                " No row was changed."
            ) from None
