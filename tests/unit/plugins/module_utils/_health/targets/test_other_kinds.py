"""What the kinds without a file of their own here refuse; that they work is shown against servers."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import checks_from
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.dns import normal
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.smtp import SmtpTarget
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.supabase import SupabaseTarget
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.tls import TlsTarget

Options = t.Callable[..., dict[str, t.Any]]
REF = "abcdefghijklmnopqrst"
HTTPS = {"kind": "security_headers", "url": "https://h/"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "tls", "host": "https://h/"}, "host of the check 'app' is no host name"),
        ({"kind": "tls", "host": "h", "client_key": "/k"}, "has a client_key, but no client_cert"),
        ({"kind": "dns", "host": "h", "nameserver": "ns.example"}, "Give its address"),
        ({"kind": "dns", "host": "h", "port": 53}, "has a port, but no nameserver"),
        ({"kind": "dns", "host": "h", "only_expected": True}, "but expects none"),
        ({"kind": "dns", "host": "h", "expect_records": []}, "expect_records of the check 'app' are empty"),
        ({"kind": "smtp", "host": "h", "username": "u"}, "only one of username and password"),
        ({"kind": "smtp", "host": "h", "username": "u", "password": "p", "encryption": "none"}, "would send a password without encryption"),
        ({"kind": "smtp", "host": "h", "ca_file": "/ca", "encryption": "none"}, "but no encryption"),
        ({"kind": "command", "command": []}, "command of the check 'app' is empty"),
        ({"kind": "command", "command": ["a", "b\0c"]}, "holds a null character"),
        ({"kind": "command", "command": ["a"], "expect_rc": []}, "expect_rc of the check 'app' is []"),
        ({"kind": "command", "command": ["a"], "expect_rc": [256]}, "exit codes from 0 to 255"),
        ({"kind": "command", "command": ["a"], "environment": {"A=B": "c"}}, "a variable that cannot be"),
        ({"kind": "command", "command": ["a"], "expect_regex": "("}, "does not compile"),
        ({"kind": "backup", "store": "file:///x", "portal": " "}, "portal of the check 'app' is empty"),
        (
            {"kind": "backup", "store": "file:///x", "portal": "p", "require_proof": False, "thresholds": {"proven_hours": {"fail": 1}}},
            "but requires none",
        ),
        ({"kind": "supabase", "project": REF}, "neither access_token nor api_key"),
        ({"kind": "supabase", "access_token": "t"}, "has an access_token, but no project"),
        ({"kind": "supabase", "project": "Shop", "access_token": "t"}, "20 lower-case letters"),
        ({"kind": "supabase", "project": REF, "access_token": "t", "services": []}, "services of the check 'app' are empty"),
        ({"kind": "supabase", "project": REF, "access_token": "t", "endpoints": ["auth"]}, "has endpoints, but no api_key"),
        ({"kind": "supabase", "project": REF, "api_key": "k", "services": ["db"]}, "has services, but no access_token"),
        ({"kind": "supabase", "api_key": "k"}, "neither project nor project_url"),
        ({"kind": "supabase", "api_key": "k", "project_url": "https://u:hunter22@h"}, "project_url of the check 'app' holds a user"),
        ({"kind": "supabase", "api_key": "k", "project_url": "ftp://h"}, "project_url of the check 'app' cannot be used"),
        ({**HTTPS, "policy": {}}, "policy of the check 'app' is empty"),
        ({**HTTPS, "policy": {"hst": {}}}, "has 'hst'"),
        ({**HTTPS, "policy": {"hsts": {"max_age": "year"}}}, "max_age of the check 'app' is 'year'"),
        ({**HTTPS, "policy": {"hsts": {"max_age": 1, "preload": "yes"}}}, "hsts.preload of the check 'app' is 'yes'"),
        ({**HTTPS, "policy": {"headers": ["X-A"]}}, "policy.headers of the check 'app' is no mapping"),
        ({**HTTPS, "policy": {"csp": {"default-src": "self"}}}, "csp.default-src of the check 'app' is no list"),
        ({**HTTPS, "policy": {"cors": {"origins": ["portal.example"]}}}, "Write them as https://host"),
        ({**HTTPS, "policy": {"cors": {"origin": ["https://h"]}}}, "has 'origin'"),
        ({**HTTPS, "policy": {"headers": {"X-A": "1"}, "absent": ["x-a"]}}, "and wants it absent"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: Options, given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        checks_from([options(**given)])
    assert message in str(caught.value)
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(("encryption", "port"), [(None, 587), ("starttls", 587), ("implicit", 465), ("none", 25)])
def test_each_way_to_encrypt_mail_has_its_port(options: Options, encryption: str | None, port: int) -> None:
    (check,) = checks_from([options(kind="smtp", host="h", encryption=encryption)])
    assert t.cast(SmtpTarget, check.target).port == port


def test_the_first_name_of_a_certificate_is_the_one_that_is_asked_for(options: Options) -> None:
    (check,) = checks_from([options(kind="tls", host="10.0.0.1", server_name="a.example", expect_names=["b.example", "a.example"])])
    assert t.cast(TlsTarget, check.target).names == ("a.example", "b.example")


@pytest.mark.parametrize(("key", "sent"), [("eyJhbGciOi", {"apikey", "Authorization"}), ("sb_secret_x", {"apikey"})])
def test_a_key_of_the_old_kind_is_sent_as_a_token_too(options: Options, key: str, sent: set[str]) -> None:
    (check,) = checks_from([options(kind="supabase", project=REF, api_key=key)])
    asked = t.cast(SupabaseTarget, check.target).asked
    assert {str(each.request.location).partition("/v1/")[0] for each in asked} >= {f"https://{REF}.supabase.co/auth"}
    assert set(asked[0].request.secret_headers) == sent


@pytest.mark.parametrize(
    ("record", "text"),
    [("10 Mail.Example.", "10 mail.example"), ("192.0.2.1", "192.0.2.1"), ("a  b", "a b"), (".", "."), ('"Quoted."', '"Quoted."')],
)
def test_records_read_alike_however_they_are_written(record: str, text: str) -> None:
    assert normal(record) == text
