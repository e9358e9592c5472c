"""A door in front of a server: connections wait before it until it is opened, and are handed through then."""

from __future__ import annotations

import contextlib
import socket
import threading
import typing as t


@contextlib.contextmanager
def gate(port: int, is_open: t.Callable[[], bool]) -> t.Iterator[int]:
    """The port of a door in front of another port of this machine; `is_open` is asked until it says so."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        threading.Thread(target=_admit, args=(listening, port, is_open, ended), daemon=True).start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def _admit(listening: socket.socket, port: int, is_open: t.Callable[[], bool], ended: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while True:
            outside, _address = listening.accept()
            threading.Thread(target=_through, args=(outside, port, is_open, ended), daemon=True).start()


def _through(outside: socket.socket, port: int, is_open: t.Callable[[], bool], ended: threading.Event) -> None:
    while not is_open():
        if ended.wait(0.05):
            return
    inside = socket.create_connection(("127.0.0.1", port))
    for source, sink in ((outside, inside), (inside, outside)):
        threading.Thread(target=_pour, args=(source, sink), daemon=True).start()


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
