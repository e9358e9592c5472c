"""What can go wrong here: kind by what it does."""

from __future__ import annotations

import typing as t

OF_REQUESTS: t.Final = {
    "status": "answers `code` (503) with `message` instead of working",
    "rate_limited": "answers 429 with `retry_after` seconds (1); with `header=reset` only x-ratelimit-reset says so",
    "cut_before": "the connection is cut and nothing has happened",
    "cut_after": "the connection is cut when everything has happened: the answer is lost",
    "slow": "waits `seconds` (1) before it works",
    "empty_json": "works, and answers with an empty body that it calls JSON",
    "unchanged": "says that it worked, and nothing has changed",
}
OF_TRANSITIONS: t.Final = {
    "restore_failed": "the next restore ends in RESTORE_FAILED",
    "pause_failed": "the next pause ends in PAUSE_FAILED",
    "start_failed": "the next start, restart or resumption ends in INIT_FAILED",
    "stuck": "the next change of state never ends",
    "restore_point_failed": "the next restore point FAILED",
}
KINDS: t.Final = {**OF_REQUESTS, **OF_TRANSITIONS}
