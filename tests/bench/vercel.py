"""`vercel_deploy` and `vercel_promote` against Vercel's own CLI: the same files, the same local Vercel, by turns."""

from __future__ import annotations

import typing as t

from tests.bench import settings, vercel_deploying, vercel_switching
from tests.conformance.migrations.vendors import ToolMissingError
from tests.conformance.vercel.clients import node_clients
from tests.emulators.vercel.running import LocalVercel

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.figures import Figure

RUNS = 5


def measure(home: Path) -> Iterator[Figure]:
    runs = settings.number("BENCH_RUNS", RUNS)
    try:
        clients = node_clients()
    except ToolMissingError as exc:
        raise SystemExit(str(exc)) from None
    (home / "vercel").mkdir()
    with LocalVercel(home / "vercel", fronts=[vercel_switching.DOMAIN]) as vercel:
        yield from vercel_deploying.measure(vercel, clients, home, runs)
        yield from vercel_switching.measure(vercel, clients, home, runs)
