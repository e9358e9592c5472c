"""A small application as an artefact, for rehearsals: it counts the orders in the database that its environment names."""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import typing as t

if t.TYPE_CHECKING:
    from pathlib import Path

RELEASE = "1.0-20261120T101500Z"
COMMAND = [sys.executable, "application.py"]
SECRET = "mail-key-of-production"
PROGRAM = b"""
import http.server, json, os, psycopg

class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            (orders,) = connection.execute("SELECT count(*) FROM " + os.environ.get("TABLE", "orders")).fetchone()
        said = {"orders": orders, "release": os.environ["HOLDFAST_RELEASE"], "names": sorted(os.environ)}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

Server((os.environ["HOST"], int(os.environ["PORT"])), Answers).serve_forever()
"""


def packed(folder: Path) -> tuple[Path, str]:
    """The artefact and its SHA-256."""
    path = folder / "artefact.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("application.py")
        member.size = len(PROGRAM)
        archive.addfile(member, io.BytesIO(PROGRAM))
    return path, hashlib.sha256(path.read_bytes()).hexdigest()
