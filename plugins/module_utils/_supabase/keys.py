# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The project's API keys: read for other steps, never shown."""

from __future__ import annotations

import json
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase

PATH = "/api-keys"
MODE = 0o600
HOLDS = "holds the keys"
Mask = t.Callable[[str], None]


def revealed(api: Supabase, mask: Mask) -> list[dict[str, t.Any]]:
    """The keys with what they are, masked from here on."""
    found = api.get("show the API keys", PATH, [("reveal", "true")]) or []
    for key in found:
        if key.get("api_key"):
            mask(str(key["api_key"]))
    return [key for key in found if key.get("api_key")]


def label(key: t.Mapping[str, t.Any]) -> str:
    """What to call a key: a publishable and a secret one may have the same name."""
    kind, name = key.get("type"), str(key["name"])
    return name if kind in {None, "legacy"} else f"{kind}_{name}"


def service_key(api: Supabase, mask: Mask) -> str:
    """A key that may do everything in the project: a secret one, else the legacy service_role."""
    found = revealed(api, mask)
    for key in found:
        if key.get("type") == "secret":
            return str(key["api_key"])
    for key in found:
        if key.get("name") == "service_role":
            return str(key["api_key"])
    raise NotFoundError(
        "The project shows this token no secret key and no service_role key.",
        hint="Give one in 'service_key', or use a token that may read secret keys.",
    )


def check_file(path: t.Optional[str]) -> None:
    """What can be said before anything is read."""
    if path is not None and not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise InputError(f"api_keys_file: there is no directory for {path}.", hint="Make it first.")


def content(keys: t.Sequence[t.Mapping[str, t.Any]]) -> bytes:
    """What the file shall hold: each key under its label."""
    return (json.dumps({label(key): str(key["api_key"]) for key in keys}, indent=2, sort_keys=True) + "\n").encode()


def word_for(path: str, wanted: bytes) -> str:
    """How the file stands to what it shall hold; nothing of it is shown."""
    try:
        found = read_if_there(path)
        private = found is None or os.stat(path).st_mode & 0o777 == MODE
    except OSError as exc:
        raise InputError(f"api_keys_file: {path} cannot be read: {exc.strerror}.", hint="Run as the one whom it belongs to.") from exc
    if found is None:
        return "absent"
    return HOLDS if found == wanted and private else "out of date"


def keep(path: str, data: bytes) -> None:
    """Write the keys where only their owner can read them."""
    try:
        write_atomic(path, data, MODE)
    except OSError as exc:
        raise WebopsError(f"api_keys_file: {path} cannot be written: {exc.strerror}.", hint="Run the task again.") from exc
