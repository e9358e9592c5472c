"""The course of a release: moving traffic, and a deploy that finds nothing to do."""

from __future__ import annotations

import typing as t

from tests.bench import deploying, switching

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.figures import Figure


def measure(home: Path) -> Iterator[Figure]:
    yield from switching.measure(home)
    yield from deploying.measure()
