"""One run at a time in one home."""

from __future__ import annotations

import contextlib
import fcntl
import os
import typing as t

from tools.embedded.errors import EmbeddedError

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.embedded.home import Home


@contextlib.contextmanager
def held(home: Home) -> Iterator[None]:
    """Hold the home for this process; the kernel lets go of it however the process ends."""
    home.path.mkdir(parents=True, exist_ok=True)
    handle = os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 20, 0).decode().strip() or "unknown"
            raise EmbeddedError(f"already running (pid {holder}) in {home.path}; wait for it, or end it with Ctrl-C there.") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
