# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same work on many things at once."""

from __future__ import annotations

import concurrent.futures
import contextlib
import threading
import typing as t

T = t.TypeVar("T")
R = t.TypeVar("R")


def side_by_side(act: t.Callable[[T], R], things: t.Iterable[T], jobs: int) -> list[R]:
    """What `act` makes of each, in their order. The first error ends it: what has not begun then is left out."""
    stop = threading.Event()

    def one(thing: T) -> R:
        if stop.is_set():
            return t.cast(R, None)  # begun after the one that failed, so nobody gets as far as this in the list
        with contextlib.ExitStack() as failing:
            failing.callback(stop.set)
            made = act(thing)
            failing.pop_all()
        return made

    with concurrent.futures.ThreadPoolExecutor(jobs, "object") as pool:
        return list(pool.map(one, things))
