"""The generator against servers that misbehave in exactly one way each."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import struct
import time
import typing as t
from collections.abc import Awaitable, Callable

import pytest

from tools.load.generator import Generator
from tools.load.mix import Mix
from tools.load.records import Records, read_failures, read_orders
from tools.load.tally import Tally

if t.TYPE_CHECKING:
    from pathlib import Path

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Attack = Callable[[int, Records], Awaitable[Tally]]
OK = b"HTTP/1.1 200 OK\r\nx-portal-version: 1.0\r\ncontent-length: 2\r\n\r\nok"
SEE_OTHER = b"HTTP/1.1 303 See Other\r\ncontent-length: 0\r\n\r\n"
ERROR = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """The head of the next request; its body is read and dropped."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    await reader.readexactly(lengths[0] if lengths else 0)
    return head


def answer_for(head: bytes) -> bytes:
    return SEE_OTHER if head.startswith(b"POST") else OK


async def well(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(answer_for(await read_request(reader)))


async def with_errors(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        await read_request(reader)
        writer.write(ERROR)


async def with_a_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def with_silence_and_a_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)


async def with_half_an_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(OK[:-1])


async def with_garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"this is not HTTP\r\n\r\n")
    await reader.read()


async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def once_per_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A whole answer, then a clean close of the idle connection, as servers may do at any time."""
    writer.write(answer_for(await read_request(reader)))


async def attack(port: int, records: Records, timeout: float = 20.0) -> Tally:
    generator = Generator(("127.0.0.1", port), Mix("test", "load-test"), records, connections=20, timeout=timeout)
    await generator.run(rate=200, duration=0.4)
    return generator.tally


async def serve_and_attack(serve: Serve, attack: Attack, records: Records) -> Tally:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError), contextlib.closing(writer):
            await serve(reader, writer)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        return await attack(server.sockets[0].getsockname()[1], records)
    finally:
        server.close()


def run(serve: Serve, report: Path, attack: Attack = attack) -> Tally:
    records = Records(report)
    tally = asyncio.run(serve_and_attack(serve, attack, records))
    records.write(tally.report(1.0))
    return tally


def test_a_well_behaved_server_has_no_failures_and_every_accepted_order_is_recorded(tmp_path: Path) -> None:
    tally = run(well, tmp_path / "load.json")
    report = tally.report(1.0)
    assert report["sent"] == report["ok"] > 20
    assert report["failed"] == 0
    assert len(read_orders(tmp_path / "load.json")) == report["by_status"]["303"] == report["acknowledged_orders"]
    assert report["by_version"]["1.0"] == report["by_status"]["200"]


@pytest.mark.parametrize(
    ("serve", "kind"),
    [
        (with_errors, "status"),
        (with_a_reset, "reset"),
        (with_silence_and_a_close, "closed"),
        (with_half_an_answer, "closed"),
        (with_garbage, "garbled"),
    ],
    ids=["errors", "resets", "closes", "half an answer", "garbage"],
)
def test_each_way_to_fail_is_counted_for_every_request_and_called_by_its_name(serve: Serve, kind: str, tmp_path: Path) -> None:
    report = run(serve, tmp_path / "load.json").report(1.0)
    assert report["sent"] == report["failed"] > 20
    assert {failure.kind for failure in read_failures(tmp_path / "load.json")} == {kind}
    assert len(read_failures(tmp_path / "load.json")) == report["failed"]
    assert read_orders(tmp_path / "load.json") == []


def test_a_server_that_never_answers_makes_timeouts(tmp_path: Path) -> None:
    report = run(never, tmp_path / "load.json", functools.partial(attack, timeout=0.3)).report(1.0)
    assert report["sent"] == report["failed"] > 20
    assert report["by_status"] == {"timeout": report["sent"]}


def test_nobody_listening_is_a_failure(tmp_path: Path) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        tally = asyncio.run(attack(reserved.getsockname()[1], Records(tmp_path / "load.json"), timeout=5))
    assert tally.report(1.0)["by_status"] == {"refused": tally.sent}


async def visit_twice_with_a_close_between(port: int, records: Records) -> Tally:
    generator = Generator(("127.0.0.1", port), Mix("test", "load-test"), records, connections=1)
    for _number in range(2):
        generator._begin(generator._mix.draw(), time.monotonic())
        await asyncio.gather(*generator._tasks)
        async with asyncio.timeout(60):
            while any(connection.is_usable for connection in generator._idle):
                await asyncio.sleep(0.01)
    return generator.tally


def test_a_clean_close_of_an_idle_connection_is_a_reconnect_and_not_a_failure(tmp_path: Path) -> None:
    tally = run(once_per_connection, tmp_path / "load.json", attack=visit_twice_with_a_close_between)
    assert (tally.sent, tally.ok, tally.reconnects) == (2, 2, 1)
