"""The command line of the set-up."""

from __future__ import annotations

import os
import typing as t

from tools.setup import environments, interpreters, packages, requirements, siblings, steps

ONE_CORE = (
    "this machine has only one kind of Python (%s), so only one ansible-core gets tested. The oldest needs Python 3.11, the newest "
    "3.12 or newer: install the other one, then `make clean setup`"
)


def ready() -> None:
    """.venv and the collections."""
    environments.ensure_main()
    siblings.ensure(environments.MAIN.python, environments.MAIN.version)


def newest() -> None:
    """The second ansible-core; on a machine for continuous integration its absence is an error."""
    ready()
    if environments.ensure_newest():
        return
    message = ONE_CORE % interpreters.spell(environments.MAIN.version)
    if os.environ.get("CI"):
        raise steps.SetupError(message)
    steps.say(f"WARNING: {message}")


def debian_packages() -> None:
    """What some suites need from the system."""
    for group in packages.BY_SUITE.values():
        packages.install(group.names, why=group.why)


COMMANDS: dict[str, t.Callable[[], None]] = {"environment": ready, "newest": newest, "packages": debian_packages, "lock": requirements.lock}


def run(words: list[str]) -> int:
    """Do what the first word says, under the checkout's lock. Returns the exit code."""
    command = COMMANDS.get(words[0] if words else "environment")
    if command is None or len(words) > 1:
        return steps.tell_and_fail(steps.SetupError(f"unknown: {' '.join(words)}; known are {', '.join(COMMANDS)}"))
    try:
        with steps.one_at_a_time():
            command()
    except steps.SetupError as error:
        return steps.tell_and_fail(error)
    except OSError as error:
        return steps.tell_and_fail(steps.SetupError(f"{error.filename or 'a file'} cannot be used: {error.strerror}"))
    except KeyboardInterrupt:
        return steps.tell_and_fail(steps.SetupError("interrupted; nothing half-made was left"))
    return 0
