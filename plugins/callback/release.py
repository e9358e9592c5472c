# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: release
type: aggregate
short_description: Show a release, a backup or a restore by its stages
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - "Shows what a person wants to know of C(deploy), C(promote), C(roll_back), C(back_up) and C(restore): each stage with what it found
    and how long it took, where the traffic is, what users get from the new release, and a summary at the end."
  - "It may be used in two ways. Set as the standard output (E(ANSIBLE_STDOUT_CALLBACK)), it shows that and nothing else but
    failures, warnings and what C(debug) says; with C(-v) all that the callback P(ansible.builtin.default#callback) shows besides.
    Enabled beside another one (E(ANSIBLE_CALLBACKS_ENABLED)), it adds its lines to that one's, as in AWX, which needs its own."
  - As the standard output of a terminal, what is going on right now stands in one line that is written over; elsewhere every line is
    a plain one, and is written at once.
  - The live lines of long tasks do not need it; every callback shows them, as plain lines.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as stdout in configuration, or enabled in configuration
"""

EXAMPLES = r"""
ansible.cfg: |
  # only the stages
  [defaults]
  stdout_callback = holdfast.webops.release

project in AWX: |
  # the stages beside AWX's own output
  [defaults]
  callbacks_enabled = holdfast.webops.release
"""

import os
import shutil
import sys
import time
import typing as t

from ansible.constants import config
from ansible.errors import AnsibleError
from ansible.plugins.callback.default import CallbackModule as Default
from ansible.template import Templar, trust_as_template

from ansible_collections.holdfast.webops.plugins.plugin_utils.course_stages import BEGUN, Course
from ansible_collections.holdfast.webops.plugins.plugin_utils.course_words import one_line, outcomes
from ansible_collections.holdfast.webops.plugins.plugin_utils.live_lines import ERASE, Terminal

NAMED = "{{ portal_name | default('') }} {{ portal_environment | default('') }}"


class CallbackModule(Default):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "holdfast.webops.release"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._alone = config.get_config_value("DEFAULT_STDOUT_CALLBACK") == self.CALLBACK_NAME
        self._courses: dict[str, Course] = {}
        self._names: dict[str, str] = {}
        self._hosts: dict[str, t.Any] = {}
        self._task_began: dict[tuple[str, str], float] = {}
        self._play_now: t.Any = None
        if not self._alone:
            return
        if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
            Terminal.width = shutil.get_terminal_size().columns
        elif hasattr(sys.stdout, "reconfigure"):
            # Python keeps back what goes into a pipe, and somebody is waiting for it.
            sys.stdout.reconfigure(line_buffering=True)

    @property
    def _shows_all(self) -> bool:
        """Whether the default callback's output is wanted too."""
        return self._alone and self._display.verbosity > 0

    def _default(self, event: str, *given: t.Any, **named: t.Any) -> None:
        """What the default callback makes of an event, where its output is wanted."""
        if self._shows_all:
            getattr(super(), event)(*given, **named)

    def _warn(self, result: t.Any) -> None:
        if self._alone and not self._shows_all:
            self._handle_warnings(result.result)

    def _say(self, host: t.Any, lines: t.Iterable[str], color: str | None = None) -> None:
        for line in lines:
            self._erase()
            # In a terminal, what has only begun stands in the line that is written over.
            self._display.display(f"{self._name_of(host)} | {line}", color=color, log_only=bool(Terminal.width) and line.endswith(BEGUN))
        course = self._courses.get(host.get_name())
        if Terminal.width and course and course.running:
            line = f"{self._name_of(host)} | {course.running.name}{BEGUN}"[: Terminal.width - 1]
            self._display.display(f"{ERASE}{line}", newline=False, screen_only=True)

    def _erase(self) -> None:
        if Terminal.width:
            self._display.display(ERASE, newline=False, screen_only=True)

    def _name_of(self, host: t.Any) -> str:
        name = str(host.get_name())
        if name not in self._names:
            self._names[name] = self._portal_of(host) or name
        return self._names[name]

    def _portal_of(self, host: t.Any) -> str:
        """Portal and environment, as the live lines name them too; "" where the play is about something else."""
        if self._play_now is None:
            return ""
        manager = self._play_now.get_variable_manager()
        templar = Templar(loader=self._play_now.get_loader(), variables=manager.get_vars(play=self._play_now, host=host))
        try:
            return one_line(templar.template(trust_as_template(NAMED)))
        except AnsibleError:
            return ""

    def _course(self, host: t.Any) -> Course:
        return self._courses.setdefault(host.get_name(), Course(time.monotonic()))

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        self._play_now = play
        self._default("v2_playbook_on_play_start", play)

    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        self._hosts[host.get_name()] = host
        self._task_began[host.get_name(), task._uuid] = time.monotonic()
        self._default("v2_runner_on_start", host, task)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._default("v2_runner_on_ok", result)
        self._warn(result)
        now = time.monotonic()
        began = self._task_began.pop((result.host.get_name(), result.task._uuid), now)
        module = str(result.task.resolved_action or result.task.action).rpartition(".")
        if module[0] == "holdfast.webops":
            course = self._course(result.host)
            lines = [line for outcome in outcomes(result.result) for line in course.done(module[2], outcome, began, now)]
            self._say(result.host, dict.fromkeys(lines))
        elif module[2] == "debug" and self._alone and not self._shows_all:
            self._say(result.host, _debug_lines(result.task.get_name(), result.result))

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._default("v2_runner_on_failed", result, ignore_errors)
        self._warn(result)
        if not ignore_errors:
            lines = self._course(result.host).failed(result.task.get_name(), result.result)
            self._say(result.host, lines, config.get_config_value("COLOR_ERROR"))

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._default("v2_runner_on_unreachable", result)
        if result.task.ignore_unreachable:  # the playbook goes on, and says itself what became of it
            return
        lines = self._course(result.host).unreachable(str(result.result.get("msg") or ""), time.monotonic())
        self._say(result.host, lines, config.get_config_value("COLOR_UNREACHABLE"))

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        self._erase()
        for name, host in sorted(self._hosts.items()):
            lines = self._courses[name].summary(time.monotonic()) if name in self._courses else []
            if not lines and self._alone and name not in self._names and self._portal_of(host):
                lines = [_counted(stats.summarize(name))]
            for line in lines:
                self._display.display(f"{self._name_of(host)} | {line}")
        self._default("v2_playbook_on_stats", stats)

    def v2_playbook_on_no_hosts_matched(self) -> None:
        if self._alone:
            getattr(super(), "v2_playbook_on_no_hosts_matched")()  # noqa: B009 it has no types

    def v2_on_file_diff(self, result: t.Any) -> None:
        if self._alone:
            self._erase()
            super().v2_on_file_diff(result)


def _counted(tasks: dict[str, int]) -> str:
    return f"done: {tasks['ok']} tasks ok, {tasks['changed']} of them changed something, {tasks['failures']} failed"


def _debug_lines(task: str, result: dict[str, t.Any]) -> list[str]:
    """What a task `debug` says: its text, or its variable."""
    own = (value for name, value in result.items() if name not in ("changed", "failed") and not name.startswith("_"))
    message = result.get("msg", next(own, None))
    if isinstance(message, (list, tuple)):
        return [one_line(line) for line in message]
    if isinstance(message, dict):
        title = task.rpartition(" : ")[2].rpartition(" | ")[2]
        return [one_line(f"{title} ({', '.join(f'{name} {value}' for name, value in message.items())})")]
    return [one_line(message)] if message else []


def _only_with_all(name: str) -> t.Callable[..., None]:
    """What only the default callback has to say."""

    def handle(self: CallbackModule, *given: t.Any, **named: t.Any) -> None:
        self._default(name, *given, **named)

    return handle


for _name in (
    "v2_playbook_on_start",
    "v2_playbook_on_task_start",
    "v2_playbook_on_handler_task_start",
    "v2_playbook_on_cleanup_task_start",
    "v2_playbook_on_include",
    "v2_playbook_on_no_hosts_remaining",
    "v2_playbook_on_notify",
    "v2_runner_on_skipped",
    "v2_runner_item_on_ok",
    "v2_runner_item_on_failed",
    "v2_runner_item_on_skipped",
    "v2_runner_retry",
    "v2_runner_on_async_poll",
    "v2_runner_on_async_ok",
    "v2_runner_on_async_failed",
):
    if hasattr(Default, _name):
        setattr(CallbackModule, _name, _only_with_all(_name))
