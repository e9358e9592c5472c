"""A front of an S3 server that treats the archives it is given badly, each time in the way it was told."""

from __future__ import annotations

import hashlib
import http.client
import http.server
import threading
import time
import typing as t
import urllib.parse

if t.TYPE_CHECKING:
    from tools.embedded.objects import MotoS3

WAYS = ("resets", "refuses", "drips", "loses a part", "corrupts", "does nothing")
DRIP = 64 * 1024  # bytes


class UnrulyS3:
    """Everything but uploads of archives passes through. `way` is one of WAYS."""

    def __init__(self, behind: MotoS3) -> None:
        self.way = ""
        self.bucket = behind.bucket
        address = urllib.parse.urlsplit(behind.endpoint)
        handler = type("Handler", (_Handler,), {"front": self, "host": address.hostname, "port": address.port})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.store_options = {**behind.store_options, "endpoint": f"http://127.0.0.1:{self._server.server_port}"}
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> UnrulyS3:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    """What stands between; a subclass names the front and the server behind it."""

    protocol_version = "HTTP/1.1"
    front: UnrulyS3
    host: str
    port: int

    def handle_any(self) -> None:
        is_archive = "database." in self.path and self.command in ("PUT", "POST")
        if is_archive and self.front.way == "resets":
            self.connection.close()
            self.close_connection = True
            return
        body = self.receive(slowly=is_archive and self.front.way == "drips")
        if is_archive and self.front.way == "refuses":
            self.answer(403, {}, b"<Error><Code>AccessDenied</Code><Message>not you</Message></Error>")
        elif self.command == "PUT" and self.is_lost(is_archive):
            self.answer(200, {"ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'}, b"")
        else:
            self.forward(corrupted(body) if is_archive and self.command == "PUT" and self.front.way == "corrupts" else body)

    def is_lost(self, is_archive: bool) -> bool:
        lost = self.front.way == "does nothing" or (self.front.way == "loses a part" and "partNumber=2" in self.path)
        return is_archive and lost

    def receive(self, *, slowly: bool) -> bytes:
        left, body = int(self.headers.get("Content-Length") or 0), b""
        while left:
            piece = self.rfile.read(min(left, DRIP if slowly else left))
            body, left = body + piece, left - len(piece)
            if slowly:
                time.sleep(0.01)
        return body

    def forward(self, body: bytes) -> None:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
        connection.request(self.command, self.path, body if body else None, {**headers, "Content-Length": str(len(body))})
        got = connection.getresponse()
        self.answer(got.status, dict(got.getheaders()), got.read(), head=self.command == "HEAD")
        connection.close()

    def answer(self, status: int, headers: dict[str, str], body: bytes, *, head: bool = False) -> None:
        self.send_response_only(status)
        own = ("content-length", "transfer-encoding", "connection")
        for name, value in headers.items():
            if name.lower() not in own or (head and name.lower() == "content-length"):
                self.send_header(name, value)
        if not head:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the console."""

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any  # noqa: N815  (http.server names them)


def corrupted(body: bytes) -> bytes:
    """With one byte changed in the middle."""
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :] if body else body
