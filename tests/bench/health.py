"""`health_check` with a thousand URLs at once, against curl."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import typing as t
from pathlib import Path

from tests.bench.figures import Figure, Goal, Sample, by_turns, cost_of, figures
from tests.integration import traffic_application
from tests.integration.traffic_lab import accepts
from tests.integration.waiting import wait_for
from tools.embedded.ports import free_port

if t.TYPE_CHECKING:
    from collections.abc import Iterator

MODULE = "ansible_collections.holdfast.webops.plugins.modules.health_check"
CHECKS = 1000
AT_ONCE = 64
RUNS = 5
PEAK_MIB = 90.0
# The module in a process of its own, which says in the end how much memory it had (KiB, as Linux counts).
MEASURED = (
    "import atexit, resource, runpy, sys;"
    "atexit.register(lambda: sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)));"
    f"runpy.run_module('{MODULE}', run_name='__main__')"
)
PEER = f"curl --parallel --parallel-max {AT_ONCE} --header 'Connection: close' --config <{CHECKS} URLs>"


def measure(home: Path) -> Iterator[Figure]:
    with application() as url:
        urls = [f"{url}/?{number}" for number in range(CHECKS)]
        config = home / "urls"
        config.write_text("".join(f'url = "{each}"\noutput = "/dev/null"\n' for each in urls))
        ours, peer = by_turns(lambda: check(urls), lambda: curl(config), RUNS)
    goals = {"wall": (f"wall_of_{CHECKS}_checks", "s", Goal(1.5))}
    yield from figures("health", (ours, peer), goals, runs=RUNS, peer_command=PEER)
    yield Figure("health", "peak_memory", "MiB", ours["peak"], PEAK_MIB, Goal(PEAK_MIB, of="ours"), RUNS, "the goal itself")


@contextlib.contextmanager
def application() -> Iterator[str]:
    port = free_port()
    with subprocess.Popen([sys.executable, str(Path(traffic_application.__file__)), str(port), "bench"]) as process:
        try:
            wait_for(lambda: accepts(port), "the application")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def check(urls: list[str]) -> Sample:
    checks = [{"name": url, "kind": "http", "url": url} for url in urls]
    text = json.dumps({"ANSIBLE_MODULE_ARGS": {"checks": checks}})
    said: list[str] = []

    def run() -> None:
        done = subprocess.run([sys.executable, "-c", MEASURED], input=text, capture_output=True, text=True, check=True, timeout=300)
        said.append(done.stderr)

    return {**cost_of(run), "peak": int(said[0]) / 1024}


def curl(config: Path) -> Sample:
    """With a fresh connection for each URL, as `health_check` has."""
    argv = ["curl", "--silent", "--fail", "--parallel", "--parallel-max", str(AT_ONCE), "--header", "Connection: close"]
    argv += ["--config", str(config)]
    return cost_of(lambda: subprocess.run(argv, check=True, capture_output=True, timeout=300))
