from __future__ import annotations

import json

from ansible_collections.holdfast.webops.plugins.module_utils._health import json_report
from tests.unit.plugins.module_utils._health.results import HOSTILE, check, seen


def test_it_holds_the_whole_result_and_the_labels() -> None:
    result = seen(check("app", evidence={"body_head": HOSTILE}), since="2026-11-21T22:00:00Z")
    expected = {name: value for name, value in result.items() if name != "history"}
    assert json.loads(json_report.render(result)) == expected


def test_the_same_result_gives_the_same_text_whatever_the_order_of_its_keys() -> None:
    result = seen(check())
    assert json_report.render(result) == json_report.render(dict(reversed(result.items())))
