# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of an application as a `.env` file. Pure.

There is no standard for these files; each reader has rules of its own. Most values have one spelling that all readers understand,
and get it. The others are written as the named reader wants them, or refused where it cannot be given them at all.

Sources: the regular expression LINE of npm's dotenv 16 and 17, dotenv-expand 12 (Vite and Next.js), `parseEnv` of Node.js 20,
the parser of PyPI's python-dotenv 1, and XCU 2.2 of POSIX. The tests read back what is written here with each of them.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

HEADING = "# Written by holdfast.webops.env_file, which overwrites what is changed here."
SECRETS = "# Secrets"

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")
_ENTRY = re.compile(
    r"""([A-Za-z_][A-Za-z0-9_]*)=('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|(?:[^'"`\n][^\n]*)?)\n""",
    re.DOTALL,
)
_IN_SHELL = re.compile(r'(["\\`$])')
_IN_PYTHON = re.compile(r"(['\\])")


@dataclasses.dataclass(frozen=True)
class Written:
    """What a file of ours holds: the spelling of each value by its name."""

    plain: dict[str, str]
    secret: dict[str, str]


def render(plain: t.Mapping[str, str], secret: t.Mapping[str, str], reader: str) -> str:
    """The content of the file; InputError names the variable that `reader` cannot be given."""
    lines = [HEADING, *_entries(plain, reader)]
    if secret:
        lines += [SECRETS, *_entries(secret, reader)]
    return "\n".join(lines) + "\n"


def understand(text: str) -> Written | None:
    """What stands in a file, None where it is not one of ours."""
    if not text.startswith(HEADING + "\n"):
        return None
    found: tuple[dict[str, str], dict[str, str]] = ({}, {})
    position, part = len(HEADING) + 1, 0
    while position < len(text):
        if text.startswith(SECRETS + "\n", position):
            position, part = position + len(SECRETS) + 1, 1
            continue
        entry = _ENTRY.match(text, position)
        if entry is None:
            return None
        found[part][entry.group(1)] = entry.group(2)
        position = entry.end()
    return Written(*found)


def spelled(name: str, value: str, reader: str) -> str:
    """A value as it stands behind the `=`."""
    spelling = _everywhere(value) or _SPELLINGS[reader](value)
    if spelling is None:
        raise InputError(
            f"{name} has a value that the reader '{reader}' cannot be given: no way of quoting keeps it as it is.",
            hint="Encode it, for example as Base64, or choose another one.",
        )
    return spelling


def _entries(environment: t.Mapping[str, str], reader: str) -> list[str]:
    return [f"{name}={spelled(name, value, reader)}" for name, value in sorted(environment.items())]


def _everywhere(value: str) -> str | None:
    """The spelling that every reader understands, where there is one."""
    if _BARE.fullmatch(value):
        return value
    if any(mark in value for mark in "\\$`"):
        return None
    if "'" not in value:
        return f"'{value}'"
    return None if '"' in value else f'"{value}"'


def _unquoted(value: str) -> str | None:
    """For what ends with a backslash, which would hide the quote behind it."""
    return None if value.strip() != value or value[0] in "'\"`" or re.search(r"[#\n]", value) else value


def _dotenv(value: str) -> str | None:
    """A backslash means nothing, but hides a quote behind it."""
    if value.endswith("\\"):
        return _unquoted(value)
    if "'" not in value:
        return f"'{value}'"
    return f"`{value}`" if "`" not in value and "\\'" not in value else None


def _expanding(value: str) -> str | None:
    """As dotenv; then `$NAME` is replaced wherever it stands, unless there is a backslash before it."""
    return None if "\\$" in value else _dotenv(value.replace("$", "\\$"))


def _python(value: str) -> str | None:
    """A backslash is one only before a backslash or a quote; `${NAME}` is replaced wherever it stands."""
    if "${" in value:
        return None
    # Before version 1.2 it takes the last two signs of 'a\\' for a quote inside.
    return _unquoted(value) if value.endswith("\\") else "'" + _IN_PYTHON.sub(r"\\\1", value) + "'"


def _shell(value: str) -> str | None:
    """What systemd reads the same way."""
    return '"' + _IN_SHELL.sub(r"\\\1", value) + '"'


_SPELLINGS: dict[str, t.Callable[[str], str | None]] = {"dotenv": _dotenv, "expanding": _expanding, "python": _python, "shell": _shell}
READERS: t.Final = tuple(_SPELLINGS)
