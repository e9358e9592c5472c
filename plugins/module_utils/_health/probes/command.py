# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind command: does the program end as it should, and say what it should?"""

from __future__ import annotations

import os
import select
import subprocess
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, stop
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import Redactor
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding, milliseconds
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.command import CommandTarget

LARGEST_OUTPUT = 1024 * 1024
SHOWN = 500


def look(target: CommandTarget, deadline: Deadline, clock: Clock) -> Finding:
    """Run it with a closed stdin until it has ended or the deadline has passed; output beyond 1 MiB is thrown away."""
    program = f"the program {os.path.basename(target.argv[0])}"
    started = clock.monotonic()
    child = Commands().start(target.argv, env=target.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, complete = _read(t.cast("t.IO[bytes]", child.stdout), deadline)
        code = child.wait(max(deadline.remaining(), 0.01))
    except (TimeoutError, subprocess.TimeoutExpired):
        return Finding("", problems=(f"{program} did not end in time and was stopped",), figures={"total_ms": None})
    finally:
        stop(child, 0.2)
        t.cast("t.IO[bytes]", child.stdout).close()
    text = output.decode("utf-8", "replace")
    evidence = Evidence(status=code, body_head=Redactor(target.environment.values())(text)[:SHOWN])
    figures = {"total_ms": milliseconds(clock.monotonic() - started)}
    problems = tuple(_problems(target, program, code, text, complete))
    return Finding(f"{program} ended with {code}", problems=problems, figures=figures, evidence=evidence)


def _read(pipe: t.IO[bytes], deadline: Deadline) -> tuple[bytes, bool]:
    """The output up to LARGEST_OUTPUT, and whether that is all. Raises TimeoutError."""
    output, complete = bytearray(), True
    while True:
        if not select.select([pipe], [], [], deadline.remaining())[0]:
            raise TimeoutError
        piece = os.read(pipe.fileno(), 65536)
        if not piece:
            return bytes(output), complete
        room = LARGEST_OUTPUT - len(output)
        complete = complete and len(piece) <= room
        output += piece[:room]


def _problems(target: CommandTarget, program: str, code: int, text: str, complete: bool) -> t.Iterator[str]:
    if code not in target.expect_rc:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        yield f"{program} {how} instead of {' or '.join(str(each) for each in target.expect_rc)}"
    missing = []
    if target.expect_body and target.expect_body not in text:
        missing.append(f"the output does not contain '{target.expect_body}'")
    if target.expect_regex and not target.expect_regex.search(text):
        missing.append(f"the output does not match the regular expression '{target.expect_regex.pattern}'")
    yield from missing
    if missing and not complete:
        yield f"only the first {LARGEST_OUTPUT} bytes of the output were looked at"
