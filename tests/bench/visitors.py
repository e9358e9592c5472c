"""Visitors of a router's two slots: the load generator with requests that need no portal behind them."""

from __future__ import annotations

import asyncio
import random
import threading
import typing as t

from tools.load.generator import Generator
from tools.load.mix import Mix, Visit
from tools.load.records import Records

if t.TYPE_CHECKING:
    from pathlib import Path

PER_SECOND = 400
CONNECTIONS = 64


class SlotMix(Mix):
    """Two thirds reads, nearly a third posts, and some that take half a second, so that every switch finds requests under way."""

    def __init__(self, host: str) -> None:
        super().__init__(host, "bench")
        post = Visit("post", self._head("POST", "/", ("Content-Length", "4")), b"test", expected=200)
        self._visits = [self._get("read", "/"), post, self._get("slow", "/slow?0.5")]

    def draw(self) -> Visit:
        return random.choices(self._visits, weights=(67, 30, 3))[0]


class Visitors:
    """`with Visitors(port, folder) as visitors: ...; visitors.failed`: keep-alive connections at a steady rate, in a thread."""

    def __init__(self, port: int, folder: Path) -> None:
        address = ("127.0.0.1", port)
        self._generator = Generator(address, SlotMix(f"127.0.0.1:{port}"), Records(folder / "visitors.json"), connections=CONNECTIONS)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)

    @property
    def sent(self) -> int:
        return self._generator.tally.sent

    @property
    def failed(self) -> int:
        """Requests with another status than 200, a reset, a close without an answer, or no answer within 30 s."""
        return int(self._generator.tally.report(1.0)["failed"])

    def __enter__(self) -> Visitors:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._generator.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._generator.run(PER_SECOND))
