"""Where an expert's tools come from. They stand in .cache/bench, beside nothing that the collection uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from collections.abc import Iterable

CACHE = Path(".cache/bench").resolve()
AWSCLI = "awscli==1.45.11"


def aws() -> Path:
    """The AWS command line in a virtual environment of its own, because it pins what other parts need newer."""
    program = CACHE / "aws/bin/aws"
    if not program.exists():
        shutil.rmtree(CACHE / "aws", ignore_errors=True)
        _install([sys.executable, "-m", "venv", str(CACHE / "aws")])
        _install([str(CACHE / "aws/bin/pip"), "install", "--quiet", AWSCLI])
    return program


def debian_program(package: str, inside: str) -> Path:
    """A program from the PATH, else from its Debian package, which is unpacked, not installed (that needs no root)."""
    found = shutil.which(Path(inside).name)
    program = Path(found) if found else CACHE / package / inside
    if not program.exists():
        folder = CACHE / package
        folder.mkdir(parents=True, exist_ok=True)
        _install(["apt-get", "--quiet", "download", package], cwd=folder)
        _install(["dpkg", "--extract", str(next(folder.glob("*.deb"))), str(folder)])
    return program


def _install(argv: list[str], *, cwd: Path | None = None) -> None:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != 0:
        raise SystemExit(f"The bench needs a tool to compare with, but '{' '.join(argv)}' failed: {done.stderr.strip()[-500:]}")


def environment(*programs_or_folders: Path) -> dict[str, str]:
    """This process's environment with these first on the PATH."""
    folders = (str(each if each.is_dir() else each.parent) for each in programs_or_folders)
    return {**os.environ, "PATH": os.pathsep.join(unique([*folders, os.environ["PATH"]]))}


def unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
