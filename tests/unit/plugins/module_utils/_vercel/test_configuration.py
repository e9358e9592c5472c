"""What a vercel.json may say, and in which sentence it is refused."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.filter.vercel_configuration_problem import vercel_configuration_problem
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import configuration, crontimes

GOOD: dict[str, t.Any] = {
    "$schema": "https://openapi.vercel.sh/vercel.json",
    "framework": None,
    "buildCommand": "npm run build",
    "cleanUrls": True,
    "regions": ["fra1", "iad1"],
    "functions": {
        "app/api/**/route.ts": {"memory": 1024, "maxDuration": 60, "regions": ["fra1"]},
        "api/*.js": {"maxDuration": "max", "supportsCancellation": True},
    },
    "crons": [{"path": "/api/cron/cleanup?full=1", "schedule": "*/15 0-6,22 * 1-12/2 1-5"}],
    "headers": [
        {
            "source": "/(.*)",
            "headers": [{"key": "Content-Security-Policy", "value": "default-src 'self'"}, {"key": "X-Empty", "value": ""}],
            "has": [{"type": "host", "value": "shop.example.org"}, {"type": "cookie", "key": "beta"}],
        }
    ],
    "redirects": [
        {"source": "/old/:path*", "destination": "/new/:path*", "permanent": False},
        {"source": "https://old.example.org/x", "destination": "https://example.org/x", "statusCode": 301},
    ],
    "rewrites": [{"source": "/ingest/:path*", "destination": "https://eu.example.com/:path*"}],
    "images": {"sizes": [640]},
}


def test_all_that_vercel_documents_is_taken() -> None:
    configuration.check(GOOD)
    configuration.check_together(GOOD)
    configuration.check({})


def function(**settings: t.Any) -> dict[str, t.Any]:
    return {"functions": {"api/x.js": settings}}


def header(key: t.Any, value: t.Any) -> dict[str, t.Any]:
    return {"headers": [{"source": "/", "headers": [{"key": key, "value": value}]}]}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"middleware": []}, "middleware is no key of vercel.json."),
        ({"redirect": []}, "redirect is no key of vercel.json, write redirects"),
        ({"clean_urls": True}, "clean_urls is no key of vercel.json, write cleanUrls"),
        ({"env": {"A": "1"}}, "env cannot be set here: environment variables are the project's, see vercel_env"),
        ({"alias": ["a.example"]}, "alias cannot be set here"),
        ({"cleanUrls": "yes"}, 'cleanUrls is "yes", neither true nor false'),
        ({"buildCommand": ["make"]}, 'buildCommand is ["make"], not a text'),
        ({404: "x"}, "404 is no key of vercel.json"),
        ({"version": 1}, "version is 1, not one of 2"),
        ({"regions": "fra1"}, 'regions is "fra1", not a list'),
        ({"regions": ["iad1", "fra"]}, 'regions[1] is "fra", not one of arn1, bom1'),
        (function(regions=["nowhere"]), "functions['api/x.js'].regions[0] is \"nowhere\", not one of arn1"),
        (function(memory=64), "functions['api/x.js'].memory is 64, not a whole number from 128 to 10240"),
        (function(memory="1024"), "functions['api/x.js'].memory is \"1024\", not a whole number"),
        (function(memory=True), "functions['api/x.js'].memory is true, not a whole number"),
        (function(maxDuration=0), "functions['api/x.js'].maxDuration is 0, not a whole number from 1 to 3600 of seconds, or max"),
        (function(maxDuration=3601), "functions['api/x.js'].maxDuration is 3601"),
        (function(timeout=5), "functions['api/x.js'].timeout is not known; there are memory, maxDuration"),
        ({"functions": {}}, "functions has 0 patterns, not 1 to 50"),
        ({"functions": ["api/x.js"]}, 'functions is ["api/x.js"], not a mapping'),
        ({"functions": {"api/x.js": 5}}, "functions['api/x.js'] is 5, not a mapping"),
        ({"functions": {"/api/x.js": {}}}, "functions['/api/x.js']: patterns are relative to the project, without / before them"),
        ({"crons": {"path": "/"}}, 'crons is {"path": "/"}, not a list'),
        ({"crons": [{"path": "/x"}]}, "crons[0] has no schedule"),
        ({"crons": [{"path": "x", "schedule": "0 5 * * *"}]}, 'crons[0].path is "x", not a path that begins with /'),
        ({"crons": [{"path": "/x", "schedule": "0 5 * *"}]}, "crons[0].schedule: '0 5 * *' has 4 fields, not five (minute, hour"),
        ({"crons": [{"path": "/x", "schedule": "@daily"}]}, "crons[0].schedule: '@daily' has 1 fields, not five"),
        (header("X Y", "1"), 'headers[0].headers[0].key is "X Y", not the name of a header'),
        (header("X", 1), "headers[0].headers[0].value is 1, not a text"),
        (header("X", "a\nb"), "headers[0].headers[0].value holds a line end"),
        ({"headers": [{"source": "x", "headers": []}]}, 'headers[0].source is "x", not a pattern that begins with /'),
        ({"headers": [{"source": "/"}]}, "headers[0] has no headers"),
        ({"headers": [{"source": "/", "headers": [], "has": [{"type": "header"}]}]}, "headers[0].has[0] has no key"),
        ({"headers": [{"source": "/", "headers": [], "missing": [{"type": "host"}]}]}, "headers[0].missing[0] has no value"),
        ({"redirects": [{"source": "/a"}]}, "redirects[0] has no destination"),
        ({"redirects": [{"source": "/a", "destination": "b"}]}, 'redirects[0].destination is "b", neither a path'),
        ({"redirects": [{"source": "/a", "destination": "/b", "statusCode": 200}]}, "redirects[0].statusCode is 200, not one of 301"),
        (
            {"redirects": [{"source": "/a", "destination": "/b", "statusCode": 301, "permanent": True}]},
            "redirects[0] has both permanent and statusCode",
        ),
        ({"rewrites": [{"source": "/a", "destination": "/b", "permanent": True}]}, "rewrites[0].permanent is not known; there are source"),
        ({"rewrites": [7]}, "rewrites[0] is 7, not a mapping"),
    ],
)
def test_a_mistake_is_told_by_its_place(wrong: dict[t.Any, t.Any], sentence: str) -> None:
    with pytest.raises(InputError) as told:
        configuration.check(wrong)
    assert told.value.message.startswith(f"configuration: {sentence}")
    assert "; and " not in told.value.message


def test_several_mistakes_are_told_at_once() -> None:
    with pytest.raises(InputError) as told:
        configuration.check({"regions": ["a", "b"], "fluid": 1, "crons": [{"path": "/"}], "x": 1, "y": 2, "z": 3})
    assert [part in told.value.message for part in ("regions[1]", "fluid", "crons[0]", "; and 2 more.")] == [True] * 4


def test_the_filter_says_the_same_before_a_deploy_touches_anything() -> None:
    assert vercel_configuration_problem(GOOD) == ""
    assert vercel_configuration_problem({"fluid": 1}).startswith("configuration: fluid is 1, neither true nor false.")


@pytest.mark.parametrize(
    ("whole", "both"),
    [({"routes": [], "headers": []}, "both routes and headers"), ({"functions": {}, "builds": []}, "both functions and builds")],
)
def test_what_vercel_takes_only_one_of_is_refused(whole: dict[str, t.Any], both: str) -> None:
    with pytest.raises(InputError, match=both):
        configuration.check_together(whole)


@pytest.mark.parametrize("good", ["* * * * *", "0 5 * * *", "*/5 0-23/2 1,15 * *", "0 0 * * 0", "59 23 31 12 *", "5/15 * * * *"])
def test_times_of_crons(good: str) -> None:
    assert crontimes.complaint(good) is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("60 * * * *", "'60' is no minute, which has numbers from 0 to 59"),
        ("* 24 * * *", "'24' is no hour"),
        ("* * 0 * *", "'0' is no day of the month"),
        ("* * * JAN *", "'JAN' is no month"),
        ("* * * * 7", "'7' is no day of the week"),
        ("* * * * MON-FRI", "'MON-FRI' is no day of the week"),
        ("*/0 * * * *", "'*/0' is no minute"),
        ("30-10 * * * *", "'30-10' is no minute"),
        ("1,,2 * * * *", "'1,,2' is no minute"),
        ("0 0 1 * 1", "names both a day of the month and a day of the week"),
        ("0 0 0 1 1 *", "has 6 fields, not five"),
        ("", "has 0 fields"),
    ],
)
def test_times_that_vercel_does_not_take(wrong: str, sentence: str) -> None:
    assert sentence in str(crontimes.complaint(wrong))
