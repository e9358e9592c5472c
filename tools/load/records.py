"""The files of a run: the report, replaced once per second; every failure and every acknowledged order, appended.

`<report>.json`, `<report>.failures.jsonl`, `<report>.orders.jsonl`: the last two make it possible to say afterwards
which failures lay inside a deliberate outage, and whether each accepted order is still in the database.
"""

from __future__ import annotations

import json
import typing as t

from tools.load.tally import Failure

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


class Acknowledged(t.NamedTuple):
    """An order that the portal said it had accepted, at seconds since the epoch."""

    at: float
    reference: str


class Records:
    """Where a run writes. Lines are gathered and written once per second."""

    def __init__(self, report: Path) -> None:
        self._report = report
        self._lines: dict[Path, list[str]] = {failures_path(report): [], orders_path(report): []}
        report.parent.mkdir(parents=True, exist_ok=True)
        for path in self._lines:
            path.write_text("")

    def add_failure(self, failure: Failure) -> None:
        self._lines[failures_path(self._report)].append(json.dumps(failure._asdict()))

    def add_order(self, order: Acknowledged) -> None:
        self._lines[orders_path(self._report)].append(json.dumps(order._asdict()))

    def write(self, report: dict[str, t.Any]) -> None:
        """Bring all files up to date; the report is whole at any moment."""
        for path, lines in self._lines.items():
            with path.open("a") as file:
                file.writelines(f"{line}\n" for line in lines)
            lines.clear()
        temporary = self._report.with_name(f".{self._report.name}")
        temporary.write_text(json.dumps(report, indent=2) + "\n")
        temporary.replace(self._report)


def failures_path(report: Path) -> Path:
    return report.with_suffix(".failures.jsonl")


def orders_path(report: Path) -> Path:
    return report.with_suffix(".orders.jsonl")


def read_failures(report: Path) -> list[Failure]:
    return [Failure(**json.loads(line)) for line in failures_path(report).read_text().splitlines()]


def read_orders(report: Path) -> list[Acknowledged]:
    return [Acknowledged(**json.loads(line)) for line in orders_path(report).read_text().splitlines()]


def lost_orders(database_url: str, orders: Iterable[Acknowledged]) -> list[Acknowledged]:
    """Those of the acknowledged orders that are not in the database now."""
    import psycopg

    expected: Sequence[Acknowledged] = list(orders)
    with psycopg.connect(database_url) as connection:
        query = "SELECT reference FROM orders WHERE reference = ANY(%s)"
        kept = {row[0] for row in connection.execute(query, ([order.reference for order in expected],))}
    return [order for order in expected if order.reference not in kept]
