# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of the edge functions, compared by their SHA-256 digests."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.interface import ABSENT, ANOTHER, AS_GIVEN, Part, View

PATH = "/secrets"
RESERVED = "SUPABASE_"
LONGEST_NAME, LONGEST_VALUE = 256, 24_576
UNLISTED = "there, but not listed"


class Secrets(Part):
    """`secret` and `open_` are the options secrets and variables; `purge` whether others are removed."""

    name = "secrets"

    def __init__(self, secret: t.Mapping[str, t.Any], open_: t.Mapping[str, t.Any], *, purge: bool) -> None:
        twice = sorted(str(name) for name in secret if name in open_)
        if twice:
            raise InputError(f"variables: {', '.join(twice)} is among the secrets too.", hint="Give each in one of them.")
        self._wanted = {**_all_checked("secrets", secret), **_all_checked("variables", open_)}
        self._purge = purge

    def read(self, api: Supabase) -> t.Any:
        listed = api.get("list the secrets", PATH) or []
        return {str(entry["name"]): str(entry["value"]).lower() for entry in listed}

    def before(self) -> View:
        words = {name: _word(self.found.get(name), value) for name, value in self._wanted.items()}
        return {**words, **dict.fromkeys(self._unlisted(), UNLISTED)}

    def after(self) -> View:
        return {**dict.fromkeys(self._wanted, AS_GIVEN), **dict.fromkeys(self._unlisted(), ABSENT)}

    def write(self, api: Supabase) -> None:
        written = [{"name": name, "value": self._wanted[name]} for name in self.names if name in self._wanted]
        removed = [name for name in self.names if name not in self._wanted]
        if written:
            api.post("set the secrets", PATH, written, repeat=True)
        if removed:
            api.delete("remove the secrets", PATH, removed)

    def _unlisted(self) -> list[str]:
        if not self._purge:
            return []
        return sorted(name for name in self.found if name not in self._wanted and not name.startswith(RESERVED))


def _all_checked(option: str, given: t.Mapping[str, t.Any]) -> dict[str, str]:
    return {str(name): _checked(f"{option}.{name}", str(name), value) for name, value in given.items()}


def _checked(place: str, name: str, value: t.Any) -> str:
    if not name or len(name) > LONGEST_NAME or name.startswith(RESERVED):
        raise InputError(
            f"{place}: this is no name of a secret.",
            hint=f"1 to {LONGEST_NAME} letters; {RESERVED} at the beginning is Supabase's own.",
        )
    if value is None or isinstance(value, (bool, dict, list)):
        raise InputError(f"{place}: its value is no text.", hint="Put it into quotes.")
    if len(str(value)) > LONGEST_VALUE:
        raise InputError(f"{place}: its value is longer than {LONGEST_VALUE} letters.", hint="Supabase takes nothing longer.")
    return str(value)


def _word(digest: t.Optional[str], value: str) -> str:
    if digest is None:
        return ABSENT
    return AS_GIVEN if digest == hashlib.sha256(value.encode()).hexdigest() else ANOTHER
