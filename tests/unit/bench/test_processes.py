from __future__ import annotations

import sys

import pytest

from tests.bench.processes import cost_of_process

SPINNING = "import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SPINNING!r}], check=True)"


def test_the_cost_of_a_process_includes_the_children_that_it_waited_for() -> None:
    assert cost_of_process([sys.executable, "-c", CHILD])["cpu"] >= 0.2


def test_the_memory_is_that_of_the_process_however_large_the_bench_is() -> None:
    ballast = b"x" * 200_000_000
    cost = cost_of_process([sys.executable, "-c", "pass"])
    assert 1 < cost["memory"] < len(ballast) / 2**21


def test_a_process_gets_its_input_and_a_failed_one_is_no_sample() -> None:
    cost_of_process([sys.executable, "-c", "import sys; sys.exit(sys.stdin.read() != 'arguments')"], stdin="arguments")
    with pytest.raises(RuntimeError, match="of no use"):
        cost_of_process([sys.executable, "-c", "raise SystemExit('of no use')"])
