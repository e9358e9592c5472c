"""`python -m tests.emulators.vercel`: a Vercel on this machine, to rehearse with and to test against."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import tempfile
import typing as t
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.emulators.faults import UnknownFaultError
from tests.emulators.vercel.control import Control
from tests.emulators.vercel.faults import KINDS
from tests.emulators.vercel.gateway import Gateway
from tests.emulators.vercel.world import TEAM, TOKEN, World

if t.TYPE_CHECKING:
    from tests.emulators.vercel.control import Witness

HOST = "127.0.0.1"
DEFAULT_PORT = 18900
BACKLOG = 2048
KEEP_ALIVE_SECONDS = 120
READY_FILE = "ready.json"


class Cuttable(HttpToolsProtocol):
    """Lets the application cut a connection, as networks do."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["abort"] = self.transport.abort


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.vercel", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"on {HOST}; 0 takes a free one ({DEFAULT_PORT})")
    parser.add_argument("--home", type=Path, help="folder for what is uploaded (a new temporary one)")
    parser.add_argument("--fault", action="append", default=[], metavar="KIND[,NAME=VALUE...]", help=f"may be repeated; {', '.join(KINDS)}")
    parser.add_argument("--set", action="append", default=[], metavar="SETTING=VALUE", help="e.g. build_seconds=5; may be repeated")
    parser.add_argument("--descriptions", type=Path, help="folder with the API's published descriptions, to hold every answer against")
    parser.add_argument("--front", action="append", default=[], metavar="HOST", help="a free port of its own for this host's visitors")
    return parser.parse_args(words)


def fault_of(text: str) -> dict[str, t.Any]:
    """`rate_limited,path=/files,retry_after=2` as the words of a fault."""
    kind, *pairs = text.split(",")
    return {"kind": kind} | {name: _value(value) for name, _mark, value in (pair.partition("=") for pair in pairs)}


def _value(text: str) -> t.Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def made(options: argparse.Namespace, home: Path) -> Control:
    """The world as the options want it, behind its door."""
    world = World(home)
    world.settings.change({name: _value(value) for name, _mark, value in (pair.partition("=") for pair in options.set)})
    for text in options.fault:
        world.faults.add(**fault_of(text))
    return Control(world, _witness(options.descriptions))


def _witness(folder: Path | None) -> Witness | None:
    if folder is None:
        return None
    from tests.emulators.vercel.descriptions import Descriptions

    return Descriptions(folder)


def main() -> None:
    options = arguments(sys.argv[1:])
    home = options.home or Path(tempfile.mkdtemp(prefix="local-vercel-"))
    home.mkdir(parents=True, exist_ok=True)
    try:
        control = made(options, home)
    except (UnknownFaultError, KeyError) as exc:
        sys.exit(f"local Vercel: {exc}")
    sockets = [_bound(port) for port in (options.port, *(0 for _host in options.front))]
    ports = [listening.getsockname()[1] for listening in sockets]
    fronts = dict(zip(ports[1:], options.front, strict=True))
    _announce(home, ports[0], fronts)
    gateway = Gateway(lambda: control.world, control, fronts)
    config = uvicorn.Config(
        gateway, http=Cuttable, log_level="warning", access_log=False, backlog=BACKLOG, timeout_keep_alive=KEEP_ALIVE_SECONDS
    )
    config.timeout_graceful_shutdown = 1
    uvicorn.Server(config).run(sockets=sockets)


def _bound(port: int) -> socket.socket:
    # With the protocol named, asyncio sends at once; otherwise each answer waits 40 ms for the client's acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as exc:
        sys.exit(f"local Vercel: port {port} on {HOST}: {exc.strerror}; choose another with --port")
    return listening


def _announce(home: Path, port: int, fronts: t.Mapping[int, str]) -> None:
    """On the console, and as a file for whoever started it and waits."""
    facts: dict[str, t.Any] = {"url": f"http://{HOST}:{port}", "token": TOKEN, "team": TEAM, "pid": os.getpid()}
    facts["fronts"] = {host: f"http://{HOST}:{own}" for own, host in fronts.items()}
    scratch = home / f"{READY_FILE}.part"
    scratch.write_text(json.dumps(facts), encoding="utf-8")
    scratch.replace(home / READY_FILE)
    sys.stdout.write(f"local Vercel: {facts['url']}  token {TOKEN}  team {TEAM}  files in {home}\n")
    for host, address in facts["fronts"].items():
        sys.stdout.write(f"local Vercel: {host} is at {address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
