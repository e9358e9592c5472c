# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs and the requests that are sent to them, for every kind of check that speaks HTTP. Pure: no I/O."""

from __future__ import annotations

import base64
import dataclasses
import re
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import is_secret_header
from ansible_collections.holdfast.webops.plugins.module_utils._health.trust import Trust, read_trust

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
class Request:
    """What is asked of which URL. Headers in `secret_headers` never leave the origin they were given for."""

    location: Location
    method: str = "GET"
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    secret_headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    follow_redirects: bool = True
    trust: Trust = dataclasses.field(default_factory=Trust)

    def secrets(self) -> t.Iterator[str]:
        """What a server might echo: each secret header, and its part after the scheme (Bearer, Basic) where it has one."""
        for value in self.secret_headers.values():
            yield value
            yield value.rpartition(" ")[2]


def read_request(options: t.Mapping[str, t.Any]) -> Request:
    """The request of a check; InputError names the option that is wrong."""
    name = options["name"]
    location, credentials = read_location(name, "url", options["url"])
    trust = read_trust(options)
    if location.scheme == "http" and (trust.ca_file or trust.client_cert):
        raise InputError(
            f"The check '{name}' has a certificate for {location.scheme}://{location.authority}, which is not encrypted.",
            hint="Write the url with https://, or remove ca_file, client_cert and client_key.",
        )
    return Request(
        location=location,
        method=options.get("method") or "GET",
        headers=_public_headers(name, options["headers"]),
        secret_headers={**credentials, **read_headers(name, "secret_headers", options["secret_headers"])},
        follow_redirects=options.get("follow_redirects") is not False,
        trust=trust,
    )


def read_location(name: str, option: str, url: str) -> tuple[Location, dict[str, str]]:
    """The place, and the header that carries the user and password of the URL."""
    try:
        parts = urllib.parse.urlsplit(url)
        location = location_of(parts)
    except ValueError as exc:
        # The URL itself is not quoted: it may hold a password that could not be found in it.
        raise InputError(
            f"The {option} of the check '{name}' cannot be used: {exc}.", hint="Write it as https://host[:port]/path."
        ) from None
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
        if is_secret_header(header):
            raise InputError(
                f"The check '{name}' gives the header {header} in headers, where it can be read in logs.", hint="Move it to secret_headers."
            )
    return read_headers(name, "headers", headers)


def read_headers(name: str, option: str, headers: t.Optional[t.Mapping[str, t.Any]]) -> dict[str, str]:
    """Headers as text; InputError for one that HTTP cannot carry."""
    texts = {str(header): str(value) for header, value in (headers or {}).items()}
    for header, value in texts.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", header):
            raise InputError(f"The {option} of the check '{name}' has a header named '{header}'.", hint="Use letters, digits and hyphens.")
        if re.search(r"[\r\n\x00]", value) or not _fits_latin1(value):
            raise InputError(f"The header {header} in {option} of the check '{name}' has a value that HTTP cannot carry.")
    return texts


def _fits_latin1(value: str) -> bool:
    return all(ord(character) < 256 for character in value)
