# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind command: the program, and how it must end. Pure."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.parts import read_pattern, read_text


@dataclasses.dataclass(frozen=True)
class CommandTarget:
    """`argv` is run without a shell; `environment` is added to the inherited one."""

    argv: tuple[str, ...]
    expect_rc: tuple[int, ...]
    expect_body: t.Optional[str]
    expect_regex: t.Optional[re.Pattern[str]]
    environment: t.Mapping[str, str]


def read(options: t.Mapping[str, t.Any]) -> CommandTarget:
    """InputError names the option that is wrong."""
    name, argv, codes = options["name"], options["command"], options["expect_rc"]
    if not argv or not argv[0].strip():
        raise InputError(f"The command of the check '{name}' is empty.", hint="Give a list: the program and its arguments.")
    if any("\0" in word for word in argv):
        raise InputError(f"The command of the check '{name}' holds a null character.", hint="No argument can hold one.")
    if codes is not None and (not codes or not all(0 <= code <= 255 for code in codes)):
        raise InputError(f"The expect_rc of the check '{name}' is {codes}.", hint="Give exit codes from 0 to 255.")
    environment = {str(key): str(value) for key, value in (options["environment"] or {}).items()}
    if any("=" in key or not key or "\0" in key + value for key, value in environment.items()):
        raise InputError(
            f"The environment of the check '{name}' has a variable that cannot be.", hint="A name is not empty and has no '='."
        )
    return CommandTarget(tuple(argv), tuple(codes or (0,)), read_text(options, "expect_body"), read_pattern(options), environment)


def secrets(target: CommandTarget) -> t.Iterable[str]:
    return target.environment.values()
