# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Child processes: an argument list, a closed stdin, a timeout; never a shell. Secrets travel by environment or stdin."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, DeadlineError, NotFoundError

SHOWN_LINES = 15


@dataclasses.dataclass(frozen=True)
class Finished:
    """How a child process ended."""

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "replace")

    @property
    def errors(self) -> str:
        return self.stderr.decode("utf-8", "replace")


def find_program(name: str, *, hint: str = "") -> str:
    """The full path of a program on PATH; NotFoundError with `hint` where there is none."""
    path = shutil.which(name)
    if path is None:
        raise NotFoundError(f"The program '{name}' was not found on this host.", hint=hint)
    return path


def failure(argv: t.Sequence[str], returncode: int, stderr: bytes) -> CommandError:
    """The error that says which program failed, how, and its last words."""
    program = os.path.basename(argv[0])
    how = f"was ended by {signal.Signals(-returncode).name}" if returncode < 0 else f"ended with exit code {returncode}"
    said = "\n".join(stderr.decode("utf-8", "replace").strip().splitlines()[-SHOWN_LINES:])
    return CommandError(f"{program} {how}{': ' + said if said else ', without a word.'}", program=program, rc=returncode)


class Commands:
    """Runs programs. Messages are in English (LC_ALL=C.UTF-8) so that they can be read by code and looked up by people."""

    def run(
        self,
        argv: t.Sequence[str],
        *,
        env: t.Mapping[str, str] | None = None,
        input: bytes | None = None,
        timeout: float,
        cwd: str | None = None,
    ) -> Finished:
        """Run to the end, at most `timeout` seconds; `env` is added to the inherited environment."""
        child = self.start(
            argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            out, err = child.communicate(input, timeout=timeout)
        except subprocess.TimeoutExpired as exc:
            stop(child)
            raise DeadlineError(f"{os.path.basename(argv[0])} did not end within {timeout:g} s and was stopped.") from exc
        return Finished(tuple(argv), child.returncode, out, err)

    def check(
        self,
        argv: t.Sequence[str],
        *,
        env: t.Mapping[str, str] | None = None,
        input: bytes | None = None,
        timeout: float,
        cwd: str | None = None,
    ) -> Finished:
        """As `run`; CommandError when the exit code is not 0."""
        done = self.run(argv, env=env, input=input, timeout=timeout, cwd=cwd)
        if done.returncode != 0:
            raise failure(done.argv, done.returncode, done.stderr)
        return done

    def start(
        self,
        argv: t.Sequence[str],
        *,
        env: t.Mapping[str, str] | None = None,
        cwd: str | None = None,
        stdin: int | t.IO[bytes] = subprocess.DEVNULL,
        stdout: int | t.IO[bytes] = subprocess.DEVNULL,
        stderr: int | t.IO[bytes] = subprocess.DEVNULL,
        pass_fds: t.Sequence[int] = (),
        inherit: bool = True,
    ) -> subprocess.Popen[bytes]:
        """Start a child for a pipeline, in a process group of its own; the caller must end it (`stop`).

        It inherits `pass_fds` under their numbers, and no other file; without `inherit`, nothing of our environment either.
        """
        try:
            # run_command reads everything into memory and knows no deadline; backups are streams.
            return subprocess.Popen(  # pylint: disable=ansible-bad-function
                list(argv),
                env={**(os.environ if inherit else {}), "LC_ALL": "C.UTF-8", **(env or {})},
                cwd=cwd,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                pass_fds=tuple(pass_fds),
                start_new_session=True,
            )
        except FileNotFoundError as exc:
            raise NotFoundError(f"The program '{argv[0]}' was not found on this host.") from exc
        except OSError as exc:
            raise CommandError(f"The program '{argv[0]}' could not be started: {exc.strerror}.") from exc


def stop(child: subprocess.Popen[bytes], grace: float = 2.0) -> None:
    """End a child and its process group: SIGTERM, then SIGKILL after `grace` seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        try:
            child.wait(grace)
            return
        except subprocess.TimeoutExpired:
            continue
