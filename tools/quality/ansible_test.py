"""`python -m tools.quality.ansible_test sanity|units oldest|newest`: ansible-test with one of the two ansible-cores.

Two outcomes that ansible-test calls a success are failures here: nothing was tested, or a Python of this machine was left out.
"""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

from tools.quality import staging
from tools.setup import environments, interpreters
from tools.setup.steps import CACHE, ROOT

OLDEST_TARGET = (3, 9)
ENVIRONMENTS = {"oldest": environments.MAIN, "newest": environments.SECOND}
LEFT_OUT = re.compile(r"Skipping .* on Python (3\.\d+) because it could not be found")
GET_PIP = """\
import os, subprocess, sys
environment = {name: value for name, value in os.environ.items() if name != "GET_PIP"}
arguments = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"], env=environment, stdout=subprocess.DEVNULL)
subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", *arguments], env=environment)
"""


def complaints(output: str, present: set[str]) -> list[str]:
    """What is wrong with a run that ended well, given the Pythons of this machine as `3.9` and so on."""
    found = ["it tested nothing: all targets were skipped"] if "All targets skipped" in output else []
    found += [f"it left out Python {version}, which this machine has" for version in sorted(set(LEFT_OUT.findall(output)) & present)]
    return found


def link_pythons(folder: pathlib.Path) -> set[str]:
    """A folder for PATH with every Python of this machine by its name: ansible-test stumbles over pyenv's shims, which exist and fail."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    found = interpreters.discover(OLDEST_TARGET)
    for interpreter in found:
        (folder / f"python{interpreters.spell(interpreter.version)}").symlink_to(interpreter.path)
    return {interpreters.spell(interpreter.version) for interpreter in found}


def make_home(home: pathlib.Path, environment: environments.Environment) -> None:
    """A home for what ansible-test keeps: outside the user's own, but with the user's settings for pip.

    It downloads a get-pip script from a server of the Ansible project unless it finds one there; ensurepip does the same offline.
    """
    (internals,) = environment.folder.glob("lib/python3*/site-packages/ansible_test/_internal/python_requirements.py")
    version = re.findall(r"pip='([0-9.]+)'", internals.read_text())[0].replace(".", "_")
    script = home / ".ansible" / "test" / "cache" / f"get_pip_{version}.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(GET_PIP)
    for settings in (".pip", ".config/pip"):
        (home / settings).parent.mkdir(parents=True, exist_ok=True)
        if (pathlib.Path.home() / settings).exists() and not (home / settings).exists():
            (home / settings).symlink_to(pathlib.Path.home() / settings)


def arguments(kind: str, version: interpreters.Version) -> list[str]:
    """The words after `ansible-test`."""
    if kind == "sanity":
        return ["sanity", "--local", "--color", "no"]
    return ["units", "--local", "--color", "no", "--python", interpreters.spell(version), "tests/unit/plugins/"]


def main(kind: str, line: str) -> int:
    """Run it, show what it says, and judge that. Returns the exit code."""
    environment = ENVIRONMENTS[line]
    if not environment.is_ready:
        print(f"{environment.folder.name} is missing: this machine's Pythons allow only one ansible-core (see `make setup`)")
        return 1
    room = CACHE / "ansible-test" / f"{kind}-{line}"
    staged = staging.stage(room / "tree")
    present = link_pythons(room / "bin")
    home = CACHE / "ansible-test" / f"home-{line}"
    make_home(home, environment)
    path = f"{environment.folder / 'bin'}:{room / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHONPATH"))}
    code, output = run(["ansible-test", *arguments(kind, environment.version)], staged, {**env, "PATH": path, "HOME": str(home)})
    wrong = complaints(output, present)
    print(f"Pythons of this machine: {', '.join(sorted(present))}.", *[f"FAILED: {text}." for text in wrong], sep="\n")
    return code or bool(wrong)


def run(argv: list[str], folder: pathlib.Path, env: dict[str, str]) -> tuple[int, str]:
    """Run a program, showing what it says at once; returns its exit code and all that it said."""
    lines = []
    with subprocess.Popen(
        argv, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    return process.returncode, "".join(lines)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(*sys.argv[1:3]))
