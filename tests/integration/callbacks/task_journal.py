"""A callback that writes one line for each finished task: what `tests/integration/portal.py` counts."""

from __future__ import annotations

import json
import os
import signal
import time
import typing as t

from ansible.plugins.callback import CallbackBase

from ansible_collections.holdfast.webops.plugins.module_utils._host.fleet import failure_reason

DOCUMENTATION = """
name: task_journal
type: aggregate
short_description: One JSON line for each finished task
description:
  - Writes to the file named by the environment variable TASK_JOURNAL.
  - Where TASK_JOURNAL_LAST is a part of the name of a task, the controller dies by SIGKILL as soon as that one is written down.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_journal"

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._write(result, "ok")

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._write(result, "failed")

    def _write(self, result: t.Any, outcome: str) -> None:
        shown = result.result
        line = {"task": result.task.get_name(), "action": result.task.action, "outcome": outcome, "changed": shown.get("changed", False)}
        line["at"] = time.time()
        line["msg"] = failure_reason(shown) if outcome == "failed" else ""
        with open(os.environ["TASK_JOURNAL"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if os.environ.get("TASK_JOURNAL_LAST", "\n") in line["task"]:
            os.kill(os.getpid(), signal.SIGKILL)
