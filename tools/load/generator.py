"""Sends visits at a given rate, whatever the portal does: arrivals do not wait for answers (open loop).

A latency counts from the moment the visit was due, so that a stalled portal cannot hide behind a stalled generator.
"""

from __future__ import annotations

import asyncio
import random
import time
import typing as t

from tools.load.connection import Answer, Connection, FailedRequestError
from tools.load.records import Acknowledged
from tools.load.tally import Failure, Tally

if t.TYPE_CHECKING:
    from tools.load.mix import Mix, Visit
    from tools.load.records import Records

TIMEOUT_SECONDS = 30.0
IDLE_SECONDS = 5.0
"""Connections unused for longer are closed by us: a server may close them at the moment we use them again."""


class Generator:
    """Call `run`; end it with `stop`. At most `connections` requests are on the wire at once, the others wait."""

    def __init__(self, address: tuple[str, int], mix: Mix, records: Records, *, connections: int, timeout: float = TIMEOUT_SECONDS) -> None:
        self.tally = Tally()
        self._address = address
        self._mix = mix
        self._records = records
        self._timeout = timeout
        self._places = asyncio.Semaphore(connections)
        self._idle: list[Connection] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """No new visits; `run` returns when those under way have ended."""
        self._stopping.set()

    async def run(self, rate: float, duration: float | None = None) -> None:
        due = time.monotonic()
        end = due + duration if duration is not None else float("inf")
        while not self._stopping.is_set() and due < end:
            await self._sleep_until(due)
            while due <= time.monotonic() and due < end:
                self._begin(self._mix.draw(), due)
                due += random.expovariate(rate)
        await asyncio.gather(*self._tasks)
        for connection in self._idle:
            connection.close()

    async def _sleep_until(self, due: float) -> None:
        """Sleep, but wake up to stop at once when nothing is due for long."""
        while not self._stopping.is_set() and (left := due - time.monotonic()) > 0:
            await asyncio.sleep(min(left, 0.5))

    def _begin(self, visit: Visit, due: float) -> None:
        self.tally.sent += 1
        task = asyncio.create_task(self._visit(visit, due))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _visit(self, visit: Visit, due: float) -> None:
        try:
            async with asyncio.timeout(self._timeout), self._places:
                answer = await self._exchange(visit)
        except FailedRequestError as exc:
            self._fail(visit, due, exc.kind)
        except TimeoutError:
            self._fail(visit, due, "timeout")
        else:
            self._count(visit, due, answer)

    async def _exchange(self, visit: Visit) -> Answer:
        connection = self._take_idle() or await Connection.open(*self._address)
        try:
            answer = await connection.exchange(visit)
        except BaseException:
            connection.close()
            raise
        if connection.is_usable:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def _take_idle(self) -> Connection | None:
        """The connection used last; those that the server ended meanwhile, and those idle for long, are given up."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable and time.monotonic() - connection.used_at < IDLE_SECONDS:
                return connection
            self.tally.reconnects += 1
            connection.close()
        return None

    def _count(self, visit: Visit, due: float, answer: Answer) -> None:
        if answer.status != visit.expected:
            self._fail(visit, due, "status", answer)
            return
        self.tally.succeed(visit.kind, answer.status, answer.version, (time.monotonic() - due) * 1000)
        if visit.reference is not None:
            self.tally.acknowledged_orders += 1
            self._records.add_order(Acknowledged(time.time(), visit.reference))

    def _fail(self, visit: Visit, due: float, kind: str, answer: Answer | None = None) -> None:
        now, took = time.time(), time.monotonic() - due
        status, version = answer or (None, None)
        failure = Failure(round(now - took, 3), round(now, 3), kind, visit.what, status, version)
        self.tally.fail(visit.kind, failure)
        self._records.add_failure(failure)
