# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON by POST, over by a deadline whatever the other side does."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import socket
import ssl
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.lines import Line, open_line, reason_for
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Location
from ansible_collections.holdfast.webops.plugins.module_utils._notify.attempts import NotDeliveredError

AGENT = "holdfast-webops"
LARGEST_ANSWER = 65536
SHOWN = 200


class Post(t.NamedTuple):
    """What to send where. `ca_file` holds the certificates to trust instead of the system's."""

    location: Location
    content: bytes
    headers: t.Mapping[str, str]
    ca_file: t.Optional[str]


def post(what: Post, deadline: Deadline, clock: Clock) -> None:
    """Send it once. Anything but a status of 2xx is a NotDeliveredError; redirects are not followed, for the content is not theirs."""
    place = f"{what.location.host}:{what.location.port}"
    try:
        with contextlib.closing(open_line(what.location.host, what.location.port, deadline)) as line:
            status, headers, said = _exchange(line, what)
    except http.client.RemoteDisconnected:  # an OSError too
        raise NotDeliveredError(f"{place} hung up without an answer", again=True) from None
    except OSError as exc:
        reason = f"{place} did not answer in time" if isinstance(exc, socket.timeout) else reason_for(exc, place)
        raise NotDeliveredError(reason, again=not reason.startswith("the certificate")) from None
    except http.client.HTTPException as exc:
        raise NotDeliveredError(f"{place} does not speak proper HTTP: {type(exc).__name__}", again=False) from None
    if not 200 <= status < 300:
        raise NotDeliveredError(_refusal(place, status, said), again=status == 429 or status >= 500, after=_pause(headers, clock))


def _exchange(line: Line, what: Post) -> tuple[int, http.client.HTTPMessage, str]:
    if what.location.scheme == "https":
        line.encrypt(what.location.host, ssl.create_default_context(cafile=what.ca_file))
    connection = http.client.HTTPConnection(what.location.host, what.location.port)
    connection.sock = t.cast("t.Any", line)
    own = {"Host": what.location.authority, "User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
    connection.request("POST", what.location.path, body=what.content, headers={**own, "Content-Type": "application/json", **what.headers})
    response = http.client.HTTPResponse(t.cast("t.Any", line), method="POST")
    response.begin()
    return response.status, response.headers, _said(response)


def _said(response: http.client.HTTPResponse) -> str:
    """The head of the answer. The status has come; an answer that then breaks off or never ends changes nothing about it."""
    try:
        return response.read(LARGEST_ANSWER).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""


def _refusal(place: str, status: int, said: str) -> str:
    words = " ".join(said.split())[:SHOWN]
    return f"{place} answered {status}{': ' + words if words else ''}"


def _pause(headers: http.client.HTTPMessage, clock: Clock) -> t.Optional[float]:
    """Seconds in Retry-After, which may be a number or a date (RFC 9110, section 10.2.3)."""
    text = (headers.get("Retry-After") or "").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, (moment - clock.now()).total_seconds()) if moment.tzinfo else None
