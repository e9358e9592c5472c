# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS refuses, as sentences."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError, WebopsError

DENIED = frozenset(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"])
EXPIRED = frozenset(["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
UNKNOWN_KEYS = frozenset(
    ["InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure", "IncompleteSignature"]
)
THROTTLED = frozenset(["Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "RequestThrottled"])
# Orders that were taken already, as when the answer to the first one was lost.
TAKEN = frozenset(["DBInstanceAlreadyExists", "DBSnapshotAlreadyExists"])
ABSENT = frozenset(["DBInstanceNotFound", "DBSnapshotNotFound", "DBInstanceAutomatedBackupNotFound"])
_ACTION = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)")


class AwsError(WebopsError):
    """AWS said no. `code` is its name for that, without `Fault` at the end."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        self.code = code
        super().__init__(message, hint=hint, aws_code=code)


class AbsentError(NotFoundError):
    """AWS has no instance, snapshot or backup of that name."""


def explained(what: str, operation: str, error: t.Mapping[str, t.Any]) -> WebopsError:
    """The error for an answer of AWS. `what` completes 'AWS would not ...', `error` has Code and Message."""
    code = re.sub(r"Fault$", "", str(error.get("Code") or "unknown"))
    said = " ".join(str(error.get("Message") or "no reason given").split()).rstrip(".")
    sentence = f"AWS would not {what}: {said} ({code})."
    if code in ABSENT:
        return AbsentError(sentence, hint="Look at the name, the region and the account.", aws_code=code)
    return AwsError(code, sentence, hint=_hint(code, said, operation))


def _hint(code: str, said: str, operation: str) -> str:
    if code in DENIED:
        named = _ACTION.search(said)
        return f"Allow {named.group(1) if named else f'rds:{operation}'} in the IAM policy of whoever runs this."
    if code in EXPIRED:
        return "The session is over: get new credentials and run the same task again, it goes on where it was."
    if code in UNKNOWN_KEYS:
        return "Look at access_key_id, secret_access_key and session_token, or at the profile; and at the clock of this machine."
    if code in THROTTLED:
        return "AWS was asked too often, also after pauses: run the same task again, it goes on where it was."
    if code in {"SnapshotQuotaExceeded", "InstanceQuotaExceeded", "StorageQuotaExceeded"}:
        return "Remove what nobody needs any more (snapshots, instances named *-before-*), or have AWS raise the quota."
    return ""
