# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the migrations on the controller and hands them to the module in one task."""

from __future__ import annotations

import base64
import os
import typing as t

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import read_folder, read_folder_if_there


class ActionModule(ActionBase):
    TRANSFERS_FILES = False

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        args = dict(self._task.args)
        if args.get("contents") is not None:
            raise AnsibleActionFail("contents is filled in by the controller; name the folder in migrations_dir.")
        # What is missing or of a wrong type is for the module to say, like for every module.
        if args.get("migrations_dir") and not boolean(args.get("remote_src", False), strict=False):
            args.update(self._read(args))
        result.update(self._execute_module(module_args=args, task_vars=task_vars, wrap_async=self._task.async_val))
        given = result.get("invocation", {}).get("module_args", {})
        if given.get("contents"):
            given["contents"] = {kind: sorted(files) for kind, files in given["contents"].items()}
        return result

    def _read(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        folder = self._found("migrations_dir", str(args["migrations_dir"]))
        try:
            contents = {"migrations": _encoded(read_folder(folder))}
            if args.get("state") == "rolled_back":
                rollback = self._rollback_dir(folder, args.get("rollback_dir"))
                args = {**args, "rollback_dir": rollback}
                contents["rollback"] = _encoded(read_folder_if_there(rollback))
        except WebopsError as exc:
            raise AnsibleActionFail(str(exc)) from exc
        return {"migrations_dir": folder, "contents": contents, **{name: args[name] for name in ("rollback_dir",) if args.get(name)}}

    def _rollback_dir(self, folder: str, given: t.Any) -> str:
        return self._found("rollback_dir", str(given)) if given else os.path.normpath(os.path.join(folder, os.pardir, "rollback"))

    def _found(self, option: str, given: str) -> str:
        try:
            return str(self._find_needle("files", os.path.expanduser(given)))  # type: ignore[no-untyped-call]
        except AnsibleError as exc:
            raise AnsibleActionFail(
                f"{option}={given} is no folder on the controller, neither beside the playbook nor in the files of the role."
                " Correct the path, or set remote_src=true where it is on the target."
            ) from exc


def _encoded(files: t.Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(content).decode() for name, content in files.items()}
