"""A router with two slots and users, all real: HAProxy with the role's configuration, two processes, keep-alive clients."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import dataclasses
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import typing as t
import urllib.error
import urllib.request

import jinja2

from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import RuntimeSocket
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.slots import in_flight
from tests.integration.waiting import wait_for
from tools.embedded.ports import free_port

if t.TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "roles" / "platform_host" / "templates" / "haproxy.cfg.j2"
APPLICATION = pathlib.Path(__file__).with_name("traffic_application.py")
TOKEN = "the-preview-token-of-the-lab"
MODULES = "ansible_collections.holdfast.webops.plugins.modules"
FULL_DISK = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
RUN_MODULE = f"""
import json, runpy, sys
from ansible.module_utils.testing import patch_module_args
name, arguments = json.load(sys.stdin)
with patch_module_args(arguments):
    runpy.run_module("{MODULES}." + name, run_name="__main__")
"""


def render(**variables: t.Any) -> str:
    """The role's configuration as Ansible would write it."""
    environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    environment.filters["union"] = lambda some, more: [*some, *(one for one in more if one not in some)]
    environment.filters["bool"] = bool
    return environment.from_string(TEMPLATE.read_text()).render(
        **{
            "platform_host_web_hosts": ["host"],
            "platform_host_routers": ["host"],
            "platform_host_web_addresses": {},
            "platform_host_tls_hsts": 0,
            "platform_host_slot_address": "127.0.0.1",
            "platform_host_health_path": "/health",
            "platform_host_router_stop_after": 10,
            "platform_host_router_threads": 1,
            "platform_host_retry_idempotent_posts": False,
            **variables,
        }
    )


@dataclasses.dataclass(frozen=True)
class Answer:
    """One answer of the router."""

    status: int
    slot: str | None
    body: str
    headers: dict[str, str]


