"""An HTTP server for the tests of health_check whose path says how it misbehaves. Threads, one per connection."""

from __future__ import annotations

import collections
import contextlib
import io
import json
import socket
import socketserver
import ssl
import struct
import threading
import time
import typing as t
import warnings

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = b"x" * 65536


class UnrulyServer(socketserver.ThreadingTCPServer):
    """Counts connections, and keeps the headers of the last request to each path."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, certificate: Path | None = None, *, clients: Path | None = None, oldest: ssl.TLSVersion | None = None) -> None:
        super().__init__(("127.0.0.1", 0), UnrulyConnection)
        self.port = self.server_address[1]
        self.certificate = certificate
        self.clients = clients
        self.oldest = oldest
        self.asked: collections.Counter[str] = collections.Counter()
        self.headers: dict[str, dict[str, str]] = {}
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    def get_request(self) -> tuple[socket.socket, t.Any]:
        connection, address = super().get_request()
        if self.certificate is None:
            return connection, address
        # The handshake happens in the thread of the connection: a client that waits with it keeps nobody else waiting.
        return self.context(self.certificate).wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def context(self, certificate: Path) -> ssl.SSLContext:
        """With `clients`, only who shows a certificate of theirs gets in; `oldest` is spoken although it is outdated."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        if self.clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.clients)
        if self.oldest:
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = self.oldest
        return context

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that hangs up is what these tests are about."""

    @classmethod
    @contextlib.contextmanager
    def running(cls, certificate: Path | None = None, **options: t.Any) -> Iterator[UnrulyServer]:
        with cls(certificate, **options) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield server
            finally:
                server.stopping.set()
                server.shutdown()
                thread.join()


class UnrulyConnection(socketserver.StreamRequestHandler):
    server: UnrulyServer
    sent: dict[str, str]
    rfile: io.BufferedReader

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self.converse()

    def converse(self) -> None:
        if self.rfile.peek(1)[:1] == b"\x16":  # a TLS handshake, answered as web servers do
            self.answer(400)
            return
        request = self.rfile.readline().decode("latin-1").split()
        if len(request) < 2:
            return
        path = request[1]
        self.server.headers[path] = self.sent = self.read_headers()
        self.server.asked[path] += 1
        behaviour = getattr(self, f"do_{path.strip('/').partition('?')[0].replace('-', '_') or 'good'}", self.do_absent)
        with contextlib.suppress(OSError):
            behaviour()

    def read_headers(self) -> dict[str, str]:
        lines = iter(lambda: self.rfile.readline().decode("latin-1").strip(), "")
        return {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}

    def answer(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        self.head(status, content_length=str(len(body)), **headers)
        self.wfile.write(body)

    def head(self, status: int = 200, **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def drip(self) -> None:
        while not self.server.stopping.wait(0.1):
            self.wfile.write(b"x")

    def do_good(self) -> None:
        self.answer(body=json.dumps({"status": "healthy", "database": "healthy"}).encode(), x_portal_version="1.1")

    def do_page(self) -> None:
        """References one thing that comes and one that never does."""
        self.answer(body=b"<script src=/good></script><img src=/silent>", content_type="text/html")

    def do_absent(self) -> None:
        self.answer(404, b"no such page")

    def do_echo(self) -> None:
        self.answer(body=json.dumps(self.sent).encode())

    def do_down(self) -> None:
        self.answer(503, b'{"status": "unhealthy"}', retry_after="5")

    def do_flapping(self) -> None:
        """Good at every third request."""
        self.answer(200 if self.server.asked["/flapping"] % 3 == 0 else 503)

    def do_warming(self) -> None:
        """Good from the third request on."""
        self.answer(200 if self.server.asked["/warming"] >= 3 else 503)

    def do_slow(self) -> None:
        time.sleep(0.2)
        self.answer()

    def do_silent(self) -> None:
        self.server.stopping.wait()

    def do_drips_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        self.drip()

    def do_drips_body(self) -> None:
        self.head(content_length="100000")
        self.drip()

    def do_never_ends(self) -> None:
        """A chunked answer that pauses after its first chunk for ever."""
        self.head(transfer_encoding="chunked")
        self.wfile.write(b"5\r\nhello\r\n")
        self.server.stopping.wait()

    def do_endless(self) -> None:
        self.head()
        while not self.server.stopping.is_set():
            self.wfile.write(BLOCK)

    def do_gigabyte(self) -> None:
        self.head(content_length=str(1024**3))
        for _block in range(1024**3 // len(BLOCK)):
            self.wfile.write(BLOCK)

    def do_many_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.server.stopping.is_set():
            self.wfile.write(b"X-More: x\r\n" * 1000)

    def do_continues(self) -> None:
        """Promises an answer for ever."""
        while not self.server.stopping.is_set():
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    def do_resets(self) -> None:
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.request.close()

    def do_hangs_up(self) -> None:
        """Ends the connection without a word."""

    def do_cut_short(self) -> None:
        self.head(content_length="1000")
        self.wfile.write(b"half of it")

    def do_gibberish(self) -> None:
        self.wfile.write(b"\x00\xff\x00 what is HTTP?\r\n\r\n")

    def do_circle(self) -> None:
        self.answer(302, location="/circle-back")

    def do_circle_back(self) -> None:
        self.answer(302, location="/circle")

    def do_spiral(self) -> None:
        self.answer(302, location=f"/spiral?{self.server.asked.total()}")

    def do_moved(self) -> None:
        self.answer(301, location="/good")

    def do_elsewhere(self) -> None:
        """To the same server under another name, which makes it another origin."""
        self.answer(302, location=f"http://localhost:{self.server.port}/echo")

    def do_nowhere(self) -> None:
        self.answer(302, location="gopher://old.example/")
