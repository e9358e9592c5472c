# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that a user did not name as such: the password in a URL, the token in its query."""

from __future__ import annotations

import json
import re
import typing as t
import urllib.parse

MASK = "********"
# Masking anything shorter would blank innocent text ("1", "dev") and protect nothing.
SHORTEST_SECRET = 4

# The scheme is left out: looking for where it begins is quadratic in a long text without blanks.
_URL = re.compile(r"://[^\s'\"<>]+")
_PASSWORD_PARAMETER = re.compile(r"(?:^|\s)password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)", re.IGNORECASE)
# A literal that was cut off counts too.
_SQL_PASSWORD = re.compile(
    r"(\bPASSWORD\s+)(?:E'(?:[^'\\]|\\.|'')*(?:'|\Z)|'(?:[^']|'')*(?:'|\Z)|\$(\w*)\$.*?(?:\$\2\$|\Z))", re.IGNORECASE | re.DOTALL
)
# What html.escape does; the module html brings all names of HTML with it, and takes as long as json and base64 together.
_IN_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_SECRET_NAME = re.compile(r"pass|secret|token|signature|sig$|key|credential|auth", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Whether an option, header or query parameter of this name usually holds a secret."""
    return bool(_SECRET_NAME.search(name))


def is_secret_header(name: str) -> bool:
    """The same for a header of HTTP, where a cookie lets somebody in too."""
    return is_secret_name(name) or name.lower() == "cookie"


def derived_secrets(value: str) -> set[str]:
    """Secrets inside a URL or a libpq connection string, as written and percent-decoded."""
    found: set[str] = set()
    for url in _URL.findall(value):
        if "@" in url or "=" in url:  # neither a password nor a parameter in the others
            found |= _secrets_of_url(f"scheme{url}")
    for quoted in _PASSWORD_PARAMETER.findall(value):
        found.add(re.sub(r"\\(.)", r"\1", quoted[1:-1]) if quoted.startswith("'") else quoted)
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET}


def _secrets_of_url(url: str) -> set[str]:
    try:
        parts = urllib.parse.urlsplit(url)
        password = parts.password
    except ValueError:
        return set()
    found: set[str] = set()
    if password:
        found |= {password, urllib.parse.unquote(password)}
    for pair in parts.query.split("&"):
        name, _sep, raw = pair.partition("=")
        if is_secret_name(name) and raw:
            found |= {raw, urllib.parse.unquote_plus(raw)}
    return found


def without_passwords(sql: str) -> str:
    """A statement, or its beginning, as it may be shown: without what it sets passwords to or connects with."""
    return Redactor(derived_secrets(sql))(_SQL_PASSWORD.sub(rf"\g<1>'{MASK}'", sql))


def spellings(secret: str) -> set[str]:
    """A secret as it stands and as it comes back inside JSON, a URL or HTML; mostly these are the same."""
    in_json = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    in_url = {urllib.parse.quote(secret), urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret)}
    return {secret, *in_json, *in_url, secret.translate(_IN_HTML)}


def strings_in(value: t.Any) -> t.Iterator[str]:
    """Every string in nested plain data, keys and empty ones left out."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(filter(None, value.values()))
        elif isinstance(value, (list, tuple, set)):
            waiting.extend(filter(None, value))


class Redactor:
    """Replaces every secret it knows, however it is spelled, longest first so that no part of a longer one stays readable."""

    def __init__(self, secrets: t.Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        if len(secret) >= SHORTEST_SECRET:
            self._secrets |= spellings(secret)

    def __call__(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text

    def scrub(self, value: t.Any) -> t.Any:
        """The same plain data with every string redacted."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {key: self.scrub(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.scrub(inner) for inner in value]
        return value
