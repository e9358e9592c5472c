"""Parts of the configuration: what differs, and what is refused."""

from __future__ import annotations

import hashlib
import hmac
import json
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.auth import Auth, word_for
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.network import Network
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.pitr import Pitr
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.secrets import Secrets
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.storage import Storage
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._vercel.stand_in import Said, StandIn

from .stand_in import REF, client

VALUE = "hunter22"
KEYED = hmac.new(REF.encode(), VALUE.encode(), hashlib.sha256).hexdigest()
BARE = hashlib.sha256(VALUE.encode()).hexdigest()


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (None, "absent"),
        ("", "absent"),
        (KEYED, "as given"),
        (f"hash:{KEYED}", "as given"),
        (BARE, "as given"),
        (VALUE, "as given"),
        ("another", "another value"),
        (hashlib.sha256(b"another").hexdigest(), "another value"),
        ("**********", "there, but unreadable"),
        ("\u2022\u2022\u2022", "there, but unreadable"),
    ],
)
def test_a_secret_is_compared_with_whatever_supabase_shows_of_it(found: str | None, word: str) -> None:
    assert word_for(found, VALUE, REF) == word


def test_an_empty_secret_is_no_match_for_its_digest() -> None:
    assert word_for(hashlib.sha256(b"").hexdigest(), None, REF) == "another value"


@pytest.mark.parametrize(("rewrite", "sent"), [(False, {"jwt_exp": 1800}), (True, {"jwt_exp": 1800, "smtp_pass": VALUE})])
def test_only_what_differs_is_written_and_what_cannot_be_read_only_on_demand(rewrite: bool, sent: dict[str, t.Any]) -> None:
    part = Auth({"jwt_exp": 1800, "disable_signup": True}, {"smtp_pass": VALUE}, REF, rewrite=rewrite)
    part.found = {"jwt_exp": 3600, "disable_signup": True, "smtp_pass": "*****"}
    part.plan()
    session = StandIn(Said(200, {}))
    part.write(client(FakeClock(), session))
    assert json.loads(session.sent[0].body) == sent
    assert bool(part.notes()) != rewrite


def test_supabases_own_secrets_are_never_purged() -> None:
    part = Secrets({"A": VALUE}, {}, purge=True)
    part.found = {"A": BARE, "B": BARE, "SUPABASE_URL": BARE}
    part.plan()
    assert part.names == ["B"]
    assert part.before() == {"A": "as given", "B": "there, but not listed"}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SUPABASE_X", VALUE, "secrets.SUPABASE_X: this is no name"),
        ("A" * 257, VALUE, "this is no name"),
        ("A", "x" * 24_577, "its value is longer than 24576 letters"),
        ("A", None, "its value is no text"),
        ("A", True, "its value is no text. Put it into quotes"),
    ],
)
def test_what_supabase_would_not_take_as_a_secret_is_refused(name: str, value: t.Any, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        Secrets({name: value}, {}, purge=False)
    assert sentence in str(refused.value)
    assert VALUE not in str(refused.value)


def test_variables_are_kept_as_secrets_are_and_neither_may_be_both() -> None:
    part = Secrets({"A": VALUE}, {"B": 2555}, purge=True)
    part.found = {"B": hashlib.sha256(b"2555").hexdigest()}
    part.plan()
    assert part.names == ["A"]
    with pytest.raises(InputError, match="variables: A is among the secrets too"):
        Secrets({"A": VALUE}, {"A": "open"}, purge=False)


@pytest.mark.parametrize(
    ("cidr", "sentence"),
    [
        ("everybody", "is no network"),
        ("192.168.1.0/24", "is private"),
        ("fd00::/8", "is private"),
        ("127.0.0.1", "is private"),
        ("93.184.216.34/24", "is an address inside a network. The network is 93.184.216.0/24."),
    ],
)
def test_what_is_no_network_of_anybody_is_refused(cidr: str, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        Network([cidr])
    assert sentence in str(refused.value)


def test_networks_are_compared_as_a_set_and_an_address_is_a_network() -> None:
    part = Network(["93.184.216.34", "::/0", "8.8.8.0/24"])
    part.found = {"config": {"dbAllowedCidrs": ["93.184.216.34/32", "8.8.8.0/24"], "dbAllowedCidrsV6": ["::/0"]}, "status": "applied"}
    part.plan()
    assert part.names == []
    part.found["config"]["dbAllowedCidrs"].append("0.0.0.0/0")
    part.plan()
    assert part.names == ["allowed_cidrs"]


def test_a_window_that_is_not_offered_is_refused_with_what_is() -> None:
    part = Pitr(28, allow_shorter=False)
    part.found = {"selected_addons": [], "available_addons": [{"type": "pitr", "variants": [{"id": "pitr_7"}, {"id": "pitr_14"}]}]}
    part.plan()
    with pytest.raises(ConflictError, match=r"28 days are not offered to this project \(offered: pitr_7, pitr_14\)"):
        part.refuse()


@pytest.mark.parametrize(("text", "size"), [("50MB", 52_428_800), ("500GB", 536_870_912_000), ("1024", 1024), ("2 KiB", 2048)])
def test_sizes_are_read_as_the_dashboard_has_them(text: str, size: int) -> None:
    assert Storage({"file_size_limit": text}).after() == {"file_size_limit": size}


def test_a_file_may_not_be_larger_than_supabase_takes() -> None:
    with pytest.raises(InputError, match="out of range"):
        Storage({"file_size_limit": "501GB"})
