# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A headless Chromium, spoken to over two pipes: NUL-terminated JSON of the DevTools protocol, no port and no library.

Protocol: https://chromedevtools.github.io/devtools-protocol/ (--remote-debugging-pipe: it reads from file 3, writes to 4).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import sys
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, stop

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless_shell")
OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--window-size=1280,800",
)
# The browser wants its pipes as files 3 and 4; no function that starts children can number them without a shell or code
# between fork and exec, which is not safe in a process with threads. So a Python of our own does it and becomes the browser.
BECOME = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
LARGEST_MESSAGE = 16 * 1024 * 1024
# Above what BECOME overwrites.
LEAST_FD = 10

Event = t.Mapping[str, t.Any]


class BrowserError(Exception):
    """The browser did not do what it was asked; a sentence without a full stop."""


def find_browser() -> t.Optional[str]:
    """The path of a Chromium on this host."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One browser with one page, its profile in a folder that is removed with it. `on_event` sees everything it reports."""

    def __init__(self, deadline: Deadline, reading: int, writing: int) -> None:
        self.on_event: t.Callable[[Event], None] = lambda _event: None
        self._deadline = deadline
        self._reading, self._writing = reading, writing
        self._buffer = bytearray()
        self._number = 0
        self._session: t.Optional[str] = None

    def open_page(self) -> None:
        """A page of its own, to which all further calls go."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def call(self, method: str, **params: t.Any) -> dict[str, t.Any]:
        """The result of one command. Raises BrowserError, also when the deadline passes."""
        number = self.send(method, **params)
        while True:
            message = self._next(self._deadline.remaining())
            if message is None:
                raise BrowserError(f"the browser did not answer {method} in time")
            if message.get("id") == number:
                if "error" in message:
                    raise BrowserError(f"the browser refused {method}: {str(message['error'].get('message'))[:200]}")
                return dict(message.get("result", {}))

    def send(self, method: str, **params: t.Any) -> int:
        """A command whose answer nobody waits for; returns its number."""
        self._number += 1
        message: dict[str, t.Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        try:
            self._write(json.dumps(message).encode() + b"\0")
        except OSError:
            raise BrowserError("the browser ended") from None
        return self._number

    def listen(self, seconds: float, until: t.Callable[[], bool] = lambda: False) -> None:
        """Let events come for so long, or until `until` says that it was enough."""
        waiting = self._deadline.part(seconds)
        while not until() and self._next(waiting.remaining()) is not None:
            pass

    def _write(self, payload: bytes) -> None:
        while payload:
            if not select.select([], [self._writing], [], self._deadline.remaining())[1]:
                raise BrowserError("the browser took no command in time")
            payload = payload[os.write(self._writing, payload) :]

    def _next(self, seconds: float) -> t.Optional[dict[str, t.Any]]:
        """The next message, None when none comes in `seconds`."""
        waiting = self._deadline.part(seconds)
        while b"\0" not in self._buffer:
            if len(self._buffer) > LARGEST_MESSAGE:
                raise BrowserError("the browser says too much at once")
            if not select.select([self._reading], [], [], waiting.remaining())[0]:
                return None
            piece = os.read(self._reading, 65536)
            if not piece:
                raise BrowserError("the browser ended")
            self._buffer += piece
        text, _nul, rest = bytes(self._buffer).partition(b"\0")
        self._buffer = bytearray(rest)
        message = json.loads(text)
        if "method" in message:
            self.on_event(message)
        return dict(message)


@contextlib.contextmanager
def running(path: str, deadline: Deadline) -> t.Iterator[Browser]:
    """A browser that is gone afterwards, with its profile."""
    with contextlib.ExitStack() as stack:
        profile = tempfile.mkdtemp(prefix="holdfast-browser-")
        stack.callback(shutil.rmtree, profile, ignore_errors=True)
        (theirs_in, ours_out), (ours_in, theirs_out) = _pipe(), _pipe()
        for end in (ours_in, ours_out):
            stack.callback(os.close, end)
        os.set_blocking(ours_out, False)
        argv = [sys.executable, "-I", "-S", "-c", BECOME, str(theirs_in), str(theirs_out), path, *OPTIONS, f"--user-data-dir={profile}"]
        if os.geteuid() == 0:  # Chromium refuses root a sandbox
            argv.append("--no-sandbox")
        try:
            child = Commands().start([*argv, "about:blank"], env={"HOME": profile}, pass_fds=(theirs_in, theirs_out))
        finally:
            for end in (theirs_in, theirs_out):  # otherwise the end of the browser could not be noticed
                os.close(end)
        stack.callback(stop, child)
        yield Browser(deadline, ours_in, ours_out)


def _pipe() -> tuple[int, int]:
    """The end to read from and the end to write to, numbered LEAST_FD or higher."""
    low = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, LEAST_FD) for end in low)
    for end in low:
        os.close(end)
    return high[0], high[1]
