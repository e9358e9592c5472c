# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The auth service: plain settings, and secrets of which Supabase shows digests."""

from __future__ import annotations

import hashlib
import hmac
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.auth_settings import AUTH, PLAIN, SECRET
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.interface import (
    ABSENT,
    ANOTHER,
    AS_GIVEN,
    UNREADABLE,
    Part,
    View,
)
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.settings import checked, shown

PATH = "/config/auth"
Settings = t.Mapping[str, t.Any]


class Auth(Part):
    """`plain` and `secret` are the options auth and auth_secrets."""

    name = "auth"

    def __init__(self, plain: Settings, secret: Settings, project_ref: str, *, rewrite: bool) -> None:
        _refuse_misplaced(plain, secret)
        self._plain = checked("auth", PLAIN, plain)
        self._secret = checked("auth_secrets", SECRET, secret)
        self._ref = project_ref
        self._rewrite = rewrite

    def read(self, api: Supabase) -> t.Any:
        return api.get("show the configuration of auth", PATH)

    def before(self) -> View:
        plain = {name: shown(PLAIN[name], self.found.get(name), value) for name, value in self._plain.items()}
        return {**plain, **{name: self._word(name, self.found.get(name)) for name in self._secret}}

    def after(self) -> View:
        return {**self._plain, **{name: self._goal(name, self.found.get(name)) for name in self._secret}}

    def seen(self) -> View:
        written = {name for name in self.names if name in self._secret}
        return {name: AS_GIVEN if name in written and word == UNREADABLE else word for name, word in self.before().items()}

    def notes(self) -> list[str]:
        unreadable = [name for name, word in self.after().items() if name in self._secret and word == UNREADABLE]
        return [f"auth_secrets: Supabase shows nothing that {name} could be compared with, so it was left as it is." for name in unreadable]

    def write(self, api: Supabase) -> None:
        given = {**self._plain, **self._secret}
        api.patch("change the configuration of auth", PATH, {name: given[name] for name in self.names})

    def _word(self, name: str, found: t.Optional[str]) -> str:
        return word_for(found, self._secret[name], self._ref)

    def _goal(self, name: str, found: t.Optional[str]) -> str:
        if not self._secret[name]:
            return ABSENT
        if self._word(name, found) == UNREADABLE and not self._rewrite:
            return UNREADABLE
        return AS_GIVEN


def word_for(found: t.Optional[str], wanted: t.Optional[str], project_ref: str) -> str:
    """How a secret stands to the wanted one, as far as what Supabase shows of it tells.

    Its CLI keeps secrets as HMAC-SHA-256 with the reference as key, and compares those with the answer; the plain text and a bare
    SHA-256 are taken as well. Stars tell nothing.
    """
    if not found:
        return ABSENT
    value = (wanted or "").encode()
    keyed = hmac.new(project_ref.encode(), value, hashlib.sha256).hexdigest()
    shown = found[len("hash:") :] if found.startswith("hash:") else found
    if wanted and shown in {wanted, keyed, hashlib.sha256(value).hexdigest()}:
        return AS_GIVEN
    return UNREADABLE if re.fullmatch(r"[*\u2022\u25cf]+", shown) else ANOTHER


def _refuse_misplaced(plain: Settings, secret: Settings) -> None:
    """A secret among the plain settings would be shown, a plain setting among the secrets would mask its value everywhere."""
    for name in plain:
        if name in SECRET:
            raise InputError(f"auth.{name}: this is a secret.", hint="Give it in auth_secrets, where it is masked.")
    for name in secret:
        if name in PLAIN:
            raise InputError(f"auth_secrets.{name}: this is no secret.", hint="Give it in auth, so that changes can be seen.")


def misplaced_secrets(plain: Settings) -> list[str]:
    """Secrets that somebody gave among the plain settings; they are to be masked before that is said."""
    return [str(value) for name, value in plain.items() if value and (name in SECRET or (name not in AUTH and _looks_secret(name)))]


def _looks_secret(name: str) -> bool:
    return bool(re.search(r"pass(?!word_)|secret|token|key", str(name)))
