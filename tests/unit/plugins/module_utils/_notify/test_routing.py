"""Who hears what, and when enough is enough."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._notify.memory import NOTHING, Recall, Told
from ansible_collections.holdfast.webops.plugins.module_utils._notify.routing import Manners, decide, manners_from

from .notices import NOW, channel, event

MANNERS = Manners(messages=3, seconds=3600, repeat_after=600)
DEPLOY = "holdfast/shop/production/deploy"

FAILED = event()
SUCCEEDED = event("deploy.succeeded", severity="info", state="resolved")
HEALTHY = event("check.healthy", severity="info", state="resolved", routine=True, incident="deploy")
BACKED_UP = event("back_up.succeeded", severity="info", state="message")


def ago(seconds: float) -> str:
    return iso(NOW - datetime.timedelta(seconds=seconds))


def knowing(seconds: float, severity: str = "error") -> Recall:
    return Recall(incidents={DEPLOY: Told(ago(seconds), severity)})


def test_a_channel_hears_the_severities_it_wants() -> None:
    wants = channel(severities=["error", "critical"])
    assert decide(wants, [FAILED, BACKED_UP], NOTHING, MANNERS, NOW).told == (FAILED,)
    decision = decide(wants, [BACKED_UP], NOTHING, MANNERS, NOW)
    assert (decision.told, decision.withheld, decision.reason) == ((), (), "None of the events is for this channel.")


def test_who_heard_of_the_failure_hears_of_the_success_whatever_its_severity() -> None:
    wants = channel(severities=["error"])
    assert decide(wants, [SUCCEEDED], knowing(60), MANNERS, NOW).told == (SUCCEEDED,)
    assert decide(wants, [SUCCEEDED], NOTHING, MANNERS, NOW).told == ()


def test_an_open_incident_is_told_once_and_again_after_a_while() -> None:
    assert decide(channel(), [FAILED], knowing(599), MANNERS, NOW).told == ()
    assert decide(channel(), [FAILED], knowing(600), MANNERS, NOW).told == (FAILED,)


def test_an_incident_that_becomes_worse_is_told_at_once() -> None:
    assert decide(channel(), [FAILED], knowing(1, "warning"), MANNERS, NOW).told == (FAILED,)
    assert decide(channel(), [FAILED], knowing(1, "critical"), MANNERS, NOW).told == ()


def test_a_routine_end_is_for_those_who_know_of_a_beginning() -> None:
    assert decide(channel(), [HEALTHY], knowing(60), MANNERS, NOW).told == (HEALTHY,)
    for kind in ("slack", "pagerduty"):
        assert decide(channel(kind), [HEALTHY], NOTHING, MANNERS, NOW).told == ()


def test_without_a_memory_a_routine_end_goes_to_pagerduty_alone() -> None:
    assert decide(channel("pagerduty"), [HEALTHY], None, MANNERS, NOW).told == (HEALTHY,)
    assert decide(channel(), [HEALTHY], None, MANNERS, NOW).told == ()


def test_without_a_memory_everything_is_told_every_time() -> None:
    assert decide(channel(), [FAILED, BACKED_UP], None, MANNERS, NOW).told == (FAILED, BACKED_UP)


def test_pagerduty_takes_incidents_only_and_every_end_of_one() -> None:
    pager = channel("pagerduty", severities=["critical"])
    assert decide(pager, [BACKED_UP, FAILED], NOTHING, MANNERS, NOW).told == ()
    assert decide(pager, [SUCCEEDED], NOTHING, MANNERS, NOW).told == (SUCCEEDED,)
    assert decide(pager, [event(state="acknowledged", severity="info")], NOTHING, MANNERS, NOW).told != ()


def test_the_rate_limit_withholds_and_lets_go_when_the_time_is_over() -> None:
    busy = Recall(sent=(ago(3599), ago(20), ago(10)))
    decision = decide(channel(), [BACKED_UP], busy, MANNERS, NOW)
    assert (decision.told, decision.withheld) == ((), (BACKED_UP,))
    assert decision.reason == "It had 3 messages within the last 3600 s."
    assert decide(channel(), [BACKED_UP], Recall(sent=(ago(3600), ago(20), ago(10))), MANNERS, NOW).told == (BACKED_UP,)


def test_the_rate_limit_does_not_keep_incidents_from_pagerduty() -> None:
    assert decide(channel("pagerduty"), [FAILED], Recall(sent=(ago(1),) * 99), MANNERS, NOW).told == (FAILED,)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rate_limit": {"messages": 0, "seconds": 1}}, "rate_limit.messages is 0"),
        ({"rate_limit": {"messages": 1, "seconds": 0}}, "rate_limit.seconds is 0"),
        ({"repeat_after": -1}, "repeat_after is -1"),
        ({"timeout": 0.0}, "timeout is 0 s"),
        ({"timeout": float("inf")}, "timeout is inf s"),
    ],
)
def test_impossible_manners_are_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        manners_from({"rate_limit": {"messages": 1, "seconds": 1}, "repeat_after": 0, "timeout": 1.0, **given})
