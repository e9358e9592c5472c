"""HTTP in and out for emulators, one thread for each connection: what becomes of a request is decided elsewhere."""

from __future__ import annotations

import dataclasses
import http.server
import json
import socket
import threading
import typing as t
import urllib.parse

from tools.embedded.ports import HOST

if t.TYPE_CHECKING:
    import io
    from collections.abc import Iterator

IDLE_SECONDS = 120


@dataclasses.dataclass
class Answer:
    """`body`: what becomes JSON, or bytes, or pieces that come while they are read; None is no body at all."""

    status: int = 200
    body: t.Any = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    pieces: Iterator[bytes] | None = None


class CutError(Exception):
    """The connection is to be cut instead of answered."""


@dataclasses.dataclass
class Request:
    """`left` bytes of the body are still to be read. Names of headers are small. `ref`: whose port it came in at."""

    method: str
    raw_path: str
    query_string: str
    headers: dict[str, str]
    left: int
    ref: str
    _file: io.BufferedIOBase

    @property
    def path(self) -> str:
        return urllib.parse.unquote(self.raw_path)

    @property
    def query(self) -> dict[str, list[str]]:
        return urllib.parse.parse_qs(self.query_string, keep_blank_values=True)

    def read(self, most: int | None = None) -> bytes:
        """The rest of the body, or so much of it."""
        wanted = self.left if most is None else min(most, self.left)
        piece = self._file.read(wanted) if wanted else b""
        self.left -= len(piece)
        return piece


Gateway = t.Callable[[Request], Answer]


class HttpServer(http.server.ThreadingHTTPServer):
    """Serves in a thread of its own from `begin` to `end`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, gateway: Gateway, *, port: int = 0, ref: str = "") -> None:
        super().__init__((HOST, port), Connection)
        self.gateway, self.ref = gateway, ref

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    def begin(self) -> None:
        threading.Thread(target=self.serve_forever, name=f"port {self.server_port}", daemon=True).start()

    def end(self) -> None:
        self.shutdown()
        self.server_close()


class Connection(http.server.BaseHTTPRequestHandler):
    """Any method on any path is the gateway's."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    server: HttpServer

    def __getattr__(self, name: str) -> t.Any:
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def log_message(self, format: str, *values: t.Any) -> None:
        """Requests are in the log of the control interface."""

    def _handle(self) -> None:
        path, _mark, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = headers.get("content-length", "0")
        request = Request(self.command, path, query, headers, int(length) if length.isdigit() else 0, self.server.ref, self.rfile)
        if "transfer-encoding" in headers:
            self.close_connection = True
            self._send(Answer(http.HTTPStatus.LENGTH_REQUIRED))
            return
        try:
            answer = self.server.gateway(request)
        except CutError:
            self._cut()
            return
        if request.left:  # nobody read it: what follows would be taken for a request
            self.close_connection = True
        try:
            self._send(answer)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, answer: Answer) -> None:
        headers, content = dict(answer.headers), _content(answer)
        if answer.body is not None and not isinstance(answer.body, bytes):
            headers["content-type"] = "application/json; charset=utf-8"
        may_have_body = answer.status not in (204, 304)
        if answer.pieces is None and may_have_body:
            headers["content-length"] = str(len(content))
        is_chunked = may_have_body and "content-length" not in headers and self.command != "HEAD"
        if is_chunked:
            headers["transfer-encoding"] = "chunked"
        if self.close_connection:
            headers["connection"] = "close"
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and may_have_body:
            self._write(answer.pieces or (content,), is_chunked=is_chunked)

    def _write(self, pieces: t.Iterable[bytes], *, is_chunked: bool) -> None:
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
        if is_chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _cut(self) -> None:
        """As networks do: no answer, no orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.connection.close()


def _content(answer: Answer) -> bytes:
    if answer.body is None or isinstance(answer.body, bytes):
        return answer.body or b""
    return json.dumps(answer.body).encode()
