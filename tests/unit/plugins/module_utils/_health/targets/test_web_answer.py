from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web_answer import ExpectedVersion, read

Options = t.Callable[..., dict[str, t.Any]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"expect_regex": "("}, "does not compile"),
        ({"expect_regex": ""}, "expect_regex of the check 'app' is empty"),
        ({"expect_body": ""}, "expect_body of the check 'app' is empty"),
        ({"expect_status": []}, "expect_status of the check 'app' is empty"),
        ({"expect_status": [200, 99]}, "holds 99"),
        ({"expect_json": {}}, "expect_json of the check 'app' is empty, so it expects nothing"),
        ({"expect_query": {}}, "expect_query of the check 'app' is empty"),
        ({"expect_headers": {}}, "expect_headers of the check 'app' is empty"),
        ({"method": "HEAD", "expect_body": "ok"}, "an answer to HEAD has none"),
        ({"method": "HEAD", "expect_query": {"a": 1}}, "an answer to HEAD has none"),
        ({"version_from": "header:X-V"}, "says version_from, but expects no version"),
        ({"expect_version": " "}, "expect_version of the check 'app' is empty"),
        ({"expect_version": "1", "version_from": "X-V"}, "Write header:X-Portal-Version or json:version"),
    ],
)
def test_an_expectation_that_cannot_be_met_is_refused(options: Options, given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(options(**given))


def test_what_is_not_given_has_the_documented_default(options: Options) -> None:
    target = read(options())
    request = target.request
    assert (request.method, target.expect_status, request.follow_redirects, request.trust.validate_certs) == ("GET", (200,), True, True)


@pytest.mark.parametrize(
    ("source", "expected"),
    [(None, ExpectedVersion("1.1", "json", "version")), ("header:X-V", ExpectedVersion("1.1", "header", "X-V"))],
)
def test_a_version_is_looked_for_where_the_task_says(options: Options, source: str | None, expected: ExpectedVersion) -> None:
    assert read(options(expect_version="1.1", version_from=source)).expect_version == expected
