"""Who is told: what a webhook gets is a line of /var/lib/told."""

from __future__ import annotations

import http.server
from pathlib import Path


class Posts(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with Path("/var/lib/told").open("ab") as file:
            file.write(body + b"\n")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


http.server.ThreadingHTTPServer(("127.0.0.1", 9900), Posts).serve_forever()
