# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking supervisord over its unix socket: 2 ms, where every call of supervisorctl starts a Python of its own."""

from __future__ import annotations

import http.client
import socket
import typing as t
import xmlrpc.client

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError

NO_SUCH_PROGRAM = 10  # supervisor.xmlrpc.Faults.BAD_NAME


def process_info(path: str, name: str, timeout: float) -> dict[str, t.Any] | None:
    """What getProcessInfo tells of a program (http://supervisord.org/api.html), None when it is not known."""
    server = xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=_UnixTransport(path, timeout))
    try:
        return t.cast("dict[str, t.Any]", server.supervisor.getProcessInfo(name))
    except xmlrpc.client.Fault as exc:
        if exc.faultCode == NO_SUCH_PROGRAM:
            return None
        raise CommandError(f"supervisord at {path} said: {exc.faultString}.") from exc
    except (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError) as exc:
        said = getattr(exc, "strerror", None) or getattr(exc, "errmsg", None) or type(exc).__name__
        raise CommandError(
            f"supervisord does not answer at {path}: {said}.", hint="Start it, or name its socket in supervisor_socket."
        ) from exc


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__()
        self._path = path
        self._timeout = timeout

    def make_connection(self, host: tuple[str, dict[str, str]] | str) -> http.client.HTTPConnection:
        del host  # there is one behind the socket
        return _UnixConnection(self._path, self._timeout)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
