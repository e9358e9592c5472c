"""Which files the patterns of functions mean."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._vercel.patterns import matches_any


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("api/x.js", "api/x.js"),
        ("api/*.js", "api/x.js"),
        ("api/**/*.js", "api/x.js"),
        ("api/**/*.js", "api/a/b/x.js"),
        ("app/**", "app/api/route.ts"),
        ("**/route.ts", "app/api/route.ts"),
        ("api/?.js", "api/x.js"),
        ("api/*.{js,ts}", "api/x.ts"),
        ("{app,src/app}/**/route.ts", "src/app/api/route.ts"),
        ("api/[xyz].js", "api/x.js"),
        ("api/[!abc].js", "api/x.js"),
        ("app/[user-id]/route.ts", "app/[user-id]/route.ts"),
        ("app/[user-id]/*.ts", "app/[user-id]/route.ts"),
        ("app/(shop)/api/route.ts", "app/(shop)/api/route.ts"),
        ("app/(shop)/**", "app/(shop)/api/route.ts"),
        ("app/[[...slug]]/page.tsx", "app/[[...slug]]/page.tsx"),
        ("api/@(a|b).js", "nothing/that/could/be/told"),
    ],
)
def test_a_pattern_that_means_a_file(pattern: str, path: str) -> None:
    assert matches_any(pattern, {"other/file", path})


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("api/*.js", "api/a/x.js"),
        ("api/*.js", "api/x.ts"),
        ("api/x.js", "src/api/x.js"),
        ("api", "api/x.js"),
        ("api/*.{js,ts}", "api/x.py"),
        ("api/[abc].js", "api/x.js"),
        ("api/[!x].js", "api/x.js"),
        ("api/x.js", "api/xyjs"),
        ("app/[[...slug]]/*.js", "app/x/y.js"),
    ],
)
def test_a_pattern_that_means_no_file(pattern: str, path: str) -> None:
    assert not matches_any(pattern, {path})
