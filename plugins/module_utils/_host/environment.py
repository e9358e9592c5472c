# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of an application as a file, and the program that a supervisor runs. Pure.

The file is written so that systemd (EnvironmentFile=) and /bin/sh (the `.` command) read the same values from it: each
value in double quotes, with a backslash before the four characters that mean something there.
"""

from __future__ import annotations

import dataclasses
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import derived_secrets, is_secret_name
from ansible_collections.holdfast.webops.plugins.module_utils._host.limits import NO_LIMITS, Limits

# A shorter secret would be blanked in the middle of innocent words of the result, and can be guessed anyway.
SHORTEST_SECRET = 6
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = re.compile(r'(["\\`$])')


@dataclasses.dataclass(frozen=True)
class Program:
    """What a supervisor runs for a slot. `name` is that of its unit; paths are absolute."""

    name: str
    portal: str
    slot: str
    command: tuple[str, ...]
    directory: str
    environment_file: str
    launcher: str
    log: str
    user: str | None
    stop_timeout: int
    limits: Limits = NO_LIMITS


def program_name(portal: str, slot: str) -> str:
    """The name under which a supervisor knows a slot."""
    return f"holdfast-{portal}-{slot}"


def absolute(command: t.Sequence[str], directory: str) -> tuple[str, ...]:
    """The command with a program like ./bin/start found in the release; a bare name is left to the search path."""
    program, *arguments = command
    inside = "/" in program and not os.path.isabs(program)
    return (os.path.join(directory, os.path.normpath(program)) if inside else program, *arguments)


def check_environment(plain: t.Mapping[str, t.Any], secret: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Both together as text; InputError names the variable that is wrong."""
    twice = sorted(set(plain) & set(secret))
    if twice:
        raise InputError(f"{', '.join(twice)} is in environment and in secret_environment.", hint="Name each variable once.")
    found = {}
    for option, given in (("environment", plain), ("secret_environment", secret)):
        for name, value in given.items():
            found[name] = _text(f"{option}.{name}", name, value)
    for name in plain:
        if derived_secrets(found[name]):
            raise InputError(
                f"environment.{name} is a URL with a password.", hint="Give it in secret_environment, whose values are not logged."
            )
    for name in secret:
        if len(found[name]) < SHORTEST_SECRET:
            raise InputError(
                f"secret_environment.{name} is shorter than {SHORTEST_SECRET} characters and cannot be kept out of the output.",
                hint="When it is no secret, give it in environment.",
            )
    return found


def secrets_in(plain: t.Mapping[str, t.Any]) -> list[str]:
    """Values of the plain environment whose names say that they had better be secret."""
    return [str(value) for name, value in plain.items() if is_secret_name(name) and len(str(value)) >= SHORTEST_SECRET]


def _text(place: str, name: str, value: t.Any) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(f"{place}: '{name}' is not the name of an environment variable.", hint="Use letters, digits and '_'.")
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float)):
        raise InputError(f"{place} is neither text nor a number.", hint="Write lists and dicts as text, for example as JSON.")
    text = str(value)
    if "\0" in text or "\r" in text:
        raise InputError(f"{place} holds a NUL or a carriage return.", hint="An environment file cannot carry these.")
    return text


def render_environment(environment: t.Mapping[str, str]) -> bytes:
    """The content of the environment file."""
    lines = [f'{name}="{_SPECIAL.sub(_BACKSLASHED, value)}"\n' for name, value in sorted(environment.items())]
    return "".join(lines).encode("utf-8")


_BACKSLASHED = r"\\\1"
