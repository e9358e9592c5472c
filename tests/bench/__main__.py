"""Measure against what an expert would use instead: `make bench`, or `make bench ONLY=backups`.

Prints a line per figure: name, ours, peer, unit, ratio, goal, and whether it was met. build/bench/results.json holds the same.
BENCH_GIGABYTES is the size of the database of the group backups (1.2), BENCH_SIZES are those at which it measures memory (0.3,1.5,6),
BENCH_RUNS the number of runs.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.figures import Figure

GROUPS = ("backups", "gitpublish", "health", "migrations", "rehearse", "release", "supabase", "vercel")
RESULTS = Path("build/bench/results.json")


def measure(group: str) -> Iterator[Figure]:
    """The figures of a group, each as soon as it is known. The servers of a group live only as long as it runs."""
    # The peers' Python was compiled when pip installed it; a module that is compiled anew in every run would be measured by its length.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    module = importlib.import_module(f"tests.bench.{group}")
    # Short, because HAProxy's socket lives in it and a socket's path has 97 characters at most.
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        yield from module.measure(Path(home))


def write(found: list[Figure]) -> None:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([figure.as_dict() for figure in found], indent=2) + "\n", encoding="utf-8")


def wanted_groups(argv: list[str] | None) -> tuple[str, ...]:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=GROUPS, metavar="GROUP", help=f"one of {', '.join(GROUPS)} (default: all)")
    only = parser.parse_args(argv).only
    return (only,) if only else GROUPS


def main(argv: list[str] | None = None) -> int:
    """Return 0 however the goals fared: a bench reports, it does not judge."""
    found: list[Figure] = []
    for group in wanted_groups(argv):
        for figure in measure(group):
            print(figure.as_line(), flush=True)
            found.append(figure)
            write(found)
    missed = sum(not figure.is_met for figure in found)
    print(f"{len(found)} figures, {missed} MISSED; see {RESULTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
