"""A router that answers on a real socket without being one."""

from __future__ import annotations

import pathlib
import socketserver
import threading
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from tests.unit.fake_clock import FakeClock

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STAT_HEADER = "# pxname,svname,scur,stot,wretr,wredis,status,chkdown,hrsp_5xx,"


class FakeRouter:
    """HAProxy's runtime socket as far as the collection uses it: maps, servers, streams, the ring."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        self.maps: dict[str, dict[str, str]] = {"slots.map": {}, "release.map": {}, "preview.map": {}}
        self.servers = {
            (backend, name): {"scur": 0, "stot": 0, "wretr": 0, "wredis": 0, "status": "UP", "chkdown": 0, "hrsp_5xx": 0}
            for backend, name in (("slot_blue", "blue"), ("slot_blue", "green"), ("slot_green", "green"), ("slot_green", "blue"))
        }
        self.ring: list[str] = []
        self.streams: list[str] = []
        self.ignores_changes = False
        self.orders: list[str] = []

    def load_files(self) -> None:
        """What a start does."""
        for name in self.maps:
            lines = (self.directory / name).read_text().splitlines()
            self.maps[name] = dict(line.split(" ", 1) for line in lines)

    def set_server(self, slot: str, backend: str | None = None, **values: t.Any) -> None:
        self.servers[(backend or f"slot_{slot}", slot)].update(values)

    def answer(self, command: str) -> str:
        words = command.split()
        if words[:2] == ["show", "version"]:
            return "2.8.25"
        if words[:2] == ["show", "stat"]:
            rows = [f"{backend},{name},{','.join(str(value) for value in row.values())}," for (backend, name), row in self.servers.items()]
            return "\n".join([STAT_HEADER, "portal,FRONTEND,0,0,,,OPEN,,0,", *rows])
        if words[:2] == ["show", "events"]:
            return "\n".join(self.ring)
        if words[:2] == ["show", "sess"]:
            return "\n".join(self.streams)
        if words[0] == "shutdown":
            self.servers[tuple(words[3].split("/"))]["scur"] = 0  # type: ignore[index]
            return ""
        return self.answer_about_map(words)

    def answer_about_map(self, words: list[str]) -> str:
        table = self.maps.get(pathlib.PurePath(words[2]).name)
        if table is None or pathlib.PurePath(words[2]).parent != self.directory:
            return "Unknown map identifier. Please use #<id> or <file>."
        if words[0] == "show":
            return "\n".join(f"0x5581 {key} {value}" for key, value in table.items())
        self.orders.append(" ".join(words))
        if not self.ignores_changes:
            if words[0] == "del":
                del table[words[3]]
            else:
                table[words[3]] = words[4]
        return ""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def router(tmp_path: pathlib.Path) -> Iterator[FakeRouter]:
    """A running router on `<tmp_path>/router.sock`."""
    fake = FakeRouter(tmp_path)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            answer = fake.answer(self.rfile.readline().decode().strip())
            self.wfile.write(f"{answer}\n\n".encode())

    with socketserver.ThreadingUnixStreamServer(str(tmp_path / "router.sock"), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield fake
        server.shutdown()


@pytest.fixture
def make_call(tmp_path: pathlib.Path) -> Callable[..., Call]:
    """A task on the router below `tmp_path`."""

    def make(*, check_mode: bool = False, log: Callable[[str], None] = lambda text: None, **params: t.Any) -> Call:
        defaults = {
            "directory": str(tmp_path),
            "socket": None,
            "state": "routing",
            "weights": None,
            "release": None,
            "maintenance": None,
            "preview_token": None,
            "fencing": None,
            "closed": None,
            "certificate": None,
            "drain": None,
            "drain_timeout": 60.0,
            "drain_force": False,
            "wait_timeout": 10.0,
            "lock_wait": 1.0,
        }
        return Call({**defaults, **params}, check_mode, lambda secret: None, log, lambda value: value)

    return make
