"""What Slack, PagerDuty and webhooks get, judged by the vendors' own libraries and documented limits."""

from __future__ import annotations

import base64
import datetime
import json
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._notify import pagerduty, slack, webhook

from .notices import NOW, event, message

KEY = "0123456789abcdef0123456789abcdef"


def texts(blocks: t.Any) -> str:
    return json.dumps(blocks, ensure_ascii=False)


def test_a_slack_message_says_what_where_and_why() -> None:
    made = slack.payload(message(event(facts={"version": "1.2", "reason": "No answer."})))
    assert made["text"] == "🔴 shop (production): Deploy of 1.2 failed"
    assert made["blocks"][0] == {"type": "header", "text": {"type": "plain_text", "text": made["text"], "emoji": False}}
    assert "No answer." in texts(made["blocks"][1])
    assert made["blocks"][2]["fields"] == [{"type": "mrkdwn", "text": "*Version*\n1.2"}]


def test_markup_in_an_error_message_calls_nobody_in_slack() -> None:
    made = slack.payload(message(event(summary="<!channel> & all", facts={"version": "<@U1>", "reason": "<!here>"})))
    assert "<!channel>" not in made["text"]
    shown = [block for block in made["blocks"] if "fields" in block]
    assert shown[0]["fields"][0]["text"] == "*Version*\n&lt;@U1&gt;"
    assert made["blocks"][1]["text"]["type"] == "plain_text"


@pytest.mark.parametrize("count", [1, 15, 16, 500])
def test_however_much_happened_slack_gets_at_most_50_blocks_of_allowed_length(count: int) -> None:
    events = [event(f"topic{number}.failed", summary="s" * 9000, facts={"reason": "r" * 9000, "f": "v" * 9000}) for number in range(count)]
    blocks = slack.payload(message(*events, withheld=("w" * 2000,) * 20, link="https://awx.example/1"))["blocks"]
    assert len(blocks) <= 50
    for block in blocks:
        for part in (block.get("text"), *block.get("fields", []), *block.get("elements", [])):
            assert part is None or len(part["text"]) <= {"header": 150}.get(block["type"], 3000)


def test_events_that_do_not_fit_are_counted() -> None:
    made = slack.payload(message(*(event(f"topic{number}.failed") for number in range(20))))
    assert "and 5 more events" in texts(made["blocks"])


def test_pagerduty_gets_a_trigger_that_the_end_resolves() -> None:
    opened = pagerduty.payloads(message(event(facts={"version": "1.2", "reason": "No answer."}), link="https://awx.example/1"), KEY)
    ended = pagerduty.payloads(message(event("deploy.succeeded", severity="info", state="resolved")), KEY)
    assert [opened[0]["event_action"], ended[0]["event_action"]] == ["trigger", "resolve"]
    assert opened[0]["dedup_key"] == ended[0]["dedup_key"]
    assert opened[0]["payload"]["summary"] == "shop (production): Deploy of 1.2 failed"
    assert opened[0]["payload"]["custom_details"] == {"reason": "No answer.", "Version": "1.2"}
    assert opened[0]["links"] == [{"href": "https://awx.example/1", "text": "The run"}]


def test_what_came_last_about_an_incident_is_what_pagerduty_hears() -> None:
    made = pagerduty.payloads(message(event(), event(state="acknowledged"), event("check.critical", severity="critical")), KEY)
    assert [(each["event_action"], each["dedup_key"].rpartition("/")[2]) for each in made] == [
        ("acknowledge", "deploy"),
        ("trigger", "check"),
    ]


def test_a_plain_message_is_no_incident() -> None:
    assert pagerduty.payloads(message(event(state="message")), KEY) == []


def test_a_summary_fits_into_what_pagerduty_takes() -> None:
    made = pagerduty.payloads(message(event(summary="x" * 5000)), KEY)
    assert len(made[0]["payload"]["summary"]) == 1024


def test_the_signature_is_that_of_the_published_test_vector() -> None:
    """From the specification of Standard Webhooks and the tests of its libraries."""
    raw = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.datetime.fromtimestamp(1614265330, tz=datetime.timezone.utc)
    made = webhook.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', raw)
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_body_is_json_that_programs_can_route_by() -> None:
    made = json.loads(webhook.body(message(event(facts={"version": "1.2"})), NOW))
    assert made["type"] == "holdfast.notification"
    assert made["timestamp"] == "2026-11-22T03:00:00Z"
    assert made["data"]["events"][0]["incident"] == "holdfast/shop/production/deploy"
    assert made["data"]["events"][0]["facts"] == {"Version": "1.2"}
