"""The virtual environments of the checkout, made from pinned requirements with hashes."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
import sys

from tools.setup import interpreters, packages, steps

BOOTSTRAP = steps.ROOT / "requirements" / "bootstrap.txt"
LOCK = steps.ROOT / "requirements" / "dev.txt"
PIP = ("-m", "pip", "install", "--quiet", "--retries", "2", "--require-hashes", "--requirement")


@dataclasses.dataclass(frozen=True)
class Environment:
    """A virtual environment in a folder of the checkout."""

    folder: pathlib.Path

    @property
    def python(self) -> pathlib.Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def version(self) -> interpreters.Version:
        """The Python it was made with, read from its own description."""
        described = dict(line.split(" = ", 1) for line in (self.folder / "pyvenv.cfg").read_text().splitlines() if " = " in line)
        major, minor = described.get("version", described.get("version_info", "")).split(".")[:2]
        return int(major), int(minor)

    @property
    def is_ready(self) -> bool:
        """Whether it is complete, made from the present lock for this very place (environments do not survive a move)."""
        return steps.is_complete(self.folder, self.key) and self.python.exists()

    @property
    def key(self) -> str:
        """What it is made from."""
        return steps.key_of(BOOTSTRAP, LOCK, str(self.folder))


MAIN = Environment(steps.ROOT / ".venv")
SECOND = Environment(steps.ROOT / ".cache" / "venv-newest")


def make(environment: Environment, interpreter: interpreters.Interpreter) -> None:
    """Make the environment anew from the lock."""
    name = environment.folder.name
    version = interpreters.spell(interpreter.version)
    if environment.folder.exists():
        steps.say(f"{name} is incomplete or older than the pinned requirements; making it anew")
    steps.say(f"making {name} with Python {version} ({interpreter.path}), about 400 MB")
    with steps.whole_or_absent(environment.folder, environment.key):
        lay_out(environment, interpreter)
        steps.run([environment.python, *PIP, BOOTSTRAP], fetching="the installer uv (requirements/bootstrap.txt)")
        _install(environment)


def lay_out(environment: Environment, interpreter: interpreters.Interpreter) -> None:
    """The empty environment. Debian keeps what `python3 -m venv` needs in a package of its own."""
    finished = steps.attempt([interpreter.path, "-m", "venv", environment.folder])
    if finished.returncode and shutil.which("uv"):
        finished = steps.attempt(["uv", "venv", "--seed", "--clear", "--python", interpreter.path, environment.folder])
    if finished.returncode:
        packages.install([packages.venv_package(interpreter.version)])
        finished = steps.attempt([interpreter.path, "-m", "venv", "--clear", environment.folder])
    if finished.returncode:
        reason = (finished.stdout.strip().splitlines() or ["it said nothing"])[-1]
        raise steps.SetupError(f"{interpreter.path} cannot make a virtual environment in {environment.folder}: {reason}")


def _install(environment: Environment) -> None:
    """Everything that is pinned: by uv, which takes seconds, or by pip where uv cannot (an index that only pip knows)."""
    into = ["--quiet", "--python", str(environment.python), "--require-hashes", "--requirement", str(LOCK)]
    finished = steps.attempt([environment.python, "-m", "uv", "pip", "install", *into], UV_COMPILE_BYTECODE="1")
    if finished.returncode:
        steps.say("uv could not install the requirements; trying pip, which takes longer")
        steps.run([environment.python, *PIP, LOCK], fetching="the packages of requirements/dev.txt")


def ensure_main() -> None:
    """.venv: the oldest supported Python of the machine, so the oldest ansible-core; or the one that WEBOPS_PYTHON asks for."""
    asked = os.environ.get("WEBOPS_PYTHON")
    if not asked:
        if not MAIN.is_ready:
            make(MAIN, _found()[0])
        return
    wanted = interpreters.supported([interpreters.ask(shutil.which(asked) or asked)])
    if not wanted:
        oldest, newest = interpreters.spell(interpreters.OLDEST), interpreters.spell(interpreters.NEWEST)
        raise steps.SetupError(f"WEBOPS_PYTHON={asked} is not a Python from {oldest} to {newest} that runs")
    if not MAIN.is_ready or MAIN.version != wanted[0].version:
        make(MAIN, wanted[0])


def ensure_newest() -> bool:
    """.cache/venv-newest for the newest ansible-core. False when this machine's Pythons allow only one ansible-core."""
    if SECOND.is_ready:
        return True
    found = _found()
    if interpreters.core_line(found[-1].version) == interpreters.core_line(MAIN.version):
        return False
    make(SECOND, found[-1])
    return True


def _found() -> list[interpreters.Interpreter]:
    found = interpreters.discover()
    if not found:
        raise steps.SetupError(interpreters.nothing_suitable(sys.version_info[:2]))
    return found
