"""The address of an instance: a port that belongs to the instance's name and leads to whoever has that name."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import typing as t

from tools.embedded.ports import HOST

PIECE = 65536
CONNECT_SECONDS = 10


class Door(socketserver.ThreadingTCPServer):
    """`target` tells the port of a real server, None when nobody is to be reached: then connections are closed at once."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, target: t.Callable[[], int | None]) -> None:
        super().__init__((HOST, port), Passage)
        self.target = target
        self.open: set[socket.socket] = set()
        threading.Thread(target=self.serve_forever, name=f"door {self.port}", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def cut(self) -> None:
        """End every connection that goes through."""
        for one in list(self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self.cut()


class Passage(socketserver.BaseRequestHandler):
    """One connection."""

    server: Door
    request: socket.socket

    def handle(self) -> None:
        port = self.server.target()
        if port is None:
            return
        try:
            inner = socket.create_connection((HOST, port), CONNECT_SECONDS)
        except OSError:  # it is on its way
            return
        inner.settimeout(None)
        ends = {self.request, inner}
        self.server.open.update(ends)
        try:
            if self.server.target() == port:  # else it was cut before we were there to be cut
                self._pass(inner)
        finally:
            self.server.open.difference_update(ends)
            inner.close()

    def _pass(self, inner: socket.socket) -> None:
        for one in (self.request, inner):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=_pump, args=(inner, self.request), daemon=True)
        back.start()
        _pump(self.request, inner)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Until either side ends it."""
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            sink.sendall(piece)
    for one in (sink, source):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_WR if one is sink else socket.SHUT_RD)
