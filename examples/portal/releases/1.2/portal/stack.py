"""The layers around the application, innermost first."""

from __future__ import annotations

import typing as t

from portal.audit import AuditTrail
from portal.request_log import RequestLog

if t.TYPE_CHECKING:
    from portal.settings import Release
    from starlette.types import ASGIApp


def wrap(app: ASGIApp, release: Release) -> ASGIApp:
    return RequestLog(AuditTrail(app), release)
