"""The project's repository over HTTP, behind a login: `git http-backend`."""

from __future__ import annotations

import base64
import os
import subprocess
import typing as t

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.lovable.pages import Quiet

USER = "git"
PASSWORD = "local-git-token"
EXPECTED = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def serve_git(handler: Quiet, root: Path, path: str) -> None:
    """Answer a request below `/git/`; `path` is what follows."""
    body = handler.content()
    if handler.headers.get("Authorization") != EXPECTED:
        handler.give(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
        return
    place, _mark, query = path.partition("?")
    asked = {
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REMOTE_USER": USER,
        "PATH_INFO": place,
        "QUERY_STRING": query,
        "REQUEST_METHOD": handler.command,
        "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
        "HTTP_GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
    }
    done = subprocess.run(["git", "http-backend"], env={**os.environ, **asked}, input=body, capture_output=True, check=True)
    head, _blank, content = done.stdout.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
    status = int(fields.pop("Status", "200").split()[0])
    handler.give(status, fields, content)
