"""How the process and its database are: healthy, degraded or critical."""

from __future__ import annotations

import datetime
import time
import typing as t

import psycopg
from portal.database import Database, UnavailableError

if t.TYPE_CHECKING:
    from portal.settings import Release

SLOW_QUERY_MS = 500.0
PATIENCE_SECONDS = 2.0
RANK = ("healthy", "degraded", "critical")


class Health:
    def __init__(self, release: Release, database: Database) -> None:
        self._release = release
        self._database = database
        self._started = time.monotonic()

    def of_process(self) -> dict[str, t.Any]:
        """Costs nothing and asks nobody: it says that this process answers."""
        return self._report({"process": {"status": "healthy"}})

    async def of_database(self) -> dict[str, t.Any]:
        return self._report({"query": await self._query(), "pool": self._pool()})

    async def _query(self) -> dict[str, t.Any]:
        started = time.perf_counter()
        try:
            await self._database.run(lambda connection: connection.execute("SELECT 1"), patience=PATIENCE_SECONDS)
        except (psycopg.Error, UnavailableError) as exc:
            return {"status": "critical", "latency_ms": None, "error": type(exc).__name__}
        latency = round((time.perf_counter() - started) * 1000, 1)
        return {"status": "healthy" if latency < SLOW_QUERY_MS else "degraded", "latency_ms": latency, "error": None}

    def _pool(self) -> dict[str, t.Any]:
        numbers = self._database.pool_numbers()
        return {"status": "degraded" if numbers["requests_waiting"] > numbers["pool_size"] else "healthy", **numbers}

    def _report(self, checks: dict[str, dict[str, t.Any]]) -> dict[str, t.Any]:
        return {
            "status": max((check["status"] for check in checks.values()), key=RANK.index),
            "version": self._release.version,
            "commit": self._release.commit,
            "uptime_seconds": round(time.monotonic() - self._started, 1),
            "timestamp": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "checks": checks,
        }
