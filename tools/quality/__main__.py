"""`python -m tools.quality test|lint|build|docs`: what the Makefile calls."""

from __future__ import annotations

import argparse
import os
import sys
import typing as t

from tools.quality import artefact, docsite
from tools.quality.runner import Result, Runner, line_of
from tools.quality.suites import LINT, TEST, Suite, UnknownSuiteError, choose
from tools.setup import packages
from tools.setup.steps import ROOT, SetupError


def say(text: str) -> None:
    """A line on the console, at once."""
    print(text, flush=True)


def impossible(suites: t.Sequence[Suite]) -> list[Result]:
    """Those that cannot run on this machine: failures with a reason, never silent gaps."""
    wanting = [suite for suite in suites if suite.needs_packages]
    if not wanting:
        return []
    try:
        packages.install(packages.FOR_HOSTS, why=packages.WHY_HOSTS)
    except SetupError as error:
        return [Result(suite.name, 0, 1, 0.0, remark=f"cannot run here: {error}") for suite in wanting]
    return []


def check(kind: str, only: list[str], skip: list[str]) -> int:
    """Run suites and sum up; 0 when everything passed."""
    suites = choose({"test": TEST, "lint": LINT}[kind], only, skip)
    results = impossible(suites)
    out = {result.name for result in results}
    jobs = int(os.environ.get("JOBS", "0")) or min(2, os.cpu_count() or 1)
    results += Runner([suite for suite in suites if suite.name not in out], jobs=jobs, out=say).run()
    say(f"\n{'=' * 20} make {kind}")
    for result in sorted(results, key=lambda result: (result.failed > 0, result.name)):
        say(line_of(result))
    for name in skip:
        say(f"{name:<17} LEFT OUT because SKIP asked for it")
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
