"""`python -m tools.quality test|lint|build|docs`: what the Makefile calls."""

from __future__ import annotations

import argparse
import os
import sys
import typing as t

from tools.quality import artefact, docsite
from tools.quality.runner import Result, Runner, line_of
from tools.quality.suites import LINT, TEST, Suite, UnknownSuiteError, choose
from tools.setup import environments, packages
from tools.setup.steps import ROOT, SetupError

NO_NEWEST = "because this machine has no second Python for the newest ansible-core (3.12 or newer beside 3.11)"


def say(text: str) -> None:
    """A line on the console, at once."""
    print(text, flush=True)


def obstacles(suites: t.Sequence[Suite]) -> dict[str, str]:
    """Why some of them cannot run on this machine, by their names."""
    found = {}
    for suite in suites:
        try:
            if group := packages.BY_SUITE.get(suite.name):
                packages.install(group.names, why=group.why)
        except SetupError as error:
            found[suite.name] = f"cannot run here: {error}"
    if not environments.SECOND.is_ready:
        found |= {suite.name: NO_NEWEST for suite in suites if suite.needs_newest}
    return found


def check(kind: str, only: list[str], skip: list[str]) -> int:
    """Run suites and sum up; 0 when everything passed.

    What cannot run here fails with the reason. Only a second ansible-core for which a person's machine has no Python is merely
    reported as left out; on a machine for continuous integration that fails too.
    """
    suites = choose({"test": TEST, "lint": LINT}[kind], only, skip)
    left_out = dict.fromkeys(skip, "because SKIP asked for it")
    hindered = obstacles(suites)
    if not os.environ.get("CI"):
        left_out |= {name: reason for name, reason in hindered.items() if reason == NO_NEWEST}
    results = [Result(name, 0, 1, 0.0, remark=reason) for name, reason in hindered.items() if name not in left_out]
    jobs = int(os.environ.get("JOBS", "0")) or min(2, os.cpu_count() or 1)
    results += Runner([suite for suite in suites if suite.name not in hindered], jobs=jobs, out=say).run()
    return sum_up(f"make {kind}", results, left_out)


def sum_up(title: str, results: t.Sequence[Result], left_out: t.Mapping[str, str]) -> int:
    """Tell how every suite ended; the last line counts. Returns the exit code."""
    say(f"\n{'=' * 20} {title}")
    for result in sorted(results, key=lambda result: (result.failed > 0, result.name)):
        say(line_of(result))
    for name, reason in left_out.items():
        say(f"{name:<17} LEFT OUT {reason}")
    failed = sum(result.failed for result in results)
    say(f"{sum(result.passed for result in results)} passed, {failed} failed")
    return int(failed > 0)


def words(text: str) -> list[str]:
    """`a,b c` as a list."""
    return text.replace(",", " ").split()


def main() -> int:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(prog="tools.quality")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("test", "lint"):
        command = commands.add_parser(name)
        command.add_argument("only", nargs="*")
        command.add_argument("--skip", type=words, default=[])
    commands.add_parser("build")
    commands.add_parser("docs")
    given = parser.parse_args()
    os.chdir(ROOT)
    try:
        if given.command in ("test", "lint"):
            return check(given.command, given.only, given.skip)
        return {"build": artefact.make, "docs": docsite.make}[given.command]()
    except UnknownSuiteError as error:
        print(f"make {given.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; what was running has been ended", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
