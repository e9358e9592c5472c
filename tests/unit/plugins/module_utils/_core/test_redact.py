from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import (
    MASK,
    Redactor,
    derived_secrets,
    is_secret_name,
    strings_in,
    without_passwords,
)


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("postgresql://shop:hunter22@db/shop", {"hunter22"}),
        ("postgresql://shop:p%40ss%2Fword@db/shop", {"p%40ss%2Fword", "p@ss/word"}),
        ("https://api.example.org/hook?token=abcd1234&page=2", {"abcd1234"}),
        ("https://store/x?X-Amz-Signature=00ff00ff", {"00ff00ff"}),
        ("host=db user=shop password=hunter22", {"hunter22"}),
        (r"host=db password='it\'s secret' user=shop", {"it's secret"}),
        ("postgresql://shop@db/shop", set()),
        ("https://example.org/?page=2", set()),
        ("postgresql://shop:abc@db/shop", set()),
        ("http://[broken", set()),
    ],
)
def test_secrets_are_found_inside_connection_strings(text: str, secrets: set[str]) -> None:
    assert derived_secrets(text) == secrets


@pytest.mark.parametrize("text", ["QUJDREVG" * 700_000, "password " * 500_000, "token=" * 700_000], ids=["base64", "words", "pairs"])
def test_a_long_text_is_searched_once_and_not_once_per_letter(text: str) -> None:
    """As long as this a value of `content` may well be; a search that is quadratic in it does not end."""
    assert derived_secrets(text) == set()


def test_a_secret_that_contains_another_is_replaced_whole() -> None:
    redact = Redactor(["hunter", "hunter22"])
    assert redact("was hunter22, then hunter") == f"was {MASK}, then {MASK}"


@pytest.mark.parametrize(
    "echo",
    [
        'as it is: pa"ss wörd&<1>',
        r'JSON: "pa\"ss wörd&<1>"',
        r'JSON in ASCII: "pa\"ss w\u00f6rd&<1>"',
        "URL: ?a=pa%22ss%20w%C3%B6rd%26%3C1%3E",
        "form: a=pa%22ss+w%C3%B6rd%26%3C1%3E",
        "HTML: pa&quot;ss wörd&amp;&lt;1&gt;",
    ],
)
def test_a_secret_is_found_however_it_is_spelled(echo: str) -> None:
    assert MASK in Redactor(['pa"ss wörd&<1>'])(echo)


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("create role a login password 'it''s secret' valid until 'x'", f"create role a login password '{MASK}' valid until 'x'"),
        ("ALTER ROLE a\nPASSWORD E'it\\'s secret';", f"ALTER ROLE a\nPASSWORD '{MASK}';"),
        ("alter user a encrypted password $p$secret$p$", f"alter user a encrypted password '{MASK}'"),
        ("alter role a password 'cut off in the mid", f"alter role a password '{MASK}'"),
        ("create subscription s connection 'host=h password=secret user=a' publication p",
         f"create subscription s connection 'host=h password={MASK} user=a' publication p"),
        ("alter role a password null; select 'password'", "alter role a password null; select 'password'"),
    ],
)  # fmt: skip
def test_sql_is_shown_without_the_passwords_in_it(sql: str, shown: str) -> None:
    assert without_passwords(sql) == shown


def test_short_values_are_not_masked_because_they_would_blank_innocent_text() -> None:
    assert Redactor(["1"])("exit code 1") == "exit code 1"


def test_scrubbing_keeps_the_shape_of_the_details() -> None:
    details = {"rc": 1, "lines": ["a hunter22", None], "deep": {"x": ("hunter22",)}}
    assert Redactor(["hunter22"]).scrub(details) == {"rc": 1, "lines": [f"a {MASK}", None], "deep": {"x": [MASK]}}


def test_every_nested_string_is_visited_and_no_key() -> None:
    assert sorted(strings_in({"a": ["b", {"c": "d"}], "e": 1})) == ["b", "d"]


@pytest.mark.parametrize("name", ["Authorization", "api_key", "db_password", "X-Amz-Signature", "session_token"])
def test_names_that_usually_hold_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["page", "X-Portal-Version", "status"])
def test_names_that_do_not(name: str) -> None:
    assert not is_secret_name(name)
