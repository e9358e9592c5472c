"""Runs suites, two at a time, each with a log of its own; shows how they go, and what a failed one said last."""

from __future__ import annotations

import collections
import dataclasses
import os
import pathlib
import signal
import subprocess
import time
import typing as t
from xml.etree import ElementTree

from tools.setup.steps import ROOT

if t.TYPE_CHECKING:
    from tools.quality.suites import Suite

LOGS = ROOT / "build" / "logs"
TAIL = 80  # lines of a failed suite's log that are shown
HEARTBEAT = 60.0  # seconds without news after which the runner says what is still running
COUNTED = ("tests", "failures", "errors", "skipped")
FEW = 3  # failed tests of a suite that are looked at a second time
AGAIN = ("--last-failed", "--last-failed-no-failures=none")
GRACE = 20.0  # seconds that an interrupted suite gets to stop its servers


@dataclasses.dataclass(frozen=True)
class Result:
    """How a suite ended. `passed` and `failed` count tests where the suite can tell, else the suite is one test."""

    name: str
    passed: int
    failed: int
    seconds: float
    remark: str = ""


@dataclasses.dataclass
class Running:
    """A suite at work on one of its commands."""

    suite: Suite
    started: float
    left: collections.deque[tuple[str, ...]]
    process: subprocess.Popen[bytes]
    first: Result | None = None  # before the second look at what failed

    @property
    def log(self) -> pathlib.Path:
        """Where its output goes."""
        return LOGS / f"{self.suite.name}.log"

    @property
    def age(self) -> str:
        """Its name and how long it has been running."""
        return f"{self.suite.name} ({time.monotonic() - self.started:.0f} s)"


class Runner:
    """Keeps `jobs` suites going until all have ended."""

    def __init__(self, suites: t.Sequence[Suite], *, jobs: int, out: t.Callable[[str], None]) -> None:
        self.waiting = collections.deque(suites)
        self.running: list[Running] = []
        self.results: list[Result] = []
        self.jobs = jobs
        self.out = out
        self.spoke = time.monotonic()

    def run(self) -> list[Result]:
        """Run all; an interrupt ends the children first."""
        LOGS.mkdir(parents=True, exist_ok=True)
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            while self.waiting or self.running:
                self._fill()
                self._collect()
                time.sleep(0.1)
        except KeyboardInterrupt:
            self._end_children()
            raise
        return self.results

    def _say(self, text: str) -> None:
        self.out(text)
        self.spoke = time.monotonic()

    def _fill(self) -> None:
        while self.waiting and len(self.running) < self.jobs:
            suite = self.waiting.popleft()
            commands = collections.deque(suite.commands)
            self.running.append(Running(suite, time.monotonic(), commands, _start(suite, commands.popleft(), fresh=True)))
            self._say(f"{suite.name} ...")

    def _collect(self) -> None:
        for work in list(self.running):
            code = work.process.poll()
            if code is None:
                continue
            if code == 0 and work.left:
                work.process = _start(work.suite, work.left.popleft(), fresh=False)
                continue
            if self._looks_again(work, code):
                continue
            self.running.remove(work)
            self._report(work, code)
        if self.running and time.monotonic() - self.spoke > HEARTBEAT:
            self._say(f"still running: {', '.join(work.age for work in self.running)}")

    def _looks_again(self, work: Running, code: int) -> bool:
        """A few tests that failed are run once more, by themselves: a machine that does much else at the time can break one of thousands.

        What passes then is named in the summary, so that somebody mends it; what fails again has failed.
        """
        if not work.suite.counts or code != 1 or work.first is not None:
            return False
        result = judge(work.suite, code, time.monotonic() - work.started)
        if result.remark or not 0 < result.failed <= FEW:
            return False
        work.first = dataclasses.replace(result, remark=", ".join(failed_in(report_of(work.suite))))
        self._say(f"{work.suite.name}: once more, by themselves: {work.first.remark}")
        work.process = _start(work.suite, (*work.suite.commands[-1], *AGAIN), fresh=False)
        return True

    def _report(self, work: Running, code: int) -> None:
        result = judge(work.suite, code, time.monotonic() - work.started)
        if work.first is not None:
            result = after_both(work.first, result)
        self.results.append(result)
        if result.failed:
            tail = work.log.read_text(errors="replace").splitlines()[-TAIL:]
            self._say("\n".join([f"{'-' * 20} {work.suite.name}, the end of {work.log.relative_to(ROOT)}", *tail, "-" * 20]))
        self._say(line_of(result))

    def _end_children(self) -> None:
        deadline = time.monotonic() + GRACE
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for work in self.running:
                _signal(work.process, number)
            while any(work.process.poll() is None for work in self.running) and time.monotonic() < deadline:
                time.sleep(0.1)
            deadline += GRACE / 4


