# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secret that opens protected deployments to programs (protection bypass for automation).

It is given by the user, or kept in a file; it is never part of a result.
"""

from __future__ import annotations

import contextlib
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import read_project

SCOPE = "automation-bypass"
MODE = 0o600
ROUNDS = 3


def secrets_of(project: t.Mapping[str, t.Any]) -> list[str]:
    """A project's secrets for automation, newest first."""
    found = {key: entry for key, entry in (project.get("protectionBypass") or {}).items() if (entry or {}).get("scope") == SCOPE}
    return sorted(found, key=lambda secret: found[secret].get("createdAt") or 0, reverse=True)


def check(params: t.Mapping[str, t.Any]) -> None:
    """What can be said before anything is read."""
    secret, path = params["bypass_secret"], params["bypass_file"]
    if secret is not None and not re.fullmatch(r"[A-Za-z0-9]{32}", secret):
        raise InputError("bypass_secret: it is not 32 letters and digits.", hint="Vercel takes nothing else.")
    if path is not None and not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise InputError(f"bypass_file: there is no directory for {path}.")


def kept_in(path: str) -> t.Optional[str]:
    """The secret in a file; None when there is none."""
    try:
        content = read_if_there(path)
    except OSError as exc:
        raise InputError(f"bypass_file: {path} cannot be read: {exc.strerror}.") from exc
    return content.decode("utf-8", errors="replace").strip() if content is not None else None


def keep_in(path: str, secret: str) -> None:
    """Write the secret where only its owner can read it."""
    try:
        write_atomic(path, f"{secret}\n".encode(), MODE)
    except OSError as exc:
        raise WebopsError(
            f"bypass_file: {path} cannot be written: {exc.strerror}.", hint="The project has the secret; run the task again."
        ) from exc


def make(api: Api, project_id: str, secret: t.Optional[str]) -> list[str]:
    """Give a project this secret, or a new one; all that it has afterwards."""
    body = {"generate": {"secret": secret}} if secret else {}
    before = secrets_of(read_project(api, project_id))
    for _try in range(ROUNDS):
        with contextlib.suppress(LostAnswerError):  # the next look tells whether it is there
            api.change("add a secret for automation", "PATCH", f"/v1/projects/{project_id}/protection-bypass", body, repeat=False)
        found = secrets_of(read_project(api, project_id))
        if found != before:
            return found
    raise WebopsError("Vercel made no secret for automation.", hint="Look at the project's deployment protection.")
