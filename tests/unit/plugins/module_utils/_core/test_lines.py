"""With real sockets on loopback: what is tested is what the kernel does to a slow line."""

from __future__ import annotations

import errno
import socket
import ssl
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.lines import open_line, reason_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_line_knows_whom_it_reached(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    line = open_line("127.0.0.1", port, Deadline(SystemClock(), 5))
    line.close()
    assert line.address == f"127.0.0.1:{port}"


def test_reading_ends_with_the_deadline_though_bytes_keep_coming(listener: socket.socket) -> None:
    line = open_line("127.0.0.1", listener.getsockname()[1], Deadline(SystemClock(), 0.3))
    peer, _address = listener.accept()

    def read_for_ever() -> None:
        while True:
            peer.sendall(b"x")
            assert line.receive_into(bytearray(1)) == 1

    with peer, pytest.raises(socket.timeout):
        read_for_ever()
    line.close()


def test_a_port_where_nobody_listens_is_an_error(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(ConnectionRefusedError):
        open_line("127.0.0.1", port, Deadline(SystemClock(), 5))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "nothing listens at h:1 (connection refused)"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "h:1 cut the connection"),
        (BrokenPipeError(errno.EPIPE, "x"), "h:1 cut the connection"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "the name of h:1 cannot be resolved: Name or service not known"),
        (ssl.SSLError(1, "x"), "no TLS connection to h:1: x"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "no connection to h:1: No route to host"),
    ],
)
def test_a_network_error_becomes_a_sentence(error: OSError, reason: str) -> None:
    assert reason_for(error, "h:1") == reason