def _interrupt(_number: int, _frame: object) -> t.NoReturn:
    raise KeyboardInterrupt


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        os.killpg(process.pid, number)


def _start(suite: Suite, command: tuple[str, ...], *, fresh: bool) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own, so that an interrupt reaches what it started too."""
    report = report_of(suite)
    report.unlink(missing_ok=True)
    # A cache of its own: suites that run beside each other would mix up what failed.
    words = [*command, f"--junit-xml={report}", "-o", f"cache_dir=.cache/pytest-{suite.name}"] if suite.counts else list(command)
    with (LOGS / f"{suite.name}.log").open("wb" if fresh else "ab") as log:
        log.write(f"$ {' '.join(words)}\n".encode())
        log.flush()
        return subprocess.Popen(
            words, cwd=ROOT / suite.cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


def report_of(suite: Suite) -> pathlib.Path:
    """Where pytest writes what it counted."""
    return LOGS / f"{suite.name}.xml"


def judge(suite: Suite, code: int, seconds: float) -> Result:
    """The result of a suite that ended with this exit code."""
    if not suite.counts:
        return Result(suite.name, passed=int(code == 0), failed=int(code != 0), seconds=seconds)
    try:
        document = ElementTree.parse(report_of(suite)).getroot()  # noqa: S314 (our own pytest wrote it)
    except (OSError, ElementTree.ParseError):
        return Result(suite.name, passed=0, failed=1, seconds=seconds, remark=f"ended with {code} before it could count")
    return from_report(suite.name, document, code, seconds)


def failed_in(report: pathlib.Path) -> list[str]:
    """The names of the tests that failed, as pytest reports them."""
    cases = ElementTree.parse(report).getroot().iter("testcase")  # noqa: S314 (our own pytest wrote it)
    return [case.get("name", "") for case in cases if case.find("failure") is not None or case.find("error") is not None]


def after_both(first: Result, second: Result) -> Result:
    """What both looks together say; `first.remark` names what failed at first."""
    if second.failed:
        return dataclasses.replace(second, passed=first.passed + second.passed)
    remark = f"only at the second look: {first.remark}"
    return dataclasses.replace(second, passed=first.passed + second.passed, remark=remark)


def from_report(name: str, document: ElementTree.Element, code: int, seconds: float) -> Result:
    """Count what pytest reports. A test that skips itself did not test: it counts as failed."""
    count = {key: sum(int(suite.get(key, 0)) for suite in document.findall("testsuite")) for key in COUNTED}
    failed = count["failures"] + count["errors"] + count["skipped"]
    remark = f"{count['skipped']} skipped: a test that skips itself did not test" if count["skipped"] else ""
    return Result(name, passed=count["tests"] - failed, failed=failed or int(code != 0), seconds=seconds, remark=remark)


def line_of(result: Result) -> str:
    """One line on how a suite ended."""
    verdict = "FAILED" if result.failed else "ok"
    counts = [f"{result.passed} passed, {result.failed} failed"] if result.passed + result.failed > 1 else []
    return f"{result.name:<17} {verdict:<7} {result.seconds:6.1f} s  {'; '.join([*counts, *filter(None, [result.remark])])}".rstrip()
