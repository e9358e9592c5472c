"""Which hooks belong to what the ledger is told."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._release.hooks import STAGES, hooks_at

EVERY = {f"{when}_{stage}": f"/hooks/{when}_{stage}.yml" for when in ("before", "after") for stage in STAGES}


def at(*events: str) -> tuple[list[str], list[str]]:
    found = hooks_at([{"event": event} for event in events], EVERY)
    return [hook["name"] for hook in found["after"]], [hook["name"] for hook in found["before"]]


@pytest.mark.parametrize(
    ("events", "after", "before"),
    [
        (("release.opened", "backup.started"), [], ["before_backup"]),
        (("stage.completed", "verify.started"), ["after_stage"], ["before_verify"]),
        (("shift.completed", "shift.started"), ["after_shift"], ["before_shift"]),
        (("shift.completed", "release.live", "contract.started"), ["after_shift"], ["before_contract"]),
        (
            ("shift.completed", "release.live", "contract.started", "contract.completed", "retire.started"),
            ["after_shift"],
            ["before_retire"],
        ),
        (("retire.completed", "release.completed"), ["after_retire"], []),
        (("verify.failed", "undo.started"), [], []),
        (("undo.completed", "release.failed"), [], []),
    ],
)
def test_hooks_run_where_the_ledger_is_written(events: tuple[str, ...], after: list[str], before: list[str]) -> None:
    assert at(*events) == (after, before)


def test_a_hook_gets_its_stage_its_file_and_the_share_that_is_meant() -> None:
    entries: list[dict[str, t.Any]] = [
        {"event": "shift.completed", "data": {"percent": 10}},
        {"event": "shift.started", "data": {"percent": 50}},
    ]
    found = hooks_at(entries, EVERY)
    assert found["after"] == [{"name": "after_shift", "stage": "shift", "percent": 10, "file": "/hooks/after_shift.yml"}]
    assert found["before"][0]["percent"] == 50


def test_only_hooks_that_are_set_run() -> None:
    assert hooks_at([{"event": "stage.completed"}, {"event": "verify.started"}], {"before_verify": "/x"})["after"] == []
