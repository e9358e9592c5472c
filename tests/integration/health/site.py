"""A well-behaved web site on loopback that serves what a test gives it, over connections that stay open."""

from __future__ import annotations

import contextlib
import http.server
import threading
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Reply(t.NamedTuple):
    """One answer; with a `wait` it comes so many seconds late, with `origins` it answers preflights from these."""

    body: bytes = b""
    content_type: str = "text/html"
    status: int = 200
    headers: Mapping[str, str] = {}
    wait: float = 0.0
    origins: tuple[str, ...] = ()


class Asked(t.NamedTuple):
    path: str
    headers: dict[str, str]


class Site(http.server.ThreadingHTTPServer):
    """Paths without their query map to replies; `asked` are all requests, in the order they came; `connections` counts those."""

    daemon_threads = True

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies = dict(replies)
        self.asked: list[Asked] = []
        self.connections = 0
        self.stopping = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def finish_request(self, request: t.Any, client_address: t.Any) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError):
            super().finish_request(request, client_address)

    @classmethod
    @contextlib.contextmanager
    def running(cls, replies: Mapping[str, Reply]) -> Iterator[Site]:
        with cls(replies) as site:
            thread = threading.Thread(target=site.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield site
            finally:
                site.stopping.set()
                site.shutdown()
                thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}))
        reply = self.server.replies.get(self.path.partition("?")[0], Reply(b"no such page", status=404))
        self.server.stopping.wait(reply.wait)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        origin = self.headers.get("Origin")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if origin in reply.origins or "*" in reply.origins:
            self.send_header("Access-Control-Allow-Origin", str(origin))
        self.end_headers()
        self.wfile.write(reply.body)

    def do_OPTIONS(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: t.Any) -> None:
        """Nobody reads it."""
