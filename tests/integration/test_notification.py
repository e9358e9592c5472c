"""notification against real receivers: an HTTP server that refuses what the vendors refuse, and mail servers."""

from __future__ import annotations

import json
import ssl
import typing as t

import pytest
import trustme

from tests.integration import receivers
from tests.integration.module_child import fail, run_module, succeed
from tests.integration.receivers import MAIL_PASSWORD, MAIL_USER, ROUTING_KEY, SIGNING_KEY, Mailbox, Receiver

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "XXsecrettokenXX"
FAILED = {
    "event": "deploy.failed",
    "severity": "error",
    "state": "open",
    "facts": {"version": "1.2", "reason": "The new slot answered 500."},
}
SUCCEEDED = {"event": "deploy.succeeded", "severity": "info", "state": "resolved", "facts": {"release": {"version": "1.3"}}}
CRITICAL = {
    "event": "check.critical",
    "severity": "critical",
    "state": "open",
    "facts": {"verdict": "critical", "summary": "app: no answer."},
}
HEALTHY = {"event": "check.healthy", "severity": "info", "state": "resolved", "routine": True, "facts": {"verdict": "healthy"}}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver.running() as server:
        yield server


def slack(receiver: Receiver, path: str = f"/slack/{TOKEN}", **more: t.Any) -> dict[str, t.Any]:
    return {"name": "ops", "kind": "slack", "url": receiver.url(path), **more}


def pager(receiver: Receiver, **more: t.Any) -> dict[str, t.Any]:
    return {"name": "on-call", "kind": "pagerduty", "routing_key": ROUTING_KEY, "url": receiver.url("/pagerduty/enqueue"), **more}


def hook(receiver: Receiver, **more: t.Any) -> dict[str, t.Any]:
    return {"name": "chatops", "kind": "webhook", "url": receiver.url(f"/webhook/{TOKEN}"), "signing_key": SIGNING_KEY, **more}


def mail(port: int, **more: t.Any) -> dict[str, t.Any]:
    known = {"sender": "portal@example.org", "recipients": ["it@example.org", "boss@example.org"]}
    return {"name": "mail", "kind": "email", "host": "127.0.0.1", "port": port, **known, **more}


