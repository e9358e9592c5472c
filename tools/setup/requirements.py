"""Pinning: requirements/*.in become requirements/*.txt with hashes and without addresses."""

from __future__ import annotations

from tools.setup import environments, steps

OPTIONS = ("-m", "uv", "pip", "compile", "--quiet", "--upgrade", "--generate-hashes", "--universal", "--python-version", "3.11")
HEADER = ("--custom-compile-command", "make lock")


def lock() -> None:
    """Pin everything anew, for every supported Python at once."""
    environments.ensure_main()
    for name in ("bootstrap", "collections", "dev"):
        steps.say(f"pinning requirements/{name}.txt")
        files = ["--output-file", f"requirements/{name}.txt", f"requirements/{name}.in"]
        options = [*OPTIONS, *HEADER, *(["--no-deps"] if name == "collections" else [])]
        steps.run([environments.MAIN.python, *options, *files], fetching=f"the versions for requirements/{name}.in")
    steps.say("done; `make setup` brings the environment up to it")
