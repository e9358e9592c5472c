"""What is measured and how: our way and an expert's way by turns, medians, a ratio, a goal."""

from __future__ import annotations

import dataclasses
import math
import random
import resource
import statistics
import time
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Sample = dict[str, float]


@dataclasses.dataclass(frozen=True)
class Goal:
    """The most that a figure may be: `of` is the ratio of ours to the peer's, or our own number."""

    most: float
    of: t.Literal["ratio", "ours"] = "ratio"

    def __str__(self) -> str:
        return f"{self.of} <= {self.most:g}"


@dataclasses.dataclass(frozen=True)
class Figure:
    """One line of the bench: medians of `runs` samples each. Smaller is better; the ratio is None where the peer's number is 0."""

    group: str
    name: str
    unit: str
    ours: float
    peer: float
    goal: Goal
    runs: int
    peer_command: str

    @property
    def ratio(self) -> float | None:
        return self.ours / self.peer if self.peer else None

    @property
    def is_met(self) -> bool:
        measured = self.ours if self.goal.of == "ours" else self.ratio
        return measured is not None and measured <= self.goal.most

    def as_dict(self) -> dict[str, t.Any]:
        ratio = None if self.ratio is None else rounded(self.ratio)
        numbers = {"ours": rounded(self.ours), "peer": rounded(self.peer), "ratio": ratio, "goal": str(self.goal), "met": self.is_met}
        return {"group": self.group, "name": self.name, "unit": self.unit, **numbers, "runs": self.runs, "peer_command": self.peer_command}

    def as_line(self) -> str:
        ratio = "-" if self.ratio is None else f"{rounded(self.ratio):g}"
        verdict = "met" if self.is_met else "MISSED"
        return f"{self.group}.{self.name} {rounded(self.ours):g} {rounded(self.peer):g} {self.unit} {ratio} {self.goal} {verdict}"


def rounded(number: float) -> float:
    """Three significant digits, which is more than any of these measurements is worth."""
    return number if number == 0 else round(number, 2 - math.floor(math.log10(abs(number))))


def by_turns(ours: Callable[[], Sample], peer: Callable[[], Sample], runs: int) -> tuple[Sample, Sample]:
    """Medians of both. Who begins changes from run to run, so that neither always finds the warmer machine."""
    found: dict[str, list[Sample]] = {"ours": [], "peer": []}
    for run in range(runs):
        turns = [("ours", ours), ("peer", peer)]
        for name, measure in turns if run % 2 == 0 else reversed(turns):
            found[name].append(measure())
    return medians(found["ours"]), medians(found["peer"])


def in_rounds(ways: Mapping[str, Callable[[], Sample]], runs: int) -> dict[str, list[Sample]]:
    """Samples of several ways, each once in a round, and every round in an order of its own: what one leaves behind (free memory, a
    server's log) must not always meet the same next one."""
    orders = random.Random(runs)
    found: dict[str, list[Sample]] = {name: [] for name in ways}
    for _round in range(runs):
        for name in orders.sample(list(ways), len(ways)):
            found[name].append(ways[name]())
    return found


def medians(samples: list[Sample]) -> Sample:
    return {name: statistics.median(sample[name] for sample in samples) for name in samples[0]}


def cost_of(work: Callable[[], object]) -> Sample:
    """Seconds of wall clock, and of processor time of all child processes that ended meanwhile (and of theirs)."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    work()
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall": wall, "cpu": after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime}


def figures(
    group: str, samples: tuple[Sample, Sample], goals: Mapping[str, tuple[str, str, Goal]], *, runs: int, peer_command: str
) -> list[Figure]:
    """Figures from samples; `goals` maps the name of a sample to the name of its figure, its unit and its goal."""
    ours, peer = samples
    return [Figure(group, name, unit, ours[sample], peer[sample], goal, runs, peer_command) for sample, (name, unit, goal) in goals.items()]
