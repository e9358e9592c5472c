"""The wait for a restore: what was lost on the way, what never begins, what takes too long."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase import restoring
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.failures import ApiError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.orders import GRAMMAR, order_for
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._supabase.kept import REF, any_moment, project

CALL = Call({}, False, lambda _secret: None, lambda _text: None, lambda value: value)
ORDER = order_for(GRAMMAR.read("2026-11-22T11:30:00Z"), any_moment())


class Statuses:
    """An API whose project has these statuses, look by look; the last one again and again. `refuses` answers the order."""

    project_ref = REF

    def __init__(self, *statuses: str, refuses: Exception | None = None, seconds: float = 3600) -> None:
        self.clock = FakeClock()
        self.deadline = Deadline(self.clock, seconds)
        self.ordered: list[t.Any] = []
        self._statuses = list(statuses)
        self._refuses = refuses

    def within(self, _seconds: float) -> Statuses:
        return self

    def get(self, _what: str, _path: str) -> dict[str, str]:
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        return {"name": "VZ Portal", "region": "eu-central-1", "status": status}

    def post(self, _what: str, path: str, body: t.Any, *, repeat: bool) -> None:
        assert not repeat
        self.ordered.append((path, body))
        if self._refuses:
            raise self._refuses


def restore(api: Statuses) -> restoring.Restored:
    return restoring.carry_out(CALL, t.cast(t.Any, api), project(), ORDER, "All is lost.")


def test_a_restore_is_ordered_once_and_waited_for() -> None:
    api = Statuses("RESTORING", "RESTORING", "ACTIVE_HEALTHY")
    assert restore(api).project.status == "ACTIVE_HEALTHY"
    assert api.ordered == [(ORDER.path, ORDER.body)]
    assert len(api.clock.slept) == 2


def test_an_order_whose_answer_was_lost_is_looked_for_and_not_sent_again() -> None:
    api = Statuses("ACTIVE_HEALTHY", "RESTORING", "ACTIVE_HEALTHY", refuses=LostAnswerError("It is not known."))
    assert restore(api).project.status == "ACTIVE_HEALTHY"
    assert len(api.ordered) == 1


def test_an_order_that_nobody_carries_out_is_told_with_what_is_known_of_it() -> None:
    with pytest.raises(WebopsError, match=r"It is not known\. The project was ACTIVE_HEALTHY for 120 s, and no restore was seen\."):
        restore(Statuses("ACTIVE_HEALTHY", refuses=LostAnswerError("It is not known.")))


def test_a_restore_that_takes_longer_than_the_task_may_goes_on_and_is_found_by_the_next_one() -> None:
    with pytest.raises(DeadlineError, match=r"the project is RESTORING\. Run the same task again"):
        restore(Statuses("RESTORING", seconds=60))
    api = Statuses("RESTORING", "ACTIVE_HEALTHY")
    assert restoring.wait_for_other(CALL, t.cast(t.Any, api)).project.status == "ACTIVE_HEALTHY"
    assert api.ordered == []


def test_a_plan_without_it_is_explained() -> None:
    refusal = ApiError("restore the project", 402, {"message": "Upgrade"})
    with pytest.raises(WebopsError, match=r"Upgrade \(402\)\. Point-in-time recovery is an add-on of the plan Pro"):
        restore(Statuses("ACTIVE_HEALTHY", refuses=refusal))


@pytest.mark.parametrize(("confirm", "said"), [(None, "confirm is missing"), ("vz-portal", "confirm is 'vz-portal'")])
def test_whoever_restores_names_the_project(confirm: str | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        restoring.check_confirm({"project_ref": REF, "confirm": confirm})
    restoring.check_confirm({"project_ref": REF, "confirm": REF})
