"""A small honest load generator: `python -m tools.load --url http://127.0.0.1:18400 --rate 250 --report .demo/load.json`.

It runs until SIGTERM or SIGINT (or --duration), then waits for the requests under way and writes the final report.
A request failed when it got an unexpected status, a reset, a close without an answer, or nothing within 30 s.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from tools.load.chatters import Chatters
from tools.load.generator import Generator
from tools.load.mix import Mix
from tools.load.records import Records

REPORT_SECONDS = 1.0
# So a conversation takes about three seconds.
WORDS = 30


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", type=_address, required=True, help="http://HOST:PORT of the portal", metavar="URL")
    parser.add_argument("--rate", type=_positive, default=250.0, help="requests per second (default: %(default)s)")
    parser.add_argument("--connections", type=int, default=256, help="most requests on the wire at once (default: %(default)s)")
    parser.add_argument("--websockets", type=int, default=0, help="people who talk to /echo beside them (default: %(default)s)")
    parser.add_argument("--duration", type=_positive, help="seconds to send (default: until a signal)")
    parser.add_argument("--report", type=Path, required=True, help="JSON file, rewritten every second")
    return parser.parse_args(argv)


async def run(chosen: argparse.Namespace) -> int:
    """Return the number of failed requests and websockets."""
    host, port = chosen.url
    started, started_at = time.monotonic(), datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    records = Records(chosen.report)
    generator = Generator((host, port), Mix(f"{host}:{port}", f"load-{secrets.token_hex(4)}"), records, connections=chosen.connections)
    chatters = Chatters(f"http://{host}:{port}", chosen.websockets, words=WORDS)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, generator.stop)

    def write(*, finished: bool) -> dict[str, object]:
        tally = {**generator.tally.report(time.monotonic() - started), "websockets": chatters.report()}
        report = {"pid": os.getpid(), "started_at": started_at, "finished": finished, **tally}
        records.write(report)
        return report

    async def write_every_second() -> None:
        while True:
            write(finished=False)
            await asyncio.sleep(REPORT_SECONDS)

    reporter = asyncio.create_task(write_every_second())
    with chatters:
        await generator.run(chosen.rate, chosen.duration)
    reporter.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reporter
    return int(str(write(finished=True)["failed"])) + len(chatters.failures)


def _address(text: str) -> tuple[str, int]:
    parts = urlsplit(text)
    if parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
        raise argparse.ArgumentTypeError(f"{text!r} must look like http://127.0.0.1:18400")
    return parts.hostname, parts.port or 80


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number above 0")
    return number


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(run(arguments())) else 0)
