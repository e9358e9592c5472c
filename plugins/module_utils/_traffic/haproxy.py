# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HAProxy's runtime socket: commands out, tables in. It knows the wire format and decides nothing.

Format: HAProxy management guide 2.6, section 9.3 (`show stat`, `show map`, `show sess`, `show events`). One connection per
command; the router closes it after the answer.
"""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
import re
import socket
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError, NotFoundError, WebopsError

# HAProxy binds a temporary name (the path, the pid and .tmp) before it renames it; sun_path holds 107 characters.
LONGEST_SOCKET_PATH = 97
# AN_RES_WAIT_HTTP of include/haproxy/channel-t.h: this stream still waits for the head of its answer.
WAITS_FOR_ANSWER = 0x00400000
ANSWER_TIMEOUT = 10.0


class RouterDownError(NotFoundError):
    """Nobody answers on the socket."""


@dataclasses.dataclass(frozen=True)
class Server:
    """One server line of `show stat`: the same slot appears in several backends."""

    backend: str
    name: str
    status: str
    current: int
    total: int
    errors: int
    retries: int
    redispatches: int
    downs: int

    @property
    def is_up(self) -> bool:
        """True while the router gives it requests."""
        return self.status.startswith("UP")


@dataclasses.dataclass(frozen=True)
class Waiting:
    """A request that has no answer yet: the backend that holds it, its server, its age in whole seconds."""

    backend: str
    server: str
    age: int


class RuntimeSocket:
    """The runtime socket of one router."""

    def __init__(self, path: str) -> None:
        if len(path.encode()) > LONGEST_SOCKET_PATH:
            raise InputError(
                f"socket: '{path}' has {len(path.encode())} characters; HAProxy takes at most {LONGEST_SOCKET_PATH}.",
                hint="Name a shorter path, for example below /run or /tmp, in the option 'socket' and in the router's configuration.",
            )
        self.path = path

    def ask(self, command: str) -> str:
        """One command, its whole answer without the blank lines around it. RouterDownError when nobody listens."""
        try:
            with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as connection:
                connection.settimeout(ANSWER_TIMEOUT)
                connection.connect(self.path)
                connection.sendall(f"{command}\n".encode())
                return _read_all(connection).decode("utf-8", "replace").strip("\n ")
        except PermissionError as exc:
            raise WebopsError(
                f"socket: this user may not use '{self.path}'.", hint="Run the task as the router's user or as root."
            ) from exc
        except (FileNotFoundError, ConnectionError) as exc:
            raise RouterDownError(
                f"No router answers on '{self.path}' ({exc.strerror or exc}).",
                hint="Start it, or check the options 'directory' and 'socket'.",
            ) from exc
        except OSError as exc:
            raise WebopsError(f"The router on '{self.path}' did not answer '{command.split(' ')[0]}': {exc}.") from exc

    def is_running(self) -> bool:
        """Whether a router answers."""
        try:
            return bool(self.ask("show version"))
        except RouterDownError:
            return False

    def servers(self) -> list[Server]:
        """Every server of every backend."""
        return parse_servers(self.ask("show stat"))

    def waiting(self) -> list[Waiting]:
        """Every request that waits for the head of its answer."""
        return parse_waiting(self.ask("show sess"))

    def events(self, ring: str) -> list[str]:
        """The lines of a ring, oldest first."""
        return self.ask(f"show events {ring}").splitlines()

    def table(self, path: str) -> dict[str, str]:
        """A map as the running router holds it."""
        return parse_table(self._ask_about(path, f"show map {path}"))

    def write_table(self, path: str, wanted: dict[str, str]) -> None:
        """Make the running router's map hold exactly `wanted`, entry by entry, so that no request finds it empty."""
        present = self.table(path)
        for key, value in wanted.items():
            if key not in present:
                self._order(path, f"add map {path} {key} {value}")
            elif present[key] != value:
                self._order(path, f"set map {path} {key} {value}")
        for key in present.keys() - wanted.keys():
            self._order(path, f"del map {path} {key}")

    def close_sessions(self, server: Server) -> None:
        """Cut every connection to a server."""
        self.ask(f"shutdown sessions server {server.backend}/{server.name}")

    def _ask_about(self, path: str, command: str) -> str:
        answer = self.ask(command)
        if "unknown map" in answer.lower():
            raise ConflictError(
                f"The router on '{self.path}' does not use '{path}'.",
                hint="Its configuration names another directory: provision it again, or correct 'directory' and 'socket'.",
            )
        return answer

    def _order(self, path: str, command: str) -> None:
        answer = self._ask_about(path, command)
        if answer:
            raise WebopsError(f"The router refused to change '{path}': {answer}")


def _read_all(connection: socket.socket) -> bytes:
    chunks: list[bytes] = []
    while True:
        chunk = connection.recv(262144)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)


def parse_table(text: str) -> dict[str, str]:
    """`show map FILE`: lines of `0xADDRESS key value`."""
    entries = (line.split(" ", 2) for line in text.splitlines() if line.startswith("0x"))
    return {entry[1]: entry[2] for entry in entries if len(entry) == 3}


def parse_servers(text: str) -> list[Server]:
    """`show stat`: a CSV with a header line; lines of frontends and backends are left out."""
    lines = csv.DictReader(io.StringIO(text.partition("# ")[2]))
    return [_server(line) for line in lines if line["svname"] not in ("FRONTEND", "BACKEND")]


def _server(line: dict[str, t.Any]) -> Server:
    def number(name: str) -> int:
        return int(line.get(name) or 0)

    return Server(
        backend=line["pxname"],
        name=line["svname"],
        status=line["status"],
        current=number("scur"),
        total=number("stot"),
        errors=number("hrsp_5xx"),
        retries=number("wretr"),
        redispatches=number("wredis"),
        downs=number("chkdown"),
    )


def parse_waiting(text: str) -> list[Waiting]:
    """`show sess`: one line per stream; those whose answer has begun and those of upgraded connections are left out."""
    found = []
    for line in text.splitlines():
        names = dict(re.findall(r"\b(be|srv|age)=(\S+)", line))
        analysers = re.search(r"rp\[[^\]]*\ban=([0-9a-f]+)h", line)
        if analysers and len(names) == 3 and int(analysers.group(1), 16) & WAITS_FOR_ANSWER:
            found.append(Waiting(names["be"], names["srv"], age_seconds(names["age"])))
    return found


def age_seconds(text: str) -> int:
    """HAProxy's short durations: 3s, 1m5s, 2h3m, 1d4h."""
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([dhms])", text))
