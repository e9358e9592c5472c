"""One keep-alive connection, on raw streams so that every way to fail is seen for what it is."""

from __future__ import annotations

import asyncio
import contextlib
import time
import typing as t

import h11

if t.TYPE_CHECKING:
    from tools.load.mix import Visit

CHUNK = 65536
VERSION_HEADER = b"x-portal-version"


class Answer(t.NamedTuple):
    status: int
    version: str


class FailedRequestError(Exception):
    """The request got no whole answer; `kind` is refused, reset, closed or garbled."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Connection:
    """Carries one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT)
        self.used_at = time.monotonic()

    @classmethod
    async def open(cls, host: str, port: int) -> Connection:
        try:
            return cls(*await asyncio.open_connection(host, port))
        except OSError as exc:
            raise FailedRequestError("refused") from exc

    @property
    def is_usable(self) -> bool:
        """False once the server has ended the idle connection, which it may do at any time."""
        is_idle = self._http.our_state is h11.IDLE and self._http.their_state is h11.IDLE
        return is_idle and not self._reader.at_eof() and self._reader.exception() is None and not self._writer.is_closing()

    async def exchange(self, visit: Visit) -> Answer:
        """Send the request and read the whole answer."""
        try:
            self._send(visit)
            await self._writer.drain()
            answer = await self._receive()
        except h11.RemoteProtocolError as exc:
            raise FailedRequestError("closed" if self._reader.at_eof() else "garbled") from exc
        except OSError as exc:
            raise FailedRequestError("reset") from exc
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        self.used_at = time.monotonic()
        return answer

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._writer.close()

    def _send(self, visit: Visit) -> None:
        parts = [self._http.send(visit.head), self._http.send(h11.Data(data=visit.body)) if visit.body else b""]
        self._http.send(h11.EndOfMessage())
        self._writer.write(b"".join(part for part in parts if part))

    async def _receive(self) -> Answer:
        answer: Answer | None = None
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(CHUNK))
            elif isinstance(event, h11.Response):
                answer = Answer(event.status_code, _version(event))
            elif isinstance(event, h11.EndOfMessage) and answer is not None:
                return answer
            elif isinstance(event, h11.ConnectionClosed):
                raise FailedRequestError("closed")


def _version(response: h11.Response) -> str:
    return next((value.decode("latin-1") for name, value in response.headers if name == VERSION_HEADER), "unknown")
