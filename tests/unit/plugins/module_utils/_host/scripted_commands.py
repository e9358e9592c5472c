"""Commands that are not run: what was asked for, and the answers given before."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, Finished, failure
from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import Program


class ScriptedCommands(Commands):
    """`answers` maps a word of the command line to (exit code, output); everything else succeeds in silence."""

    def __init__(self, answers: dict[str, tuple[int, str]] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []
        self.environments: list[t.Mapping[str, str] | None] = []

    def run(self, argv: t.Sequence[str], *, env: t.Mapping[str, str] | None = None, **_rest: t.Any) -> Finished:
        self.asked.append(" ".join(argv))
        self.environments.append(env)
        code, output = next((answer for word, answer in self.answers.items() if word in argv), (0, ""))
        return Finished(tuple(argv), code, output.encode(), b"")

    def check(self, argv: t.Sequence[str], **rest: t.Any) -> Finished:
        done = self.run(argv, **rest)
        if done.returncode:
            raise failure(done.argv, done.returncode, done.stdout)
        return done


def program(**changes: t.Any) -> Program:
    given: dict[str, t.Any] = {
        "name": "holdfast-orders-green",
        "portal": "orders",
        "slot": "green",
        "command": ("/opt/venv/bin/app", "--greeting", 'say "hi" 100% $HOME'),
        "directory": "/srv/orders/slots/green/current",
        "environment_file": "/srv/orders/slots/green/environment",
        "launcher": "/srv/orders/slots/green/run",
        "log": "/srv/orders/log/green.log",
        "user": "orders",
        "stop_timeout": 20,
    }
    return Program(**{**given, **changes})