def notify(channels: list[dict[str, t.Any]], *events: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    given = {"portal": "shop", "environment": "production", "channels": channels, "events": list(events or (FAILED,)), "timeout": 30}
    return succeed("notification", **{**given, **more})


def delivery(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """The one delivery of a call with one channel."""
    (only,) = result["deliveries"]
    return t.cast("dict[str, t.Any]", only)


def warnings_of(result: dict[str, t.Any]) -> str:
    """The warnings of a module, which newer cores wrap."""
    return json.dumps(result["warnings"])


def test_slack_pagerduty_webhook_and_mail_all_take_what_they_get(receiver: Receiver, certificate: ssl.SSLContext, ca_file: str) -> None:
    box = Mailbox()
    with receivers.mail_server(box, starttls=certificate) as port:
        letter = mail(port, username=MAIL_USER, password=MAIL_PASSWORD, ca_file=ca_file)
        result = notify([slack(receiver), pager(receiver), hook(receiver), letter], link="https://awx.example/jobs/7")
    assert [(each["status"], each["attempts"]) for each in result["deliveries"]] == [("sent", 1)] * 4, result["raw"]
    assert (result["changed"], result["unreached"]) == (True, [])
    assert "The new slot answered 500." in json.dumps(receiver.bodies(f"/slack/{TOKEN}"))
    assert receiver.bodies("/pagerduty/enqueue")[0]["payload"]["custom_details"]["Version"] == "1.2"
    assert receiver.bodies(f"/webhook/{TOKEN}")[0]["data"]["link"] == "https://awx.example/jobs/7"
    assert box.envelopes == [("portal@example.org", ["it@example.org", "boss@example.org"], True)]
    assert box.mails[0]["Subject"] == "[error] shop (production): Deploy of 1.2 failed"
    assert "The new slot answered 500." in box.mails[0].get_payload()


def test_many_events_are_one_message_and_the_longest_is_still_taken(receiver: Receiver) -> None:
    events = [
        {**FAILED, "event": f"topic{number}.failed", "summary": "s" * 5000, "facts": {"reason": "<r> & " * 999}} for number in range(60)
    ]
    result = notify([slack(receiver), pager(receiver), hook(receiver)], *events)
    assert [each["status"] for each in result["deliveries"]] == ["sent"] * 3, result["raw"]
    assert len(receiver.bodies(f"/slack/{TOKEN}")) == 1
    assert len(receiver.bodies(f"/webhook/{TOKEN}")[0]["data"]["events"]) == 60


def test_pagerduty_opens_acknowledges_and_resolves_one_incident(receiver: Receiver) -> None:
    for event in (FAILED, {**FAILED, "event": "deploy.taken", "state": "acknowledged"}, SUCCEEDED):
        notify([pager(receiver, severities=["error", "critical"])], event)
    seen = [(body["event_action"], body["dedup_key"]) for body in receiver.bodies("/pagerduty/enqueue")]
    key = "holdfast/shop/production/deploy"
    assert seen == [("trigger", key), ("acknowledge", key), ("resolve", key)]


def test_each_channel_hears_its_severities(receiver: Receiver) -> None:
    result = notify([slack(receiver, severities=["critical"]), hook(receiver, severities=["info", "error"])])
    assert [each["status"] for each in result["deliveries"]] == ["nothing_to_say", "sent"]
    assert receiver.bodies(f"/slack/{TOKEN}") == []


def test_check_mode_sends_nothing_and_says_what_would_be_sent(receiver: Receiver, tmp_path: Path) -> None:
    given = {"portal": "shop", "channels": [slack(receiver), pager(receiver)], "events": [FAILED], "store": f"file://{tmp_path}"}
    result = succeed("notification", check=True, **given)
    assert [each["status"] for each in result["deliveries"]] == ["would_send"] * 2
    assert result["deliveries"][0]["text"] == "[error] Deploy of 1.2 failed\nThe new slot answered 500.\nVersion: 1.2"
    assert result["deliveries"][1]["incidents"] == [{"key": "holdfast/shop/deploy", "action": "trigger"}]
    assert (result["changed"], result["reached"]) == (True, ["ops", "on-call"])
    assert (receiver.asked, list(tmp_path.iterdir())) == ({}, [])


# --- memory ---


def test_a_trouble_is_told_once_and_its_end_once(receiver: Receiver, tmp_path: Path) -> None:
    channels, store = [slack(receiver), pager(receiver)], f"file://{tmp_path}"
    statuses = []
    for event in (HEALTHY, CRITICAL, CRITICAL, HEALTHY, HEALTHY):
        result = notify(channels, event, store=store)
        statuses.append([each["status"] for each in result["deliveries"]])
    quiet, told = ["nothing_to_say"] * 2, ["sent"] * 2
    assert statuses == [quiet, told, quiet, told, quiet]
    assert [body["event_action"] for body in receiver.bodies("/pagerduty/enqueue")] == ["trigger", "resolve"]


def test_what_the_rate_limit_keeps_back_stands_in_the_next_message(receiver: Receiver, tmp_path: Path) -> None:
    def tell(number: int, messages: int) -> dict[str, t.Any]:
        event = {"event": "import.done", "severity": "info", "summary": f"Import {number}"}
        return delivery(notify([slack(receiver)], event, store=f"file://{tmp_path}", rate_limit={"messages": messages, "seconds": 3600}))

    assert [tell(1, 1)["status"], tell(2, 1)["status"], tell(3, 9)["status"]] == ["sent", "withheld", "sent"]
    first, second = (json.dumps(body) for body in receiver.bodies(f"/slack/{TOKEN}"))
    assert "Import 2" not in first
    assert "Withheld since the last message: [info] Import 2" in second


def test_what_did_not_arrive_is_told_again(receiver: Receiver, tmp_path: Path) -> None:
    store = f"file://{tmp_path}"
    assert delivery(notify([slack(receiver, "/fault/gone/slack")], CRITICAL, store=store))["status"] == "failed"
    assert delivery(notify([slack(receiver)], CRITICAL, store=store))["status"] == "sent"


def test_a_store_that_cannot_be_used_keeps_nobody_from_being_told(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("where the folder should be")
    result = notify([slack(receiver)], store=f"file://{tmp_path}")
    assert delivery(result)["status"] == "sent"
    assert "may be told again" in warnings_of(result)


# --- faults ---


@pytest.mark.parametrize(("fault", "attempts"), [("503-twice", 3), ("429", 2)])
def test_a_passing_fault_is_waited_out(receiver: Receiver, fault: str, attempts: int) -> None:
    seen = delivery(notify([slack(receiver, f"/fault/{fault}/slack")]))
    assert (seen["status"], seen["attempts"]) == ("sent", attempts)
    assert len(receiver.bodies(f"/fault/{fault}/slack")) == 1


@pytest.mark.parametrize(
    ("fault", "attempts", "said"),
    [
        ("429-long", 1, "answered 429: rate_limited, and asks to wait 3600 s, longer than the time that is left"),
        ("reset", 4, "cut the connection (tried 4 times)"),
        ("drip", 1, "did not answer in time"),
        ("moved", 1, "answered 302"),
        ("gone", 1, "answered 404: no_service"),
    ],
)
def test_a_lasting_fault_is_a_warning_and_no_failure(receiver: Receiver, fault: str, attempts: int, said: str) -> None:
    result = notify([slack(receiver, f"/fault/{fault}/slack"), hook(receiver)], timeout=60 if fault != "drip" else 3)
    seen = result["deliveries"][0]
    assert (seen["status"], seen["attempts"]) == ("failed", attempts)
    assert said in seen["reason"]
    assert (result["unreached"], result["reached"]) == (["ops"], ["chatops"])
    assert "The channel 'ops' was not reached" in warnings_of(result)
    assert receiver.bodies("/slack/elsewhere") == []


def test_nobody_listening_is_a_warning_and_no_failure(free_port: t.Callable[[], int]) -> None:
    seen = delivery(notify([{"name": "ops", "kind": "slack", "url": f"http://127.0.0.1:{free_port()}/slack"}], timeout=3))
    assert "connection refused" in seen["reason"]


def test_a_name_that_cannot_be_looked_up_is_a_warning_and_no_failure() -> None:
    seen = delivery(notify([{"name": "ops", "kind": "slack", "url": f"http://{'x' * 70}.example/slack"}]))
    assert (seen["status"], seen["attempts"]) == ("failed", 1)
    assert "name" in seen["reason"]


def test_a_webhook_is_signed_anew_but_keeps_its_id_when_it_is_sent_again(receiver: Receiver) -> None:
    notify([hook(receiver, url=receiver.url("/fault/503-twice/webhook"))])
    assert receiver.asked["/fault/503-twice/webhook"] == 3
    ((_body, headers),) = receiver.taken["/fault/503-twice/webhook"]
    assert headers["webhook-id"].startswith("msg_")


def test_https_is_checked_against_the_given_authority(certificate: ssl.SSLContext, ca_file: str) -> None:
    with Receiver.running(certificate) as secured:
        assert delivery(notify([slack(secured, ca_file=ca_file)]))["status"] == "sent"
        seen = delivery(notify([slack(secured)]))
    assert (seen["status"], seen["attempts"]) == ("failed", 1)
    assert "certificate of 127.0.0.1" in seen["reason"]


# --- mail ---


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not count the TLS that is there from the first byte
def test_mail_goes_through_implicit_tls_with_a_login(certificate: ssl.SSLContext, ca_file: str) -> None:
    box = Mailbox()
    with receivers.mail_server(box, implicit=certificate) as port:
        seen = delivery(notify([mail(port, encryption="implicit", username=MAIL_USER, password=MAIL_PASSWORD, ca_file=ca_file)]))
    assert seen["status"] == "sent", seen
    assert box.mails[0]["Auto-Submitted"] == "auto-generated"


def test_a_wrong_password_is_said_without_showing_it(certificate: ssl.SSLContext, ca_file: str) -> None:
    with receivers.mail_server(Mailbox(), starttls=certificate) as port:
        result = notify([mail(port, username=MAIL_USER, password="wrong-horse-battery", ca_file=ca_file)])
    assert "refused the user or the password (535)" in delivery(result)["reason"]
    assert "wrong-horse-battery" not in result["raw"]


def test_nothing_is_said_to_a_mail_server_that_cannot_encrypt() -> None:
    box = Mailbox()
    with receivers.mail_server(box) as port:
        seen = delivery(notify([mail(port)]))
    assert "STARTTLS" in seen["reason"]
    assert box.mails == []


def test_a_mail_server_of_another_authority_gets_nothing(certificate: ssl.SSLContext) -> None:
    box = Mailbox()
    with receivers.mail_server(box, starttls=certificate) as port:
        seen = delivery(notify([mail(port, username=MAIL_USER, password=MAIL_PASSWORD)]))
    assert "certificate" in seen["reason"]
    assert box.mails == []


def test_a_greylisted_mail_is_sent_again_and_arrives_once() -> None:
    box = Mailbox(greylisted=1)
    with receivers.mail_server(box) as port:
        seen = delivery(notify([mail(port, encryption="none")]))
    assert (seen["status"], seen["attempts"], len(box.mails)) == ("sent", 2, 1)


def test_a_refused_recipient_is_named_though_the_others_have_the_mail() -> None:
    box = Mailbox()
    with receivers.mail_server(box) as port:
        seen = delivery(notify([mail(port, encryption="none", recipients=["it@example.org", "nobody@example.org"])]))
    assert seen["status"] == "failed"
    assert "nobody@example.org (550 5.1.1 no such user)" in seen["reason"]
    assert len(box.mails) == 1


def test_a_mail_server_that_drips_is_given_up_by_the_deadline() -> None:
    with receivers.dripping_mail_server() as port:
        assert "did not answer in time" in delivery(notify([mail(port, encryption="none")], timeout=2))["reason"]


# --- secrets and input ---


def test_no_secret_is_in_what_a_run_says(receiver: Receiver, free_port: t.Callable[[], int]) -> None:
    letter = mail(free_port(), username=MAIL_USER, password=MAIL_PASSWORD)
    channels = [slack(receiver, f"/fault/gone/slack/{TOKEN}"), pager(receiver), hook(receiver), letter]
    events = [{**FAILED, "facts": {"reason": "postgresql://shop:hunter22@db1/shop is gone", "password": "hunter33"}}]
    result = notify(channels, *events)
    assert "deploy.failed" in json.dumps(receiver.taken)
    for secret in (TOKEN, ROUTING_KEY, SIGNING_KEY, MAIL_PASSWORD, "hunter22", "hunter33"):
        assert secret not in result["raw"]
    for secret in ("hunter22", "hunter33"):
        assert secret not in json.dumps(receiver.taken)


def test_wrong_options_fail_and_nobody_is_told(receiver: Receiver) -> None:
    channels = [slack(receiver), {**hook(receiver), "signing_key": "short-key"}]
    result = fail("notification", portal="shop", events=[FAILED], channels=channels)
    assert "signing_key of the channel 'chatops' is shorter than 24 bytes" in result["msg"]
    assert "short-key" not in result["raw"]
    assert receiver.asked == {}


def test_a_channel_without_what_its_kind_needs_is_refused() -> None:
    result = run_module("notification", portal="shop", events=[FAILED], channels=[{"name": "ops", "kind": "slack"}])
    assert result["failed"]
    assert "url" in result["msg"]
