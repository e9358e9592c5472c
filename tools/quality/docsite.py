"""`make docs`: the guides and the generated reference as one web site, made without a network."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

from tools.quality.staging import tracked_files
from tools.setup.steps import ROOT

SITE = ROOT / "build" / "docs"
SOURCE = ROOT / "build" / "docs-source"


def lay_out() -> None:
    """The pages where Sphinx reads them, in the checkout's own layout, so that their links to each other hold."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    for name in tracked_files():
        if name.endswith(".md") and (name.startswith("docs/") or "/" not in name):
            (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, SOURCE / name)
    shutil.copytree(pathlib.Path(__file__).with_name("site"), SOURCE, dirs_exist_ok=True)


def make() -> int:
    """Build the site; returns the exit code."""
    lay_out()
    reference = SOURCE / "reference"
    reference.mkdir(mode=0o755)
    collect = ["--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(reference), "holdfast.webops"]
    for command in (
        ["antsibull-docs", "collection", *collect],
        [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "-b", "html", str(SOURCE), str(SITE)],
    ):
        finished = subprocess.run(command, cwd=ROOT, check=False)
        if finished.returncode:
            return finished.returncode
    print(f"{SITE.relative_to(ROOT)}/index.html")
    return 0
