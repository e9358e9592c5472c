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

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import Layout, if_there
from ansible_collections.holdfast.webops.plugins.plugin_utils.progress_action import ProgressAction


class MigrationAction(ProgressAction):
    """The action plugin of a migration module; `layout` is how its tool lays the migrations out."""

    layout: t.ClassVar[Layout]

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        args = dict(self._task.args)
        if args.get("contents") is not None:
            raise AnsibleActionFail("contents is filled in by the controller; name the folder in migrations_dir.")
        # What is missing or of a wrong type is for the module to say, like for every module.
        if args.get("migrations_dir") and not boolean(args.get("remote_src", False), strict=False):
            args.update(self._read(args))
        result = self.run_watched(args, tmp, task_vars)
        given = result.get("invocation", {}).get("module_args", {})
        if given.get("contents"):
            given["contents"] = {kind: sorted(files) for kind, files in given["contents"].items()}
        return result

    def _read(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        folder = self._found("migrations_dir", str(args["migrations_dir"]))
        found: dict[str, t.Any] = {"migrations_dir": folder}
        try:
            contents = {"migrations": self.layout.read(folder)}
            if args.get("state") == "rolled_back":
                found["rollback_dir"] = self._rollback_dir(folder, args.get("rollback_dir"))
                contents["rollback"] = if_there(self.layout.read_rollbacks, found["rollback_dir"])
            contents.update(self.extra_contents(args, folder))
        except WebopsError as exc:
            raise AnsibleActionFail(str(exc)) from None
        return {**found, "contents": {kind: _encoded(files) for kind, files in contents.items()}}

    def extra_contents(self, args: t.Mapping[str, t.Any], folder: str) -> dict[str, dict[str, bytes]]:  # noqa: ARG002
        """What else the module needs of the controller, by kind and name. `folder`: where the migrations are."""
        return {}

    def _rollback_dir(self, folder: str, given: t.Any) -> str:
        return self._found("rollback_dir", str(given)) if given else os.path.normpath(os.path.join(folder, os.pardir, "rollback"))

    def _found(self, option: str, given: str) -> str:
        try:
            return str(self._find_needle("files", os.path.expanduser(given)))  # type: ignore[no-untyped-call]
        except AnsibleError:
            raise AnsibleActionFail(
                f"{option}={given} is no folder on the controller, neither beside the playbook nor in the files of the role."
                " Correct the path, or set remote_src=true where it is on the target."
            ) from None


def _encoded(files: t.Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(content).decode() for name, content in files.items()}
