"""`python -m tools.quality.changelog`: CHANGELOG.md and changelogs/changelog.yaml for the version in galaxy.yml, written anew.

antsibull-changelog adds nothing to a version that it knows already. So that modules and roles which came later get into it,
the version is taken out first, and comes back complete.
"""

from __future__ import annotations

import subprocess
import sys
import typing as t

import yaml

from tools.setup.steps import ROOT

CHANGES = ROOT / "changelogs/changelog.yaml"
RELEASE = ("antsibull-changelog", "release", "--reload-plugins", "--cummulative-release")


def without(changes: dict[str, t.Any], version: str) -> dict[str, t.Any]:
    """The changes of all other versions."""
    return {**changes, "releases": {name: release for name, release in changes["releases"].items() if name != version}}


def main() -> int:
    """Returns the exit code of antsibull-changelog."""
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
    changes = yaml.safe_load(CHANGES.read_text())
    CHANGES.write_text(yaml.safe_dump(without(changes, version), explicit_start=True))
    return subprocess.run(RELEASE, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
