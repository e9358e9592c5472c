# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a check of kind http asks for and what it expects. Pure: no I/O."""

from __future__ import annotations

import base64
import dataclasses
import re
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import is_secret_name

PORTS = {"http": 80, "https": 443}
# A path may hold these unquoted (RFC 3986, section 3.3); % is kept because what comes in may be quoted already.
UNQUOTED = "/%:@!$&'()*+,;=~-._?"


@dataclasses.dataclass(frozen=True)
class Location:
    """A URL taken apart; `path` is percent-encoded and holds the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.scheme, self.host, self.port)

    @property
    def authority(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


@dataclasses.dataclass(frozen=True)
class WebTarget:
    """A request and what its answer must look like. Headers in `secret_headers` never leave the origin they were given for."""

    location: Location
    method: str = "GET"
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    secret_headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    expect_status: tuple[int, ...] = (200,)
    expect_body: t.Optional[str] = None
    expect_regex: t.Optional[re.Pattern[str]] = None
    expect_json: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    expect_headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    follow_redirects: bool = True
    validate_certs: bool = True

    @property
    def needs_body(self) -> bool:
        return bool(self.expect_body or self.expect_regex or self.expect_json)


def web_target(options: t.Mapping[str, t.Any]) -> WebTarget:
    """The target of a check of kind http; InputError names the option that is wrong."""
    name = options["name"]
    location, credentials = _location(name, options["url"])
    secret_headers = _headers(name, "secret_headers", options["secret_headers"])
    target = WebTarget(
        location=location,
        method=options["method"] or "GET",
        headers=_public_headers(name, options["headers"]),
        secret_headers={**credentials, **secret_headers},
        expect_status=_statuses(name, options["expect_status"]),
        expect_body=options["expect_body"] or None,
        expect_regex=_pattern(name, options["expect_regex"]),
        expect_json=options["expect_json"] or {},
        expect_headers=_headers(name, "expect_headers", options["expect_headers"]),
        follow_redirects=options["follow_redirects"] is not False,
        validate_certs=options["validate_certs"] is not False,
    )
    if target.method == "HEAD" and target.needs_body:
        raise InputError(f"The check '{name}' expects a body, but an answer to HEAD has none.", hint="Use the method GET.")
    return target


def _location(name: str, url: str) -> tuple[Location, dict[str, str]]:
    """The place, and the header that carries the user and password of the URL."""
    try:
        parts = urllib.parse.urlsplit(url)
        location = location_of(parts)
    except ValueError as exc:
        # The URL itself is not quoted: it may hold a password that could not be found in it.
        raise InputError(f"The url of the check '{name}' cannot be used: {exc}.", hint="Write it as https://host[:port]/path.") from None
    return location, _credentials(parts)


def location_of(parts: urllib.parse.SplitResult) -> Location:
    """Take a URL apart; ValueError says what is wrong with it."""
    if parts.scheme not in PORTS:
        raise ValueError("it does not begin with http:// or https://")
    if not parts.hostname:
        raise ValueError("it names no host")
    if re.search(r"[\x00-\x1f\x7f]", parts.path + parts.query):
        raise ValueError("it holds a control character")
    host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode("ascii")
    if re.search(r"[^A-Za-z0-9._:%-]", host):
        raise ValueError("its host name holds a character that no host name has")
    path = urllib.parse.quote(parts.path or "/", safe=UNQUOTED)
    query = urllib.parse.quote(parts.query, safe=UNQUOTED)
    return Location(parts.scheme, host, parts.port or PORTS[parts.scheme], f"{path}?{query}" if query else path)


def _credentials(parts: urllib.parse.SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode("ascii")}


def _public_headers(name: str, headers: t.Optional[t.Mapping[str, t.Any]]) -> dict[str, str]:
    """`headers` stand in the log of the target as they are, so nothing secret may be among them."""
    for header in headers or {}:
        if is_secret_name(header) or header.lower() == "cookie":
            raise InputError(
                f"The check '{name}' gives the header {header} in headers, where it can be read in logs.", hint="Move it to secret_headers."
            )
    return _headers(name, "headers", headers)


def _headers(name: str, option: str, headers: t.Optional[t.Mapping[str, t.Any]]) -> dict[str, str]:
    texts = {str(header): str(value) for header, value in (headers or {}).items()}
    for header, value in texts.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", header):
            raise InputError(f"The {option} of the check '{name}' has a header named '{header}'.", hint="Use letters, digits and hyphens.")
        if re.search(r"[\r\n\x00]", value) or not _fits_latin1(value):
            raise InputError(f"The header {header} in {option} of the check '{name}' has a value that HTTP cannot carry.")
    return texts


def _fits_latin1(value: str) -> bool:
    return all(ord(character) < 256 for character in value)


def _statuses(name: str, statuses: t.Optional[t.Sequence[int]]) -> tuple[int, ...]:
    if statuses is None:
        return (200,)
    if not statuses:
        raise InputError(f"The expect_status of the check '{name}' is empty.", hint="Give at least one status, such as 200.")
    for status in statuses:
        if not 100 <= status <= 599:
            raise InputError(f"The expect_status of the check '{name}' holds {status}.", hint="Give numbers from 100 to 599.")
    return tuple(statuses)


def _pattern(name: str, regex: t.Optional[str]) -> t.Optional[re.Pattern[str]]:
    try:
        return re.compile(regex) if regex else None
    except re.error as exc:
        raise InputError(
            f"The expect_regex '{regex}' of the check '{name}' does not compile: {exc}.", hint="Write a Python regular expression."
        ) from None
