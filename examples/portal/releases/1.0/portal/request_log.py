"""What happens around every request: an id, one line in the log, the headers every answer has."""

from __future__ import annotations

import re
import secrets
import time
import typing as t

from portal import journal

if t.TYPE_CHECKING:
    from portal.settings import Release
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SECURITY_HEADERS = (
    (b"content-security-policy", b"default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)


class RequestLog:
    """The outermost layer: it also sees what the framework answers by itself."""

    def __init__(self, app: ASGIApp, release: Release) -> None:
        self._app = app
        self._headers = (
            *SECURITY_HEADERS,
            (b"x-portal-version", release.version.encode()),
            (b"x-portal-commit", release.commit.encode()),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, request_id, status = time.perf_counter(), _request_id(scope), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._headers, (b"x-request-id", request_id)]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            took = round((time.perf_counter() - started) * 1000, 1)
            journal.write("request", id=request_id.decode(), method=scope["method"], path=scope["path"], status=status, ms=took)


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return bytes(value)
    return secrets.token_hex(8).encode()
