from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import read_request
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web_answer import read as read_http

Options = t.Callable[..., dict[str, t.Any]]


@pytest.mark.parametrize(
    ("url", "location", "authority"),
    [
        ("https://portal.example", "https://portal.example/", "portal.example"),
        ("http://portal.example:8080/a?b=c#d", "http://portal.example:8080/a?b=c", "portal.example:8080"),
        ("http://portal.example:80/", "http://portal.example/", "portal.example"),
        ("https://[::1]:8443/x", "https://[::1]:8443/x", "[::1]:8443"),
        ("http://h/ä b?q=ü", "http://h/%C3%A4%20b?q=%C3%BC", "h"),
        ("http://h/a%20b", "http://h/a%20b", "h"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
    ],
)
def test_a_url_becomes_a_place(options: Options, url: str, location: str, authority: str) -> None:
    target = read_request(options(url=url))
    assert str(target.location) == location
    assert target.location.authority == authority


@pytest.mark.parametrize(
    "url", ["", "portal.example", "ftp://h/", "http://", "http://h:99999/", "http://h:x/", "http://a b/", "http://h\u0000/"]
)
def test_a_url_that_cannot_be_asked_is_refused(options: Options, url: str) -> None:
    with pytest.raises(InputError, match="The url of the check 'app' cannot be used"):
        read_request(options(url=url))


def test_a_refused_url_is_not_quoted_because_it_may_hold_a_password(options: Options) -> None:
    with pytest.raises(InputError) as caught:
        read_request(options(url="http://user:hunter22@h:x/"))
    assert "hunter22" not in str(caught.value)


def test_user_and_password_of_the_url_are_sent_decoded_as_basic_authentication(options: Options) -> None:
    target = read_request(options(url="http://user:p%40ss@h/"))
    assert target.secret_headers == {"Authorization": "Basic dXNlcjpwQHNz"}
    assert "p%40ss" not in str(target.location)


@pytest.mark.parametrize("header", ["Authorization", "Cookie", "X-Api-Key", "apikey", "X-Preview-Token"])
def test_a_secret_header_is_refused_where_logs_would_show_it(options: Options, header: str) -> None:
    with pytest.raises(InputError, match="Move it to secret_headers") as caught:
        read_request(options(headers={header: "hunter22"}))
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize("option", ["headers", "secret_headers", "expect_headers"])
@pytest.mark.parametrize("headers", [{"a b": "x"}, {"": "x"}, {"X-A": "x\r\nX-B: y"}, {"X-A": "€"}])
def test_a_header_that_http_cannot_carry_is_refused(options: Options, option: str, headers: dict[str, str]) -> None:
    with pytest.raises(InputError, match=option):
        read_http(options(**{option: headers}))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"url": "https://h/", "ca_file": "/ca.pem", "validate_certs": False}, "has a ca_file, but does not validate"),
        ({"url": "https://h/", "client_key": "/key.pem"}, "has a client_key, but no client_cert"),
        ({"url": "http://h/", "client_cert": "/cert.pem"}, "which is not encrypted"),
    ],
)
def test_contradictions_about_certificates_are_refused(options: Options, given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_request(options(**given))
