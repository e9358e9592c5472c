"""A callback that does harm at a chosen boundary between two tasks: ends its own controller with SIGKILL, or runs a program.

SABOTAGE is JSON: `{"kill_before": 5}` before the fifth module task (with `"after"`, a part of a task's name: the fifth after that one),
or `{"before": "part of a task's name", "run": [argv]}` once.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: saboteur
type: aggregate
short_description: Harm at a boundary between two tasks
description: Reads what to do from the environment variable SABOTAGE; without it, it does nothing.
"""
# What changes nothing outside of the controller is no boundary.
ON_THE_CONTROLLER = {
    "set_fact",
    "debug",
    "assert",
    "fail",
    "include_role",
    "include_tasks",
    "validate_argument_spec",
    "role_variables",
    "release_artifact",
}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "saboteur"

    def __init__(self) -> None:
        super().__init__()
        plan = json.loads(os.environ.get("SABOTAGE") or "{}")
        self._left: int = plan.get("kill_before", 0)
        self._after: str = plan.get("after", "")
        self._before: str = plan.get("before", "")
        self._run: list[str] = plan.get("run", [])

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        if self._after in task.get_name():
            self._after = ""
        if self._after or task.action.rpartition(".")[2] in ON_THE_CONTROLLER:
            return
        if self._left == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        if self._before and self._before in task.get_name():
            self._before = ""
            subprocess.run(self._run, check=True, stdin=subprocess.DEVNULL)
