# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking a site as a new visitor would, at each of the servers that its name stands for.

Every request has a connection of its own and an address that no cache has seen, so that an answer comes from what the server holds now.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import socket
import typing as t
import urllib.parse
import uuid

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.lines import Line, open_line, reason_for
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import AGENT, Answer, GoneError, headers_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.trust import Trust, context

PORTS: t.Final = {"http": 80, "https": 443}
LONGEST = 32 * 1024 * 1024
SECONDS = 20.0


@dataclasses.dataclass(frozen=True)
class Server:
    """One address of a site. `host` and `authority` are those of the site, whatever the address is."""

    scheme: str
    host: str
    authority: str
    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


def servers_of(url: str, more: t.Sequence[str]) -> tuple[Server, ...]:
    """Every address that the name of a site stands for, then `more` (address or address:port). Raises GoneError."""
    parts = urllib.parse.urlsplit(url)
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except socket.gaierror as exc:
        raise GoneError(reason_for(exc, parts.netloc)) from None
    addresses = [(address, port) for address in found] + [_address(text, port) for text in more]
    return tuple(Server(parts.scheme, host, parts.netloc, address, own) for address, own in dict.fromkeys(addresses))


def ask(server: Server, path: str, deadline: Deadline) -> Answer:
    """The answer to a GET with a query that is new each time. Raises GoneError."""
    within = deadline.part(SECONDS)
    try:
        with contextlib.closing(open_line(server.address, server.port, within)) as line:
            return _exchange(line.encrypt(server.host, context(Trust())) if server.scheme == "https" else line, server, path)
    except OSError as exc:
        late = isinstance(exc, socket.timeout)
        raise GoneError(f"no whole answer from {server} in time" if late else reason_for(exc, str(server))) from None
    except http.client.HTTPException as exc:
        raise GoneError(f"{server} does not speak proper HTTP: {type(exc).__name__}") from None


def _exchange(line: Line, server: Server, path: str) -> Answer:
    connection = http.client.HTTPConnection(server.host, server.port)
    connection.sock = t.cast("t.Any", line)
    headers = {"Host": server.authority, "User-Agent": AGENT, "Cache-Control": "no-cache", "Accept-Encoding": "identity"}
    connection.request("GET", f"{path}?holdfast={uuid.uuid4().hex}", headers={**headers, "Connection": "close"})
    response = http.client.HTTPResponse(t.cast("t.Any", line), method="GET")
    response.begin()
    body = response.read(LONGEST + 1)
    if response.length:
        raise GoneError(f"{server} hung up before the end of its answer")
    return Answer(response.status, headers_of(response), body, len(body) <= LONGEST)


def _address(text: str, port: int) -> tuple[str, int]:
    host, colon, number = text.rpartition(":")
    return (host.strip("[]"), int(number)) if colon and number.isdigit() and not host.endswith(":") else (text.strip("[]"), port)
