"""Workflows of GitHub Actions on this machine: what they consist of, and their shell steps run one after the other."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import typing as t
from pathlib import Path

import yaml

NEVER = 900
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
Job = dict[str, t.Any]
Step = dict[str, t.Any]


def jobs_of(path: Path) -> dict[str, Job]:
    return t.cast("dict[str, Job]", yaml.safe_load(path.read_text())["jobs"])


def steps_of(paths: t.Iterable[Path]) -> list[tuple[str, Step]]:
    """(where it is, step) of all jobs of all workflows."""
    return [
        (f"{path.parent.name}/{path.name}: {name}: {step['name']}", step)
        for path in sorted(paths)
        for name, job in jobs_of(path).items()
        for step in job.get("steps", [])
    ]


@dataclasses.dataclass(frozen=True)
class Runner:
    """A machine of GitHub's: `checkout` is where steps run, `temp` is RUNNER_TEMP, `known` are the values of expressions."""

    checkout: Path
    temp: Path
    known: dict[str, str]

    def run_job(self, job: Job, **variables: str) -> list[subprocess.CompletedProcess[str]]:
        """Its shell steps until one fails, and those that run always."""
        done: list[subprocess.CompletedProcess[str]] = []
        for step in job["steps"]:
            failed = any(run.returncode for run in done)
            if "run" in step and (not failed or step.get("if") == "always()"):
                done.append(self.run(step, {**job.get("env", {}), **variables}))
        return done

    def run(self, step: Step, variables: t.Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """As GitHub does it: a script in bash, with the environment that the step and its job name."""
        given = {**variables, **step.get("env", {})}
        own = {name: EXPRESSION.sub(lambda found: self.known[found.group(1)], str(value)) for name, value in given.items()}
        github = {
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.temp / "output"),
            "GITHUB_WORKSPACE": str(self.checkout),
            "GITHUB_SHA": "0" * 40,
            "GITHUB_ACTOR": "anna",
            "GITHUB_SERVER_URL": "https://github.example.org",
            "GITHUB_REPOSITORY": "example/shop",
            "GITHUB_RUN_ID": "42",
        }
        return subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=self.checkout,
            env={**os.environ, **github, **own},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=NEVER,
        )
