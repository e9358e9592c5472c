"""What is remembered, in a real file store."""

from __future__ import annotations

import datetime
import json
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._notify.memory import MOST_WITHHELD, NOTHING, Memory, Recall, Told
from ansible_collections.holdfast.webops.plugins.module_utils._stores.file import FileStore

from .notices import NOW, event

if t.TYPE_CHECKING:
    from pathlib import Path

FAILED = event()
SUCCEEDED = event("deploy.succeeded", severity="info", state="resolved")


def test_what_was_told_is_there_the_next_time(tmp_path: Path) -> None:
    memory = Memory(FileStore(str(tmp_path)), "shop")
    assert memory.recall() == {}
    told = NOTHING.after_sending([FAILED], 3600, NOW).after_withholding(["[info] Backed up"])
    memory.update(lambda recalls: {**recalls, "ops": told})
    assert memory.recall() == {"ops": told}
    assert told.incidents == {FAILED.incident: Told("2026-11-22T03:00:00Z", "error")}


def test_the_end_of_an_incident_is_forgotten_and_a_message_takes_the_backlog_along() -> None:
    known = NOTHING.after_sending([FAILED], 3600, NOW).after_withholding(["[info] Backed up"])
    assert known.backlog() == ("[info] Backed up",)
    ended = known.after_sending([SUCCEEDED], 3600, NOW)
    assert ended.incidents == {}
    assert ended.backlog() == ()


def test_old_messages_do_not_pile_up() -> None:
    later = NOW + datetime.timedelta(hours=2)
    assert NOTHING.after_sending([FAILED], 3600, NOW).after_sending([FAILED], 3600, later).sent == ("2026-11-22T05:00:00Z",)


def test_the_backlog_stays_small_and_counts_the_rest() -> None:
    backlog = NOTHING.after_withholding([f"line {number}" for number in range(MOST_WITHHELD + 5)] + ["line 0"]).backlog()
    assert len(backlog) == MOST_WITHHELD + 1
    assert backlog[-1] == "and 6 more"


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path))
    first, second = Memory(store, "shop"), Memory(store, "shop")
    calls: list[int] = []

    def meddle(recalls: t.Mapping[str, Recall]) -> t.Mapping[str, Recall]:
        if not calls:  # somebody else writes between our reading and our writing
            calls.append(1)
            second.update(lambda theirs: {**theirs, "other": NOTHING})
        return {**recalls, "ops": NOTHING}

    first.update(meddle)
    assert set(first.recall()) == {"ops", "other"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no json",
        "[]",
        '{"channels": 1}',
        '{"channels": {"ops": {"incidents": {"x": ["yesterday", "error"]}, "sent": [], "withheld": [], "more": 0}}}',
    ],
)
def test_a_damaged_memory_is_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "notifications.json").write_text(content)
    memory = Memory(FileStore(str(tmp_path)), "shop")
    assert memory.recall() == {}
    memory.update(lambda recalls: {**recalls, "ops": NOTHING})
    assert json.loads((tmp_path / "shop" / "notifications.json").read_text())["format"] == 1
