"""`health_check` with a thousand URLs at once, against curl and a loop of `ansible.builtin.uri`; ten thousand; and its start."""

from __future__ import annotations

import contextlib
import json
import socket
import statistics
import subprocess
import sys
import time
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
CHECKS, MANY = 1000, 10_000
AT_ONCE = 64
RUNS = 5
PEAK_MIB = 90.0
# Ten times the checks may take ten times as long, and a little for what 10,000 results cost to write.
LINEAR = 1.1
# A loop takes a third of a second for each URL: so many are timed, and the rest is multiplied.
LOOPED = 100
START_S = 0.35
# Seconds: what a portal takes for an answer that is not out of a cache.
SLOW = 0.05
# The most that a check may cost where nothing is waited for, beyond the start of the module. Half of it is Ansible's: it validates
# a check's sixty options and masks its result. curl is no measure here: it does neither, and has ended when Ansible has read the checks.
EACH_MS = 1.0
# The module in a process of its own, which says in the end how much memory it had (KiB, as Linux counts).
MEASURED = (
    "import atexit, re, runpy, sys;"
    "atexit.register(lambda: sys.stderr.write(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1]));"
    f"runpy.run_module('{MODULE}', run_name='__main__')"
)
EMPTY = "from ansible.module_utils.basic import AnsibleModule; AnsibleModule({}).exit_json()"
LOOP = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.uri: {url: "%s/?{{ item }}"}
      loop: "{{ range(%d) | list }}"
"""
# Immediate: otherwise curl waits for each answer to see whether the connection could be shared.
PEER = f"curl --parallel --parallel-immediate --parallel-max {AT_ONCE} --header 'Connection: close' --config <{CHECKS} URLs>"


def measure(home: Path) -> Iterator[Figure]:
    """Against a server that takes SLOW seconds for an answer, as a portal does, and what a check costs when nobody is waited for."""
    with application() as url:
        ours, peer = against_curl(home, f"{url}/slow?{SLOW}")
        goals = {"wall": (f"wall_of_{CHECKS}_checks_of_{SLOW * 1000:g}_ms", "s", Goal(1.5))}
        yield from figures("health", (ours, peer), goals, runs=RUNS, peer_command=PEER)
        at_once, peer = against_curl(home, f"{url}/")
        first = statistics.median(check([f"{url}/"])["wall"] for _run in range(RUNS))
    yield Figure("health", "peak_memory", "MiB", at_once["peak"], PEAK_MIB, Goal(PEAK_MIB, of="ours"), RUNS, "the goal itself")
    each, each_peer = ((wall * 1000) / CHECKS for wall in (at_once["wall"] - first, peer["wall"]))
    goal = Goal(EACH_MS, of="ours")
    yield Figure("health", "cost_of_a_check_answered_at_once", "ms", each, each_peer, goal, RUNS, f"{PEER}, divided by {CHECKS}")
    yield from against_itself_and_a_loop(home, at_once["wall"])
    yield start()


def against_curl(home: Path, url: str) -> tuple[Sample, Sample]:
    config = home / "urls"
    config.write_text(f'url = "{url}"\noutput = "/dev/null"\n' * CHECKS)
    return by_turns(lambda: check([url] * CHECKS), lambda: curl(config), RUNS)


def against_itself_and_a_loop(home: Path, wall: float) -> Iterator[Figure]:
    with application() as url:
        many = check([f"{url}/"] * MANY)["wall"]
        once, looped = loop(home, url, 1), loop(home, url, LOOPED + 1)
    ten = MANY // CHECKS
    yield Figure("health", f"wall_of_{MANY}_checks", "s", many, ten * wall, Goal(LINEAR), 1, f"{ten} times {CHECKS} checks")
    peer = (looped - once) * CHECKS / LOOPED
    command = f"a loop of ansible.builtin.uri over {LOOPED} URLs, without the start of ansible-playbook, times {CHECKS // LOOPED}"
    yield Figure("health", f"wall_of_{CHECKS}_checks_and_a_loop", "s", wall, peer, Goal(1 / 50), 1, command)


def loop(home: Path, url: str, count: int) -> float:
    """Seconds that a playbook takes that asks so many URLs one after the other."""
    playbook = home / "loop.yml"
    playbook.write_text(LOOP % (url, count))
    argv = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}", str(playbook)]
    return cost_of(lambda: subprocess.run(argv, check=True, capture_output=True, timeout=600))["wall"]


def start() -> Figure:
    """From the start of the module to its first connection, beyond what an empty module takes altogether."""
    empty = statistics.median(cost_of(lambda: module(EMPTY, "{}"))["wall"] for _run in range(RUNS))
    first = statistics.median(until_first_connection() for _run in range(RUNS))
    return Figure("health", "start_to_first_probe", "s", first - empty, empty, Goal(START_S, of="ours"), RUNS, "a module that does nothing")


def until_first_connection() -> float:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        arguments = {"checks": [{"name": "it", "kind": "http", "url": url}], "fail_on": "never"}
        argv = [sys.executable, "-m", MODULE]
        started = time.monotonic()
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as child:
            assert child.stdin is not None
            child.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
            child.stdin.close()
            listening.accept()[0].close()
            return time.monotonic() - started


def module(code: str, arguments: str) -> str:
    """What a module, in a process of its own, says besides its result."""
    text = f'{{"ANSIBLE_MODULE_ARGS": {arguments}}}'
    return subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True, check=True, timeout=600).stderr


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
    checks = [{"name": str(number), "kind": "http", "url": url} for number, url in enumerate(urls)]
    text = json.dumps({"checks": checks})
    said: list[str] = []

    def run() -> None:
        said.append(module(MEASURED, text))

    return {**cost_of(run), "peak": int(said[0]) / 1024}


def curl(config: Path) -> Sample:
    """With a fresh connection for each URL, as `health_check` has."""
    argv = [
        "curl",
        "--silent",
        "--fail",
        "--parallel",
        "--parallel-immediate",
        "--parallel-max",
        str(AT_ONCE),
        "--header",
        "Connection: close",
    ]
    argv += ["--config", str(config)]
    return cost_of(lambda: subprocess.run(argv, check=True, capture_output=True, timeout=300))
