"""What can go wrong here: kind by what it does."""

from __future__ import annotations

import typing as t

OF_REQUESTS: t.Final = {
    "throttled": "answers 400 Throttling, `Rate exceeded`",
    "unavailable": "answers `status` (503) with the code `code` (ServiceUnavailable)",
    "access_denied": "answers 403 AccessDenied, as IAM's policies do",
    "expired_token": "answers 403 ExpiredToken, as when a session is over",
    "cut_before": "the connection is cut and nothing has happened",
    "cut_after": "the connection is cut when everything has happened: the answer is lost",
    "slow": "waits `seconds` (1) before it works",
}
OF_TRANSITIONS: t.Final = {
    "restore_failed": "the next restore ends in `status` (incompatible-restore), without a server",
    "storage_full": "the next restore ends in storage-full",
    "change_failed": "the next change, start or reboot of an instance ends in `status` (failed)",
    "stuck": "the next change of state never ends",
    "snapshot_failed": "the next snapshot ends in failed",
}
KINDS: t.Final = {**OF_REQUESTS, **OF_TRANSITIONS}
