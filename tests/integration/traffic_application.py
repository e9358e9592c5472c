"""A small HTTP application for the tests of routers and releases: one process, one slot, faults on demand.

    python traffic_application.py <port> <name> [--keep-alive 5] [--errors 0] ...

`/` answers at once, `/slow?<seconds>` later, `/health` says 200, `/echo` is a websocket that repeats what it is told; every
answer names the slot or release in `X-Slot`. `--help` tells the faults; health stays good with all of them but `--sick`.
`SIGTERM` lets the requests under way end (at most so long as `--grace` says), `SIGUSR1` makes `/health` fail, `SIGUSR2` lets new
requests hang for ever.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import itertools
import os
import signal

REASONS = {200: "OK", 500: "Internal Server Error", 503: "Service Unavailable"}
# RFC 6455, sections 1.3 and 5.2.
WEBSOCKET_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CLOSE, PING, PONG = 8, 9, 10
# Whoever looks at the release before its users do: their requests are not the ones that crash it.
OPERATORS = "holdfast-"


class Application:
    """What one slot answers."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.name = options.name
        self.options = options
        self.healthy = not options.sick
        self.hanging = False
        self.numbers, self.visits = itertools.count(1), itertools.count(1)
        self.lock = asyncio.Lock()
        self.busy = 0

    async def answer(self, target: str, agent: str) -> int:
        """Wait as long as the target asks for; the status of the answer."""
        path, _mark, query = target.partition("?")
        if path == "/health":
            return 200 if self.healthy else 503
        if self.hanging:
            await asyncio.Event().wait()
        if self.options.crash_after and not agent.startswith(OPERATORS) and next(self.visits) > self.options.crash_after:
            os._exit(70)
        if self.options.hang_up and not agent.startswith(OPERATORS):
            raise ConnectionResetError
        if path == "/slow":
            await asyncio.sleep(float(query))
        await asyncio.sleep(self.options.delay)
        if self.options.serial:
            async with self.lock:
                await asyncio.sleep(self.options.serial)
        return 500 if self.options.errors and next(self.numbers) % self.options.errors == 0 else 200

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while await self.exchange(reader, writer):
                pass
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False when the connection ends with it."""
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), self.options.keep_alive)).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
        await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("upgrade", "").lower() == "websocket":
            await self.echo(reader, writer, headers["sec-websocket-key"])
            return False
        self.busy += 1
        try:
            status = await self.answer(first.split(" ")[1], headers.get("user-agent", ""))
        finally:
            self.busy -= 1
        closes = headers.get("connection", "").lower() == "close"
        body = f"{self.name}\n".encode()
        writer.write(
            f"HTTP/1.1 {status} {REASONS[status]}\r\nX-Slot: {self.name}\r\nContent-Length: {len(body)}\r\n"
            f"Connection: {'close' if closes else 'keep-alive'}\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        return not closes

    async def echo(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
        """A websocket, until either side closes it: `<name> <what it was told>`."""
        accept = base64.b64encode(hashlib.sha1(key.encode() + WEBSOCKET_KEY, usedforsecurity=False).digest()).decode()
        writer.write(
            f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\nX-Slot: {self.name}\r\n\r\n".encode()
        )
        kind = 0
        while kind != CLOSE:
            kind, payload = await read_frame(reader)
            told = payload if kind in (CLOSE, PING) else f"{self.name} ".encode() + payload
            writer.write(bytes([0x80 | (PONG if kind == PING else kind), len(told)]) + told)
            await writer.drain()


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """A short, masked, whole frame, as clients send them: its kind and what it says."""
    first, second = await reader.readexactly(2)
    assert second & 0x80, "clients mask"
    assert second & 0x7F < 100, "this is for short words"
    mask = await reader.readexactly(4)
    masked = await reader.readexactly(second & 0x7F)
    return first & 0x0F, bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM."""
    application = Application(options)
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, (lambda: None) if options.stubborn else stopped.set)
    loop.add_signal_handler(signal.SIGUSR1, setattr, application, "healthy", False)
    loop.add_signal_handler(signal.SIGUSR2, setattr, application, "hanging", True)
    server = await asyncio.start_server(application.serve, options.host, options.port, backlog=1024)
    await stopped.wait()
    server.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(options.grace):
            while application.busy:
                await asyncio.sleep(0.01)


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("name")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--keep-alive", type=float, default=5.0, help="seconds before an idle connection is closed")
    parser.add_argument("--grace", type=float, default=0.0, help="seconds that requests under way get after SIGTERM")
    parser.add_argument("--serial", type=float, default=0.0, help="seconds for which each request holds the one lock")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that each request takes longer")
    parser.add_argument("--errors", type=int, default=0, help="every n-th request is answered with 500")
    parser.add_argument("--crash-after", type=int, default=0, help="the process ends in the middle of the next request of a user")
    parser.add_argument("--hang-up", action="store_true", help="users get no answer, as from a server whose workers crash")
    parser.add_argument("--sick", action="store_true", help="never healthy")
    parser.add_argument("--stubborn", action="store_true", help="deaf to SIGTERM")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Parse and serve."""
    asyncio.run(run(arguments(argv)))


if __name__ == "__main__":
    main()
