"""A small HTTP application for the tests of the router: one process, one slot, faults on demand.

    python traffic_application.py <port> <name> [--keep-alive 5] [--serial 0] [--errors 0]

`/` answers at once, `/slow?<seconds>` later, `/health` says 200; every answer names the slot in `X-Slot`.
`--serial` holds a lock for so many seconds in every request: all succeed, but they queue. `--errors` answers every n-th with 500.
`SIGTERM` stops it at once, `SIGUSR1` makes `/health` fail, `SIGUSR2` lets new requests hang for ever (health stays good).
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import signal

REASONS = {200: "OK", 500: "Internal Server Error", 503: "Service Unavailable"}


class Application:
    """What one slot answers."""

    def __init__(self, name: str, *, keep_alive: float, serial: float, errors: int) -> None:
        self.name = name
        self.keep_alive = keep_alive
        self.serial = serial
        self.errors = errors
        self.healthy = True
        self.hanging = False
        self.numbers = itertools.count(1)
        self.lock = asyncio.Lock()

    async def answer(self, target: str) -> int:
        """Wait as long as the target asks for; the status of the answer."""
        path, _mark, query = target.partition("?")
        if path == "/health":
            return 200 if self.healthy else 503
        if self.hanging:
            await asyncio.Event().wait()
        if path == "/slow":
            await asyncio.sleep(float(query))
        if self.serial:
            async with self.lock:
                await asyncio.sleep(self.serial)
        return 500 if self.errors and next(self.numbers) % self.errors == 0 else 200

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while await self.exchange(reader, writer):
                pass
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False when the connection ends with it."""
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), self.keep_alive)).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
        await reader.readexactly(int(headers.get("content-length", "0")))
        status = await self.answer(first.split(" ")[1])
        closes = headers.get("connection", "").lower() == "close"
        body = f"{self.name}\n".encode()
        writer.write(
            f"HTTP/1.1 {status} {REASONS[status]}\r\nX-Slot: {self.name}\r\nContent-Length: {len(body)}\r\n"
            f"Connection: {'close' if closes else 'keep-alive'}\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        return not closes


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM."""
    application = Application(options.name, keep_alive=options.keep_alive, serial=options.serial, errors=options.errors)
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_signal_handler(signal.SIGUSR1, setattr, application, "healthy", False)
    loop.add_signal_handler(signal.SIGUSR2, setattr, application, "hanging", True)
    await asyncio.start_server(application.serve, "127.0.0.1", options.port, backlog=1024)
    await stopped.wait()


def main() -> None:
    """Parse and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("name")
    parser.add_argument("--keep-alive", type=float, default=5.0, help="seconds before an idle connection is closed")
    parser.add_argument("--serial", type=float, default=0.0, help="seconds for which each request holds the one lock")
    parser.add_argument("--errors", type=int, default=0, help="every n-th request is answered with 500")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
