# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a use case meets Ansible. The only file that knows AnsibleModule.

Ansible masks `no_log` values in text, not in exceptions and not in warnings; so only text that went through our own
redactor leaves from here.
"""

from __future__ import annotations

import dataclasses
import gc
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import VARIABLE, Progress, nobody_watches
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import (
    SHORTEST_SECRET,
    Redactor,
    derived_secrets,
    spellings,
    strings_in,
)


@dataclasses.dataclass(frozen=True)
class Call:
    """One task as a use case sees it. `mask` adds a secret learnt on the way; `log` writes to the target's system log.

    `hide` gives plain data as the result of the task would show it, for files that a use case writes. `diff_mode`: whether
    somebody will see the differences; what is large may be left out of them otherwise. `progress` tells who watches what a long
    task does right now.
    """

    params: dict[str, t.Any]
    check_mode: bool
    mask: t.Callable[[str], None]
    log: t.Callable[[str], None]
    hide: t.Callable[[t.Any], t.Any]
    diff_mode: bool = True
    progress: Progress = dataclasses.field(default_factory=nobody_watches)


UseCase = t.Callable[[Call], Outcome]


class _Module(AnsibleModule):
    """Its constructor refuses arguments by itself, and the end of the task shows them: without the passwords in their URLs."""

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        for text in strings_in(self.params):
            for secret in derived_secrets(text):
                self.no_log_values |= spellings(secret)
        super().fail_json(msg, **kwargs)


def run_module(use_case: UseCase, **options: t.Any) -> t.NoReturn:
    """Run a use case as an Ansible module; `options` are those of AnsibleModule."""
    # A task ends soon and throws little away: the search for garbage after every 700 objects would be a tenth of its time.
    gc.set_threshold(50_000)
    make: t.Callable[..., AnsibleModule] = _Module  # what Ansible leaves without types stays Ansible's
    module = make(**options)
    redactor = Redactor(module.no_log_values)

    def mask(secret: str) -> None:
        redactor.add(secret)
        if len(secret) >= SHORTEST_SECRET:  # an empty one would be found between any two letters
            module.no_log_values |= spellings(secret)

    for secret in list(module.no_log_values):
        mask(secret)
    for text in strings_in(module.params):
        for secret in derived_secrets(text):
            mask(secret)

    def hide(value: t.Any) -> t.Any:
        return remove_values(value, module.no_log_values)

    # Taken out of the environment: what this task starts has its own progress, or none.
    progress = Progress(os.environ.pop(VARIABLE, None), redactor)
    call = Call(module.params, module.check_mode, mask, lambda text: module.log(redactor(text)), hide, module._diff, progress)
    try:
        finish(module, redactor, use_case, call)
    finally:
        progress.end()


def finish(module: AnsibleModule, redactor: Redactor, use_case: UseCase, call: Call) -> t.NoReturn:
    """Turn the end of a use case into the end of the task."""
    try:
        outcome = use_case(call)
    except WebopsError as exc:
        module.fail_json(msg=redactor(str(exc)), **redactor.scrub(exc.details))
    except Exception as exc:  # left alone, a traceback would reach the user unmasked
        module.fail_json(msg=redactor(f"Unexpected {type(exc).__name__}: {exc} ({_place(exc)})"))
    for warning in outcome.warnings:
        module.warn(redactor(warning))
    # Python would look through everything for garbage as it ends, which takes longer than the imports of some modules.
    gc.freeze()
    module.exit_json(**outcome.as_result())


def _place(exc: BaseException) -> str:
    """File and line where an unexpected error came from; values of variables stay out."""
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "no place known"
    return f"{trace.tb_frame.f_code.co_filename.rpartition('module_utils/')[2]}:{trace.tb_lineno}"
