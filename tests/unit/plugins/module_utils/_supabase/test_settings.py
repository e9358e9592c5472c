"""Known settings: what is taken, what is refused with which sentence, and what is the same."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.auth_settings import AUTH, PLAIN, SECRET
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.postgres_settings import AT_START, NEWER, POSTGRES
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.settings import Setting, checked, comparable, shown

# Not part of the repository: what the tables were made from.
DESCRIPTION = Path(__file__).resolve().parents[6] / "shared/specs/supabase-management-openapi.json"
KINDS = {"boolean": "bool", "integer": "int", "number": "number", "string": "text"}
# Of them the published description only says that they are texts.
TEXTS = {"list", "amount"}


def described(path: str, method: str) -> dict[str, dict[str, t.Any]]:
    """The fields of a request in the published description, where it is beside the checkout."""
    whole = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    schema = whole["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    return dict(whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"])


def as_described(setting: Setting) -> tuple[t.Any, ...]:
    return ("text" if setting.kind in TEXTS else setting.kind, setting.low, setting.high, list(setting.choices), setting.pattern)


if DESCRIPTION.exists():

    def test_the_settings_of_auth_are_those_of_the_published_description() -> None:
        fields = described("/v1/projects/{ref}/config/auth", "patch")
        assert set(AUTH) - set(fields) == {"security_update_password_require_current_password"}, "newer: known from the CLI alone"
        for name, field in fields.items():
            wanted = (KINDS[field["type"]], field.get("minimum"), field.get("maximum"), field.get("enum", []), field.get("pattern", ""))
            assert as_described(AUTH[name]) == wanted, name
            assert AUTH[name].nullable == field.get("nullable", False), name

    def test_the_settings_of_postgresql_are_those_of_the_published_description() -> None:
        fields = described("/v1/projects/{ref}/config/database/postgres", "put")
        del fields["restart_database"]
        assert set(POSTGRES) - set(fields) == set(NEWER.split())
        for name, field in fields.items():
            wanted = (KINDS[field["type"]], field.get("minimum"), field.get("maximum"), field.get("enum", []), field.get("pattern", ""))
            assert as_described(POSTGRES[name]) == wanted, name


def test_every_setting_that_looks_like_a_secret_is_one() -> None:
    endings = ("_secret", "_secrets", "_pass", "_token", "_access_key", "_api_key", "_api_secret")
    assert [name for name in PLAIN if name.endswith(endings)] == []
    assert set(SECRET) | set(PLAIN) == set(AUTH)
    assert set(POSTGRES) >= AT_START


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"jwt_exp": "3600"}, {"jwt_exp": 3600}),
        ({"disable_signup": "yes"}, {"disable_signup": True}),
        ({"sessions_timebox": "0.5"}, {"sessions_timebox": 0.5}),
        ({"smtp_port": 587}, {"smtp_port": "587"}),
        ({"uri_allow_list": ["https://b", " https://a "]}, {"uri_allow_list": "https://b,https://a"}),
        ({"site_url": None}, {"site_url": None}),
        ({"password_required_characters": ""}, {"password_required_characters": ""}),
    ],
)
def test_values_are_sent_as_the_api_takes_them(given: dict[str, t.Any], sent: dict[str, t.Any]) -> None:
    assert checked("auth", AUTH, given) == sent


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"session_timebox": 8}, "auth.session_timebox: Supabase has no such setting. Did you mean 'sessions_timebox'?"),
        ({"xyzzy": 8}, "auth.xyzzy: Supabase has no such setting. The names are those"),
        ({"jwt_exp": 604_801}, "auth.jwt_exp: 604801 is out of range. Supabase takes numbers from 0 to 604800."),
        ({"jwt_exp": 9_999_999}, "auth.jwt_exp: 9999999 is out of range. Supabase takes numbers from 0 to 604800."),
        ({"sessions_timebox": -1}, "auth.sessions_timebox: -1 is out of range. Supabase takes numbers at least 0."),
        ({"jwt_exp": 1.5}, "auth.jwt_exp: '1.5' is no whole number"),
        ({"jwt_exp": True}, "auth.jwt_exp: 'True' is no whole number"),
        ({"jwt_exp": "inf"}, "auth.jwt_exp: 'inf' is no whole number"),
        ({"sessions_timebox": "nan"}, "auth.sessions_timebox: 'nan' is no number"),
        ({"disable_signup": "maybe"}, "auth.disable_signup: 'maybe' is neither true nor false"),
        ({"security_captcha_provider": "google"}, "'google' is not one of 'turnstile', 'hcaptcha'"),
        ({"site_url": "https://a,https://b"}, "auth.site_url: 'https://a,https://b' has not the right form"),
        ({"site_url": ["https://a"]}, "auth.site_url: it has to be a text"),
        ({"uri_allow_list": ["https://a,b"]}, "'https://a,b' holds a comma"),
        ({"passkey_enabled": None}, "auth.passkey_enabled: it cannot be empty"),
    ],
)
def test_a_refusal_names_setting_and_value(given: dict[str, t.Any], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        checked("auth", AUTH, given)
    assert sentence in str(refused.value)


def test_the_value_of_a_secret_is_not_in_its_refusal() -> None:
    with pytest.raises(InputError) as refused:
        checked("auth_secrets", SECRET, {"sms_test_otp": "hunter22"})
    assert "auth_secrets.sms_test_otp" in str(refused.value)
    assert "hunter22" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("amount", "64MB", "65536kB"),
        ("amount", "8s", "8000ms"),
        ("amount", "1.5 h", "90min"),
        ("list", "b, a", "a,b"),
        ("any", True, "true"),
        ("text", "", None),
    ],
)
def test_what_means_the_same_is_the_same(kind: str, one: t.Any, other: t.Any) -> None:
    assert comparable(Setting(kind), one) == comparable(Setting(kind), other)
    assert shown(Setting(kind), one, other) == other


@pytest.mark.parametrize(
    ("kind", "one", "other"), [("amount", "64MB", "64kB"), ("amount", "100", "100MB"), ("list", "a", "a,b"), ("int", 0, None)]
)
def test_what_differs_differs(kind: str, one: t.Any, other: t.Any) -> None:
    assert comparable(Setting(kind), one) != comparable(Setting(kind), other)
    assert shown(Setting(kind), one, other) == one
