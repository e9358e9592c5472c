"""Events: names, incidents, and what must not leave in them."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._notify.events import LONGEST_INCIDENT, events_from, incident_key, worst

from .notices import event


def test_failure_and_success_of_one_topic_are_about_one_incident() -> None:
    opened, ended = event("deploy.failed"), event("deploy.succeeded", state="resolved", severity="info")
    assert opened.incident == ended.incident == "holdfast/shop/production/deploy"


def test_two_environments_never_share_an_incident() -> None:
    assert incident_key("shop", "staging", "deploy") != incident_key("shop", "production", "deploy")


def test_a_long_incident_fits_into_what_pagerduty_takes_and_stays_unlike_others() -> None:
    long = [incident_key("shop", "production", "x" * 300 + end) for end in "ab"]
    assert [len(key) for key in long] == [LONGEST_INCIDENT, LONGEST_INCIDENT]
    assert long[0] != long[1]


@pytest.mark.parametrize("name", ["deploy", "Deploy.failed", "deploy.", "deploy failed", "deploy.failed\n"])
def test_a_name_without_topic_and_outcome_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"is not named like .deploy\.failed."):
        event(name)


def test_no_event_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="events is empty"):
        events_from([], "shop", "production")


@pytest.mark.parametrize("state", ["message", "open", "acknowledged"])
def test_only_an_end_can_be_routine(state: str) -> None:
    with pytest.raises(InputError, match="is routine"):
        event(state=state, routine=True)


def test_secrets_in_facts_and_summary_do_not_become_part_of_an_event() -> None:
    url = "postgresql://shop:hunter22@db1/shop"
    made = event(summary=f"no way to {url}", facts={"reason": f"cannot reach {url}", "target": {"password": "correcthorse"}})
    assert "hunter22" not in repr(made)
    assert "correcthorse" not in repr(made)


def test_the_worst_severity_is_not_the_alphabetically_last() -> None:
    assert worst(["warning", "critical", "info"]) == "critical"
