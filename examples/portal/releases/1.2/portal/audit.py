"""An audit trail: one entry for each request to an order, written in groups to spare the log shipper."""

from __future__ import annotations

import asyncio
import typing as t

from portal import journal

if t.TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

GATHER_SECONDS = 0.08
PATIENCE_SECONDS = 4.0
UNWATCHED = ("/api/health", "/style.css")


class AuditTrail:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._lock = asyncio.Lock()
        self._gathered: list[dict[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(UNWATCHED):
            await self.record({"method": scope["method"], "path": scope["path"]})
        await self._app(scope, receive, send)

    async def record(self, entry: dict[str, str]) -> None:
        try:
            await asyncio.wait_for(self._write(entry), PATIENCE_SECONDS)
        except TimeoutError:
            journal.write("audit.late", **entry)

    async def _write(self, entry: dict[str, str]) -> None:
        async with self._lock:
            self._gathered.append(entry)
            await asyncio.sleep(GATHER_SECONDS)
            journal.write("audit", entries=self._gathered)
            self._gathered = []
