from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._recovery.aiming import aim
from tests.unit.plugins.module_utils._recovery.rehearsals import NOON, backup

OLDEST = "2026-11-22T10:00:00Z"
CLUSTER = {"provable": True, "oldest": OLDEST, "newest": "2026-11-22T11:59:00Z"}
HOSTED = {**CLUSTER, "provable": False, "oldest": "2026-11-20T10:00:00Z"}
LOGICAL = (backup(state="ok"), backup(at="2026-11-22T09:00:00Z", state="ok"), backup(at="2026-11-21T09:00:00Z", state="damaged"))


def aimed(text: str, backups: t.Sequence[t.Any] = LOGICAL, physical: t.Any = None) -> dict[str, t.Any]:
    return aim(text, {"backups": backups, "physical": physical}, NOON)


@pytest.mark.parametrize(
    ("text", "physical", "whole", "moment"),
    [
        ("2026-11-22T11:00:00Z", CLUSTER, True, None),
        ("2026-11-22T11:00:00Z", None, False, "2026-11-22T11:00:00Z"),
        ("2026-11-22T12:00:00+01:00", HOSTED, False, "2026-11-22T11:00:00Z"),
        ("2026-11-22T09:30:00Z", CLUSTER, False, "2026-11-22T09:30:00Z"),
        ("point before-release-42", CLUSTER, True, None),
        ("transaction 7351", CLUSTER, True, None),
    ],
    ids=["by the cluster", "by a backup", "beside what a provider keeps", "before the cluster", "a restore point", "a transaction"],
)
def test_a_moment_is_gone_back_to_by_every_way_that_reaches_it(text: str, physical: t.Any, whole: bool, moment: str | None) -> None:
    assert aimed(text, physical=physical) == {"problem": "", "whole": whole, "moment": moment}


@pytest.mark.parametrize(
    ("text", "given", "said"),
    [
        ("yesterday", {}, "target is 'yesterday', which names no moment. Give latest, a time such as"),
        ("2026-11-22T12:00:01Z", {}, "which is in the future; it is 2026-11-22T12:00:00Z."),
        ("2026-11-22T08:59:59Z", {"physical": CLUSTER}, "before the first backup, which is of 2026-11-22T09:00:00Z."),
        ("2026-11-20T12:00:00Z", {"physical": HOSTED}, "before the first backup, which is of 2026-11-22T09:00:00Z."),
        ("2026-11-22T11:00:00Z", {"backups": []}, "and there is no backup that could be restored."),
        (
            "point before-release-42",
            {"physical": HOSTED},
            "is 'point before-release-42', which only physical backups know, and there are none",
        ),
    ],
    ids=["no moment", "in the future", "before all", "what a provider keeps does not count", "no backup", "nothing knows the point"],
)
def test_a_moment_that_cannot_be_had_is_a_sentence(text: str, given: dict[str, t.Any], said: str) -> None:
    problem = aimed(text, **given)["problem"]
    assert problem.startswith("portal_rehearse_target")
    assert said in problem
