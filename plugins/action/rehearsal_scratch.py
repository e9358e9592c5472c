# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says on the host which run of Ansible rehearses, and whether the one that did before has ended: only the controller knows."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.holdfast.webops.plugins.plugin_utils.controller_run import has_ended, this_run


class ActionModule(ActionBase):
    """As the module, and once more where a run that was killed is in the way."""

    TRANSFERS_FILES = False

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        args = {"run": this_run(), **self._task.args}
        told = self._execute_module(module_args=args, task_vars=task_vars)
        other = told.get("claim")
        if told.get("failed") and isinstance(other, str) and has_ended(other):
            told = self._execute_module(module_args={**args, "ended": other}, task_vars=task_vars)
        result.update(told)
        return result