class Lab:
    """The files, the processes and the public address of one portal."""

    def __init__(self, binary: str, directory: pathlib.Path) -> None:
        self.binary = binary
        self.directory = directory
        self.port = free_port()
        self.ports = {"blue": free_port(), "green": free_port()}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def module(self, name: str, /, **arguments: t.Any) -> dict[str, t.Any]:
        """Run a module as its own process, as Ansible does on a target; its result."""
        with self.start_module(name, **arguments) as process:
            stdout, stderr = process.communicate(timeout=120)
        if not stdout.startswith(b"{") and b"\n{" not in stdout:
            raise AssertionError(f"{name} ended without a result: {stderr.decode()}")
        return t.cast("dict[str, t.Any]", json.loads(stdout))

    def start_module(self, name: str, /, *, full_disk: bool = False, **arguments: t.Any) -> subprocess.Popen[bytes]:
        """The same without waiting. With `full_disk` the process can write no file, as if there were no room."""
        process = subprocess.Popen(
            [sys.executable, "-c", f"{FULL_DISK if full_disk else ''}{RUN_MODULE}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PYTHONPATH": str(ROOT / ".cache" / "collections"), "PATH": "/usr/bin:/bin"},
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps([name, {"directory": str(self.directory), **arguments}]).encode())
        process.stdin.close()
        process.stdin = None
        return process

    def route(self, green: int | None = None, **arguments: t.Any) -> dict[str, t.Any]:
        """`slot_router`, which must not fail."""
        if green is not None:
            arguments["weights"] = {"blue": 100 - green, "green": green}
        result = self.module("slot_router", **arguments)
        assert not result.get("failed"), result["msg"]
        return result

    def start_slot(self, slot: str, *options: str) -> None:
        """Start (or replace) the process of a slot and wait until the router finds it healthy."""
        self.stop(slot, signal.SIGTERM)
        self.processes[slot] = subprocess.Popen([sys.executable, str(APPLICATION), str(self.ports[slot]), slot, *options])
        wait_for(lambda: accepts(self.ports[slot]), f"the process of {slot}")
        if "router" in self.processes:
            wait_for(lambda: self.servers()[slot]["healthy"], f"{slot} to be healthy")

    def configure_router(self, **more: t.Any) -> None:
        variables = {
            "platform_host_router_directory": str(self.directory),
            "platform_host_bind": f"127.0.0.1:{self.port}",
            "platform_host_slot_ports": self.ports,
            **more,
        }
        (self.directory / "haproxy.cfg").write_text(render(**variables))

    def start_router(self, **more: t.Any) -> None:
        self.configure_router(**more)
        self.processes["router"] = subprocess.Popen(
            [self.binary, "-db", "-f", str(self.directory / "haproxy.cfg")], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        wait_for(lambda: accepts(self.port), "the router")

    def stop(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process and wait for its end."""
        process = self.processes.pop(name, None)
        if process:
            process.send_signal(number)
            process.wait(timeout=60)

    def servers(self) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", self.module("slot_router_info")["router"]["servers"])

    def in_flight(self, slot: str) -> int:
        """Requests without an answer, asked of the router itself: a module would take longer than some of them do."""
        return in_flight(RuntimeSocket(str(self.directory / "router.sock")).servers(), slot)

    def get(self, path: str = "/", *, method: str = "GET", body: str = "x", **headers: str) -> Answer:
        """One request on a connection of its own."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body.encode() if method == "POST" else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, headers=names, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Answer(response.status, response.headers["X-Slot"], response.read().decode(), dict(response.headers))
        except urllib.error.HTTPError as exc:
            with exc:
                return Answer(exc.code, exc.headers["X-Slot"], exc.read().decode(), dict(exc.headers))

    def slots_of(self, number: int, **headers: str) -> collections.Counter[str | None]:
        """Who answers so many requests."""
        return collections.Counter(self.get(**headers).slot for _number in range(number))


@contextlib.contextmanager
def open_lab(binary: str, *, keep_alive: float = 5.0) -> Iterator[Lab]:
    """A provisioned portal with both slots up and all traffic on blue. Its directory is short, because sockets need that."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="hf-lab-"))
    lab = Lab(binary, directory)
    try:
        lab.route(state="configured", preview_token=TOKEN)
        for slot in ("blue", "green"):
            lab.start_slot(slot, "--keep-alive", str(keep_alive))
        lab.start_router()
        wait_for(lambda: all(server["healthy"] for server in lab.servers().values()), "both slots to be healthy")
        yield lab
    finally:
        for name in list(lab.processes):
            lab.stop(name, signal.SIGKILL)
        shutil.rmtree(directory)


class Users:
    """Keep-alive clients at a steady rate in a thread; each request that was not answered with 200 is a failure."""

    def __init__(self, port: int, *, per_second: int = 150, clients: int = 15, posts: bool = True, slow: int = 0) -> None:
        self.port = port
        self.pause = clients / per_second
        self.clients = clients
        self.posts = posts
        self.slow = slow
        self.failures: list[str] = []
        self.slots: collections.Counter[str] = collections.Counter()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    @property
    def requests(self) -> int:
        return sum(self.slots.values())

    def __enter__(self) -> Users:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stopped.set()
        self._thread.join()

    async def _run(self) -> None:
        fast = [self._client(number, "/") for number in range(self.clients)]
        await asyncio.gather(*fast, *[self._client(number, "/slow?0.5") for number in range(self.slow)])

    async def _client(self, number: int, path: str) -> None:
        connection = None
        await asyncio.sleep(self.pause * number / self.clients)
        while not self._stopped.is_set():
            started = time.monotonic()
            method = "POST" if self.posts and number % 3 == 0 else "GET"
            try:
                connection = connection or await asyncio.open_connection("127.0.0.1", self.port)
                status, slot, closes = await exchange(*connection, method, path)
                self.slots[slot] += 1
                if status != 200:
                    self.failures.append(f"{method} {path}: {status}")
            except (OSError, asyncio.IncompleteReadError) as exc:
                self.failures.append(f"{method} {path}: {exc!r}")
                closes = True
            if closes and connection:
                connection[1].close()
                connection = None
            await asyncio.sleep(max(self.pause - (time.monotonic() - started), 0))
        if connection:
            connection[1].close()


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str, path: str) -> tuple[int, str, bool]:
    """One request on an open connection: status, slot, and whether the connection ends with it."""
    body = "Content-Length: 4\r\n\r\ntest" if method == "POST" else "\r\n"
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: portal\r\n{body}".encode())
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    await reader.readexactly(int(headers.get("content-length", "0")))
    return int(first.split(" ")[1]), headers.get("x-slot", "nobody"), headers.get("connection", "") == "close"


def accepts(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
