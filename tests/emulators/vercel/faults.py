"""What can go wrong here: kind by what it does. Requests are chosen by their path without version."""

from __future__ import annotations

import typing as t

OF_REQUESTS: t.Final = {
    "status": "answers `code` (503) instead of working",
    "rate_limited": "answers 429 with `retry_after` seconds (1); long ones say hours, as the service's daily limits do",
    "cut_before": "the connection is cut and nothing has happened",
    "cut_after": "the connection is cut when everything has happened: the answer is lost",
    "slow": "waits `seconds` (1) before it works",
    "empty_json": "works, and answers with an empty body that it calls JSON",
}
OF_DEPLOYMENTS: t.Final = {
    "build_error": "the build fails with `message` after the lines `log`",
    "build_blocked": "the build is refused: BLOCKED",
    "build_stuck": "the build never ends",
    "build_slow": "the build takes `seconds`",
    "alias_stuck": "READY, but aliasAssigned stays false",
    "alias_error": "READY, but its aliases fail with `code` and `message`",
    "alias_wins_over_error": "the build fails, yet aliasAssigned is true",
    "checks_failed": "READY, but a check of its aliases failed",
}
OF_PROMOTIONS: t.Final = {
    "promote_failed": "the domains `aliases` (all of them) do not move, and jobStatus becomes failed",
    "promote_stuck": "jobStatus stays pending, nothing moves",
}
OF_ENV: t.Final = {"env_failed": "the variables `keys` are refused inside an answer of 201"}
OTHERS: t.Final = {**OF_DEPLOYMENTS, **OF_PROMOTIONS, **OF_ENV}
KINDS: t.Final = {**OF_REQUESTS, **OTHERS}
