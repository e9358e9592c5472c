"""Channels: each wrong option is named, and no secret is in the sentence."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._notify.channels import HttpChannel, MailChannel, channels_from, secrets_of

from .notices import channel, channel_options

WRONG: list[tuple[str, dict[str, t.Any], str]] = [
    ("slack", {"name": "ops room"}, "A channel is named 'ops room'"),
    ("slack", {"url": "hooks.slack.com/services/T0000"}, "does not begin with http"),
    ("slack", {"url": "https://user:hunter22@hooks.slack.com/"}, "holds a user"),
    ("slack", {"routing_key": "0" * 32}, "has the option routing_key, which belongs to kind pagerduty"),
    ("slack", {"severities": []}, "wants no severity"),
    ("slack", {"ca_file": "/nowhere/ca.pem"}, "is no file"),
    ("pagerduty", {"routing_key": "hunter22"}, "routing_key of the channel 'pagerduty' is not 32"),
    ("webhook", {"signing_key": "whsec_hunter22!"}, "no base64 behind whsec_"),
    ("webhook", {"signing_key": "hunter22"}, "shorter than 24 bytes"),
    ("email", {"host": " "}, "host of the channel 'email' is empty"),
    ("email", {"port": 0}, "port of the channel 'email' is 0"),
    ("email", {"username": "portal"}, "only one of username and password"),
    ("email", {"username": "portal", "password": "hunter22", "encryption": "none"}, "would send its password unencrypted"),
    ("email", {"recipients": []}, "recipients of the channel 'email' are empty"),
    ("email", {"recipients": ["it@example.org\nBcc: all@example.org"]}, "is no mail address"),
    ("email", {"sender": "Portal"}, "'Portal' in sender"),
]


@pytest.mark.parametrize(("kind", "given", "said"), WRONG, ids=[said for _kind, _given, said in WRONG])
def test_a_wrong_option_is_named_without_its_secret(kind: str, given: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        channel(kind, **given)
    assert said in str(caught.value)
    assert "hunter22" not in str(caught.value)


def test_two_channels_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="Two channels are named 'ops'"):
        channels_from([channel_options("slack", name="ops"), channel_options("email", name="ops")])


@pytest.mark.parametrize(("encryption", "port"), [(None, 587), ("starttls", 587), ("implicit", 465), ("none", 25)])
def test_a_mail_server_is_spoken_to_on_the_port_of_its_encryption(encryption: str | None, port: int) -> None:
    target = channel("email", encryption=encryption).target
    assert isinstance(target, MailChannel)
    assert target.port == port


def test_pagerduty_is_found_without_an_address() -> None:
    target = channel("pagerduty").target
    assert isinstance(target, HttpChannel)
    assert str(target.location) == "https://events.pagerduty.com/v2/enqueue"


def test_the_path_of_a_webhook_is_a_secret() -> None:
    assert "secretsecret" in set(secrets_of(channel("slack")))
