# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run at a time on one host."""

from __future__ import annotations

import contextlib
import fcntl
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, wait_until

LOOK_EVERY_SECONDS = 0.05


@contextlib.contextmanager
def locked(path: str, *, clock: Clock, timeout: float, what: str) -> t.Iterator[None]:
    """Hold a lock file, which is made when missing; DeadlineError names `what`. The kernel frees it when this process dies."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        wait_until(lambda: _try_lock(handle), clock=clock, timeout=timeout, interval=LOOK_EVERY_SECONDS, what=what)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
