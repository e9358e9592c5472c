"""Visitors of a router's two slots: the load generator with requests that need no portal behind them, and websockets beside it.

Not h2load, wrk or hey: h2load does not come back on a connection that an idle server closed, wrk counts that as an error, hey
repeats lost requests in silence. Ours costs 0.2 ms of processor time a request, so two cores have room for what is measured.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
import typing as t

from tools.load.chatters import Chatters
from tools.load.generator import Generator
from tools.load.mix import Mix, Visit
from tools.load.records import Records, read_failures

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.load.tally import Failure

PER_SECOND = 850
CONNECTIONS = 128
CHATTERS = 10


class SlotMix(Mix):
    """Two thirds reads, nearly a third posts, and some that take 1.5 s, so that every switch finds requests under way."""

    def __init__(self, host: str, *, keys: bool) -> None:
        super().__init__(host, "bench")
        # The slots of the lab remember nothing, so one key does for all.
        key = (("Idempotency-Key", '"bench"'),) if keys else ()
        post = Visit("post", self._head("POST", "/", ("Content-Length", "4"), *key), b"test", expected=200)
        self._visits = [self._get("read", "/"), post, self._get("slow", "/slow?1.5")]

    def draw(self) -> Visit:
        return random.choices(self._visits, weights=(67, 30, 3))[0]


class SteadyLoad:
    """`with SteadyLoad(...) as load: ...`, then what was lost. Keep-alive connections at a steady rate, in a thread."""

    def __init__(self, address: tuple[str, int], mix: Mix, report: Path, *, per_second: int, connections: int) -> None:
        self._report = report
        self._records = Records(report)
        self._generator = Generator(address, mix, self._records, connections=connections)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._generator.run(per_second)))
        self._began = self._seconds = 0.0

    @property
    def failures(self) -> list[Failure]:
        """Requests with another status than 200, a reset, a close without an answer, or no answer within 30 s."""
        return read_failures(self._report)

    @property
    def per_second(self) -> float:
        return self._generator.tally.sent / self._seconds

    def __enter__(self) -> t.Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._seconds = time.monotonic() - self._began
        self._loop.call_soon_threadsafe(self._generator.stop)
        self._thread.join()
        self._loop.close()
        self._records.write({"finished": True})


class Visitors(SteadyLoad):
    """Those of a router on a port, with websockets beside the requests. With `keys`, each post carries an `Idempotency-Key`."""

    def __init__(self, port: int, folder: Path, *, keys: bool = False) -> None:
        report, mix = folder / f"visitors-{port}-{time.monotonic_ns()}.json", SlotMix(f"127.0.0.1:{port}", keys=keys)
        super().__init__(("127.0.0.1", port), mix, report, per_second=PER_SECOND, connections=CONNECTIONS)
        self._chatters = Chatters(f"http://127.0.0.1:{port}", CHATTERS)

    @property
    def lost(self) -> int:
        """Failed requests, and websockets that could not be opened or heard nothing."""
        return len(self.failures) + len(self._chatters.failures)

    @property
    def cut(self) -> int:
        """Websockets that the other side ended; their people came back at once."""
        return self._chatters.cut

    def __enter__(self) -> t.Self:
        self._chatters.__enter__()
        return super().__enter__()

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self._chatters.__exit__()
