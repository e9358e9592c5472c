"""From channels to receivers of Alertmanager."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._monitor.receivers import Receivers, channels_of, receivers_of

SLACK = {"name": "ops", "kind": "slack", "url": "https://hooks.slack.com/services/T/B/secretsecret", "severities": ["error", "critical"]}
PAGER = {"name": "on-call", "kind": "pagerduty", "routing_key": "0123456789abcdef0123456789abcdef", "ca_file": "/etc/ssl/own.pem"}
MAIL: dict[str, t.Any] = {
    "name": "mail",
    "kind": "email",
    "host": "mail.example",
    "username": "portal",
    "password": "hunter22",
    "sender": "portal@example.org",
    "recipients": ["it@example.org", "boss@example.org"],
}
HOOK = {"name": "hook", "kind": "webhook", "url": "https://x.example/", "signing_key": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


def receivers(*channels: dict[str, t.Any]) -> Receivers:
    return receivers_of(channels_of(channels), "/secrets")


def test_secrets_are_in_files_and_nowhere_else() -> None:
    seen = receivers(SLACK, PAGER, MAIL)
    assert seen.secrets == {"ops": SLACK["url"], "on-call": PAGER["routing_key"], "mail": "hunter22"}
    for secret in ("secretsecret", str(PAGER["routing_key"]), "hunter22"):
        assert secret not in repr((seen.receivers, seen.routes, seen.notes))


def test_each_channel_gets_its_severities_and_does_not_keep_them_from_the_next() -> None:
    routes = receivers(SLACK, MAIL).routes
    assert routes[0] == {"receiver": "ops", "matchers": ['severity=~"error|critical"'], "continue": True}
    assert routes[1]["matchers"] == ['severity=~"info|warning|error|critical"']


def test_a_mail_server_is_spoken_to_as_the_channel_says() -> None:
    (config,) = receivers(MAIL).receivers[0]["email_configs"]
    assert (config["smarthost"], config["require_tls"], config["to"]) == ("mail.example:587", True, "it@example.org, boss@example.org")
    assert (config["auth_username"], config["auth_password_file"]) == ("portal", "/secrets/mail")


def test_an_authority_of_the_monitors_host_is_not_looked_for_on_the_controller() -> None:
    (config,) = receivers(PAGER).receivers[0]["pagerduty_configs"]
    assert config["http_config"] == {"tls_config": {"ca_file": "/etc/ssl/own.pem"}}


@pytest.mark.parametrize(
    ("channel", "why"),
    [(HOOK, "Alertmanager cannot sign"), ({**MAIL, "encryption": "implicit", "port": 2465}, "implicit TLS on port 465 only")],
)
def test_what_alertmanager_cannot_do_is_said(channel: dict[str, t.Any], why: str) -> None:
    seen = receivers(channel)
    assert (seen.receivers, seen.routes, seen.secrets) == ([], [], {})
    assert why in seen.notes[0]


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ({**SLACK, "colour": "red"}, "unknown option colour"),
        ({"name": "x", "kind": "carrier pigeon"}, "has no known kind"),
        ({"name": "x", "kind": "slack"}, "lacks url"),
        ({**MAIL, "recipients": []}, "lacks recipients"),
        ({**SLACK, "password": "hunter22"}, "belongs to kind email"),
    ],
)
def test_a_wrong_channel_is_named_without_its_secret(channel: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        receivers(channel)
    assert said in str(caught.value)
    assert "hunter22" not in str(caught.value)
