"""A thread that lasts: the kernel ends a server with the thread that started it, and the threads of requests are short-lived."""

from __future__ import annotations

import concurrent.futures
import typing as t

_THREAD: t.Final = concurrent.futures.ThreadPoolExecutor(max_workers=1, thread_name_prefix="starts servers")


def start(work: t.Callable[[], None]) -> None:
    """Do it there, and wait for it."""
    _THREAD.submit(work).result()
