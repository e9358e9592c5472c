# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module development_server: start it, look whether it serves, end it."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, failure, find_program, stop
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._health.arguments import checks_arguments
from ansible_collections.holdfast.webops.plugins.module_utils._health.rounds import Looks, run_round
from ansible_collections.holdfast.webops.plugins.module_utils._health.verdict import CRITICAL, Round
from ansible_collections.holdfast.webops.plugins.module_utils._health.watch import Patience, Report, looks_for, watch

INTERVAL = 0.5  # seconds between two looks
CONNECT_TIMEOUT = 5.0
LAST_WORDS = 4000  # bytes

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    **checks_arguments(required=True),
    "base_url": {"type": "str", "required": True},
    "command": {"type": "list", "elements": "str", "required": True},
    "directory": {"type": "path", "required": True},
    "wait_timeout": {"type": "float", "default": 60.0},
    "secret_environment": {"type": "dict", "default": {}, "no_log": True},
}


def see_it_serve(call: Call) -> Outcome:
    """Nothing is left running that was started here, whatever comes of it."""
    address = _address(call.params["base_url"])
    looks = looks_for(call)
    _check(call.params)
    if call.check_mode:
        return Outcome({}, {}, {"started": False, "verdict": None, "summary": None, "checks": [], "waited_s": None})
    if _listens(address):
        report = _watched(looks, call.params["wait_timeout"], still_runs=lambda: None)
        return _told(report, started=False, warning=f"Something answered on {call.params['base_url']} already; it was looked at instead.")
    return _told(_while_it_runs(call.params, looks), started=True)


def _check(params: t.Mapping[str, t.Any]) -> None:
    if not params["command"] or not params["command"][0].strip():
        raise InputError("The option command is empty.", hint="Give a list: the program and its arguments.")
    if not os.path.isdir(params["directory"]):
        raise InputError(f"directory: there is no folder '{params['directory']}'.", hint="Name the checkout of the portal.")
    if params["wait_timeout"] <= 0:
        raise InputError(f"The wait_timeout is {params['wait_timeout']:g} s.", hint="Give seconds above 0.")


def _address(url: str) -> tuple[str, int]:
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        parts, port = urllib.parse.urlsplit(""), None
    if not parts.hostname or port is None:
        raise InputError("base_url is no address of a web server.", hint="Write it like http://localhost:5173.")
    return parts.hostname, port


def _listens(address: tuple[str, int]) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(address, CONNECT_TIMEOUT).close()
        return True
    return False


def _while_it_runs(params: t.Mapping[str, t.Any], looks: Looks) -> Report:
    program, *arguments = params["command"]
    argv = [program if "/" in program else find_program(program, hint="Install it, or correct the command."), *arguments]
    with tempfile.TemporaryFile() as said:
        child = Commands().start(argv, cwd=params["directory"], stdout=said, stderr=said)

        def still_runs() -> None:
            if child.poll() is not None:
                raise failure(argv, child.returncode, _last_words(said))

        try:
            report = _watched(looks, params["wait_timeout"], still_runs)
        finally:
            stop(child)
        if report.verdict == CRITICAL:
            raise WebopsError(
                f"It was started and did not serve within {params['wait_timeout']:g} s: {report.summary}",
                hint=f"It said: {_last_words(said).decode('utf-8', 'replace').strip() or 'nothing.'}",
                **_values(report, started=True),
            )
    return report


def _watched(looks: Looks, timeout: float, still_runs: t.Callable[[], None]) -> Report:
    clock = SystemClock()

    def look(until: t.Optional[Deadline]) -> Round:
        still_runs()
        return run_round(looks, clock, until)

    return watch(look, clock, Patience(timeout, INTERVAL, 1))


def _last_words(said: t.IO[bytes]) -> bytes:
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - LAST_WORDS))
    return said.read()


def _told(report: Report, *, started: bool, warning: str = "") -> Outcome:
    values = _values(report, started=started)
    if report.verdict == CRITICAL:
        raise WebopsError(f"What answers there is not the portal: {report.summary}", hint="End it, and run this again.", **values)
    return Outcome({}, {}, values, (warning,) if warning else ())


def _values(report: Report, *, started: bool) -> dict[str, t.Any]:
    return {
        "started": started,
        "verdict": report.verdict,
        "summary": report.summary,
        "checks": [result.as_dict() for result in report.results],
        "waited_s": report.waited_s,
    }
