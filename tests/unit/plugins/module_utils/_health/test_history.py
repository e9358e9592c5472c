from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health import history
from tests.unit.plugins.module_utils._health.results import check, seen


def entries(*verdicts: str) -> list[history.Entry]:
    return [history.entry_of(seen(verdict=verdict, started=f"2026-11-21T22:3{number}:00Z")) for number, verdict in enumerate(verdicts)]


def test_what_is_remembered_does_not_grow_with_the_number_of_checks() -> None:
    entry = history.entry_of(seen(*[check(str(number)) for number in range(1000)], check("bad", "fail")))
    assert entry["checks"] == {"fail": 1, "pass": 1000}
    assert len(history.text_of([entry])) < 250


def test_what_was_written_is_read_again() -> None:
    written = entries("healthy", "critical")
    assert history.read(history.text_of(written), "x") == written
    assert history.read("", "x") == []


@pytest.mark.parametrize("text", ["root:x:0:0\n", '{"a": 1}\n', "[]\n", '"healthy"\n'])
def test_a_file_that_is_something_else_is_refused_and_so_not_replaced(text: str) -> None:
    with pytest.raises(InputError, match="line 2 of that file is no verdict"):
        history.read(history.text_of(entries("healthy")) + text, "x")


@pytest.mark.parametrize(
    ("verdicts", "minute"),
    [(["critical"], 0), (["healthy", "critical", "critical"], 1), (["critical", "healthy", "critical"], 2), (["healthy"] * 4, 0)],
)
def test_a_verdict_is_since_the_first_look_of_its_last_unbroken_run(verdicts: list[str], minute: int) -> None:
    assert history.since(entries(*verdicts)) == f"2026-11-21T22:3{minute}:00Z"
