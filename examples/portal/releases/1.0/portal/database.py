"""The connection pool, and the patience that hides a restarted or replaced database from the people using the portal."""

from __future__ import annotations

import asyncio
import time
import typing as t
from collections.abc import Awaitable, Callable

import psycopg
from psycopg_pool import AsyncConnectionPool

PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.05
POOL_SIZE = (2, 10)
STATEMENT_TIMEOUT = "-c statement_timeout=20s"
LOST = frozenset({None, "08000", "08003", "08006", "57P01", "57P02", "57P03"})

T = t.TypeVar("T")
Work = Callable[[psycopg.AsyncConnection[t.Any]], Awaitable[T]]


class UnavailableError(Exception):
    """The database did not answer within our patience."""


class Database:
    """Runs work on pooled connections; work that lost its connection is done again on a new one, so it must bear repetition."""

    def __init__(self, url: str) -> None:
        settings = {"autocommit": True, "application_name": "portal", "options": STATEMENT_TIMEOUT}
        smallest, largest = POOL_SIZE
        self._pool = AsyncConnectionPool(url, kwargs=settings, min_size=smallest, max_size=largest, open=False, name="portal")

    async def open(self) -> None:
        """Connecting goes on in the background: the process lives, and says so, before its database does."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close()

    async def run(self, work: Work[T], *, patience: float = PATIENCE_SECONDS) -> T:
        end = time.monotonic() + patience
        while True:
            try:
                async with self._pool.connection(timeout=max(PAUSE_SECONDS, end - time.monotonic())) as connection:
                    return await work(connection)
            except psycopg.OperationalError as exc:
                if exc.sqlstate not in LOST:
                    raise
                if time.monotonic() + PAUSE_SECONDS > end:
                    raise UnavailableError(str(exc)) from exc
            await asyncio.sleep(PAUSE_SECONDS)

    def pool_numbers(self) -> dict[str, int]:
        stats = self._pool.get_stats()
        return {name: stats.get(name, 0) for name in ("pool_size", "pool_available", "requests_waiting")}
