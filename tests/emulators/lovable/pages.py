"""Serving a site over HTTP, as a content delivery network does: each connection gets one of several servers."""

from __future__ import annotations

import http.server
import itertools
import json
import mimetypes
import time
import typing as t
import urllib.parse

from tests.emulators.lovable.building import Site

if t.TYPE_CHECKING:
    from tests.emulators.lovable.world import World

WEB_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".json": "application/json", ".html": "text/html"}


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


class Quiet(http.server.BaseHTTPRequestHandler):
    """What all doors have in common."""

    protocol_version = "HTTP/1.1"
    # Small answers go out at once.
    disable_nagle_algorithm = True

    def log_message(self, *_arguments: t.Any) -> None:
        """Quiet."""

    def content(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def give(self, status: int, headers: t.Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Pages(Quiet):
    """Serves the published site, or with `preview` the preview; `pages` makes one that knows a self.world."""

    world: World
    preview = False
    connections: itertools.count[int]
    visits: dict[tuple[str, str], itertools.count[int]]

    def setup(self) -> None:
        super().setup()
        self.number = next(self.connections) % self.world.edge_count

    def answer(self) -> None:
        self.content()
        self.world.catch_up()
        path = urllib.parse.unquote(self.path.partition("?")[0])
        settings = self.world.settings
        if self.preview:
            held = origin = self.world.site(self.world.known(settings.preview_branch or settings.branch))
        else:
            held, origin = self.world.edge(self.number)
        if not self.world.online or not origin.files:
            self.give(404, {"Content-Type": "text/plain"}, b"not published\n")
            return
        self._serve(held, origin, path)

    do_GET = do_POST = do_HEAD = answer  # noqa: N815

    def _serve(self, held: Site, origin: Site, path: str) -> None:
        marks = {**held.headers, "X-Edge": str(self.number)}
        function = held.functions.get(path)
        if function is not None:
            self._call(function, held.commit, path, marks)
            return
        file = f"{path}index.html" if path.endswith("/") else path
        # A server fetches what it does not hold: the reason why the page of an old one finds new files, and not the other way round.
        body = held.files.get(file, origin.files.get(file))
        if body is None and self.world.settings.fallback:
            file, body = "/index.html", held.files.get("/index.html")
        if body is None:
            self.give(404, {**marks, "Content-Type": "text/plain"}, b"not found\n")
            return
        suffix = "." + file.rpartition(".")[2]
        kind = WEB_TYPES.get(suffix) or mimetypes.guess_type(file)[0] or "application/octet-stream"
        self.give(200, {**marks, "Content-Type": kind}, body)

    def _call(self, function: dict[str, t.Any], commit: str, path: str, marks: dict[str, str]) -> None:
        """A stand-in: `status`, `headers`, `body`, `seconds`, `fails_every`."""
        time.sleep(float(function.get("seconds", 0)))
        every = int(function.get("fails_every", 0))
        status = 500 if every and self._visit(commit, path) % every == 0 else int(function.get("status", 200))
        body = json.dumps(function.get("body")).encode()
        self.give(status, {**marks, "Content-Type": "application/json", **function.get("headers", {})}, body)

    def _visit(self, commit: str, path: str) -> int:
        with self.world.lock:
            return next(self.visits.setdefault((commit, path), itertools.count(1)))


def pages(world: World, *, preview: bool) -> type[Pages]:
    """The handler for the site of a world."""
    return type("PagesOfAWorld", (Pages,), {"world": world, "preview": preview, "connections": itertools.count(), "visits": {}})
