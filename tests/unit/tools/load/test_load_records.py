from __future__ import annotations

import json
import typing as t

from tools.load.records import Acknowledged, Records, read_failures, read_orders
from tools.load.tally import Failure

if t.TYPE_CHECKING:
    from pathlib import Path


def test_what_was_recorded_can_be_read_again(tmp_path: Path) -> None:
    report = tmp_path / "load.json"
    failure, order = Failure(1.0, 2.0, "status", "GET /orders", 500, "1.2"), Acknowledged(3.0, "load-1-0000001")
    records = Records(report)
    records.add_failure(failure)
    records.write({"sent": 1})
    records.add_order(order)
    records.write({"sent": 2})
    assert read_failures(report) == [failure]
    assert read_orders(report) == [order]
    assert json.loads(report.read_text()) == {"sent": 2}


def test_a_new_run_does_not_inherit_the_orders_of_an_earlier_one(tmp_path: Path) -> None:
    report = tmp_path / "load.json"
    first = Records(report)
    first.add_order(Acknowledged(1.0, "load-0-0000001"))
    first.write({})
    Records(report).write({})
    assert read_orders(report) == []
