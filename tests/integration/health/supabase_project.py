"""A Supabase project on loopback: the management API by its published description, and the project's own endpoints.

`supabase_api.json` is an excerpt of that description; every answer is checked against it before it is sent.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import threading
import typing as t
import urllib.parse
from pathlib import Path

import jsonschema

if t.TYPE_CHECKING:
    from collections.abc import Iterator

API = json.loads((Path(__file__).parent / "supabase_api.json").read_text())
REF = "abcdefghijklmnopqrst"
TOKEN = "sbp_" + "0123456789abcdef" * 2 + "01234567"
KEY = "sb_secret_0123456789abcdef"
SERVICES = next(each for each in API["health"]["parameters"] if each["name"] == "services")["schema"]["items"]["enum"]


class Project(http.server.ThreadingHTTPServer):
    """`status` is that of the project, `sick` are services that are not well, `broken` endpoints answer 503; `limit` answers 429."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.status = "ACTIVE_HEALTHY"
        self.sick: dict[str, str] = {}
        self.forgotten: set[str] = set()
        self.broken: set[str] = set()
        self.limit = False
        self.asked: list[str] = []

    @classmethod
    @contextlib.contextmanager
    def running(cls) -> Iterator[Project]:
        with cls() as project:
            thread = threading.Thread(target=project.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield project
            finally:
                project.shutdown()
                thread.join()

    def health(self, query: str) -> tuple[int, t.Any]:
        asked = urllib.parse.parse_qs(query)
        services = asked.get("services", [])
        if not services or not set(services) <= set(SERVICES) or set(asked) - {"services", "timeout_ms"}:
            return 400, {"message": "services: must be an array of known services"}
        return 200, [self._service(name) for name in services if name not in self.forgotten]

    def _service(self, name: str) -> dict[str, t.Any]:
        status = self.sick.get(name, "ACTIVE_HEALTHY")
        entry = {"name": name, "healthy": status == "ACTIVE_HEALTHY", "status": status}
        if status == "UNHEALTHY":
            entry["error"] = "connection refused"
        jsonschema.validate(entry, API["health"]["answer"])
        return entry

    def project(self) -> tuple[int, t.Any]:
        database = {"host": f"db.{REF}.supabase.co", "version": "17.4.1", "postgres_engine": "17", "release_channel": "ga"}
        about = {"id": REF, "ref": REF, "organization_id": "o", "organization_slug": "o", "name": "shop", "region": "eu-central-1"}
        answer = {**about, "created_at": "2026-01-01T00:00:00Z", "status": self.status, "database": database}
        jsonschema.validate(answer, API["project"]["answer"])
        return 200, answer

    def endpoint(self, path: str) -> tuple[int, t.Any]:
        name = path.split("/")[1]
        if name in self.broken:
            return 503, {"message": "name resolution failed"}
        well = name not in self.sick
        return {
            "/auth/v1/health": (200, {"version": "v2.180.0", "name": "GoTrue", "description": "GoTrue is a user registration API"}),
            "/storage/v1/health": (200, {"healthy": well}),
            "/rest/v1/": (200, {"swagger": "2.0"}),
            "/rest/v1/orders": (200, []),
            f"/realtime/v1/api/tenants/{REF}/health": (
                200,
                {"data": {"healthy": well, "db_connected": well, "replication_connected": False, "connected_cluster": 1}},
            ),
        }.get(path, (404, {"message": "no Route matched with those values"}))


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Project

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, document = self._answer(*self.path.partition("?")[::2])
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("X-RateLimit-Reset", "37")
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str, query: str) -> tuple[int, t.Any]:
        managed = re.fullmatch(r"/v1/projects/([a-z]{20})(/health)?", path)
        if not managed:
            return self.server.endpoint(path) if self.headers.get("apikey") == KEY else (401, {"message": "Invalid API key"})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"message": f"Unauthorized: {self.headers.get('Authorization')}"}
        if self.server.limit:
            return 429, {"message": "ThrottlerException: Too Many Requests"}
        if managed[1] != REF:
            return 404, {"message": "Project not found"}
        return self.server.health(query) if managed[2] else self.server.project()

    def log_message(self, format: str, *args: t.Any) -> None:
        """Nobody reads it."""
