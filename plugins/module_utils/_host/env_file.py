# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module env_file: a `.env` file with exactly these variables."""

from __future__ import annotations

import dataclasses
import os
import stat
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._host.dotenv import READERS, Written, render, understand
from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import check_environment, secrets_in

MODE = 0o600
FORMER = ".former"
HIDDEN, OTHER = "(secret)", "(secret, another one)"

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "path": {"type": "path", "required": True},
    "environment": {"type": "dict", "default": {}},
    "secret_environment": {"type": "dict", "default": {}, "no_log": True},
    "reader": {"type": "str", "choices": list(READERS), "default": "dotenv"},
    "take_over": {"type": "bool", "default": False},
}


@dataclasses.dataclass(frozen=True)
class _Present:
    """The file as it is: `mode` and `text` are None where there is none, `written` where it is not one of ours."""

    mode: int | None
    text: str | None
    written: Written | None


def write_env_file(call: Call) -> Outcome:
    """Compare, write when something differs."""
    path, text, wanted = _wanted(call)
    present = _read(path)
    foreign = present.text is not None and present.written is None
    if foreign and not call.params["take_over"]:
        raise ConflictError(
            f"path: '{path}' was not written by this module, or was changed since.",
            hint=f"Move away what is needed of it, or set take_over: true, which keeps it as {path}{FORMER}.",
        )
    changed = present.text != text or present.mode != MODE
    if changed and not call.check_mode:
        _write(path, text, former=present.text if foreign else None)
    former = path + FORMER if foreign else None
    return Outcome(
        _shown(present, wanted),
        _shown(_Present(MODE, text, wanted), wanted),
        {"path": path, "names": sorted({**wanted.plain, **wanted.secret}), "former": former},
    )


def _wanted(call: Call) -> tuple[str, str, Written]:
    """Path and content, and how the latter is understood; all input is checked here."""
    path, plain, secret = call.params["path"], call.params["environment"], call.params["secret_environment"]
    texts = check_environment(plain, secret)
    for value in secrets_in(plain):
        call.mask(value)
    text = render({name: texts[name] for name in plain}, {name: texts[name] for name in secret}, call.params["reader"])
    wanted = understand(text)
    if wanted is None:
        raise WebopsError("The file would not be understood again.", hint="This is an error of the module; please report it.")
    if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise InputError(f"path: there is no folder '{os.path.dirname(os.path.abspath(path))}'.", hint="Make it first.")
    if os.path.islink(path) or (os.path.exists(path) and not os.path.isfile(path)):
        raise InputError(f"path: '{path}' is no regular file.", hint="Name a file, or remove what is there.")
    return path, text, wanted


def _read(path: str) -> _Present:
    try:
        content = read_if_there(path)
        mode = None if content is None else stat.S_IMODE(os.stat(path).st_mode)
    except OSError as exc:
        raise WebopsError(f"path: '{path}' cannot be read: {exc.strerror}.", hint="Run as the one whom it belongs to.") from exc
    text = None if content is None else content.decode("utf-8", "surrogateescape")
    return _Present(mode, text, None if text is None else understand(text))


def _write(path: str, text: str, former: str | None) -> None:
    try:
        if former is not None:
            write_atomic(path + FORMER, former.encode("utf-8", "surrogateescape"), MODE)
        write_atomic(path, text.encode("utf-8"), MODE)
    except OSError as exc:
        raise WebopsError(f"path: '{path}' cannot be written: {exc.strerror}.", hint="Give its user the right, or room.") from exc


def _shown(present: _Present, wanted: Written) -> dict[str, t.Any]:
    """A file for the difference: of what is or was secret, only whether it is the wanted one."""
    written = present.written or Written({}, {})
    variables = {name: _shown_plain(name, value, wanted) for name, value in written.plain.items()}
    variables.update({name: HIDDEN if wanted.secret.get(name) == value else OTHER for name, value in written.secret.items()})
    return {
        "mode": None if present.mode is None else f"{present.mode:04o}",
        "content": _content(present),
        "variables": dict(sorted(variables.items())),
    }


def _shown_plain(name: str, value: str, wanted: Written) -> str:
    return OTHER if name in wanted.secret else value


def _content(present: _Present) -> str:
    if present.text is None:
        return "absent"
    return "of somebody else" if present.written is None else "of this module"
