# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind smtp: does the mail server answer, encrypt, and let us in? No mail is sent."""

from __future__ import annotations

import contextlib
import smtplib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.lines import Line, open_line, reason_for
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import Redactor
from ansible_collections.holdfast.webops.plugins.module_utils._health import trust
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding, milliseconds
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.smtp import SmtpTarget, secrets

US = "holdfast.invalid"
SHOWN = 200
# A server may talk as long as it likes otherwise: smtplib keeps every line of an answer.
MOST_ANSWER = 64 * 1024


def prepare(target: SmtpTarget) -> None:
    trust.prepare(target.trust)


class _Client(smtplib.SMTP):
    """smtplib over a line with a deadline; its own timeouts are for one operation, and a server that drips never meets them."""

    def __init__(self, line: Line) -> None:
        super().__init__(local_hostname=US)
        self.sock = t.cast("t.Any", line)
        self.file = t.cast("t.Any", _Bounded(line))

    def greeting(self) -> tuple[int, bytes]:
        return self.getreply()

    def encrypted(self) -> None:
        """After the handshake everything the server said before is forgotten (RFC 3207, section 4.2)."""
        self.file = t.cast("t.Any", _Bounded(t.cast("Line", self.sock)))
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False


class _Bounded:
    """The answers of a server, at most MOST_ANSWER bytes of them."""

    def __init__(self, line: Line) -> None:
        self._file = line.makefile()
        self._left = MOST_ANSWER

    def readline(self, most: int) -> bytes:
        text = self._file.readline(min(most, self._left))
        self._left -= len(text)
        if text and self._left <= 0:
            raise smtplib.SMTPServerDisconnected(f"it says more than {MOST_ANSWER} bytes")
        return text

    def close(self) -> None:
        self._file.close()


def look(target: SmtpTarget, deadline: Deadline, clock: Clock) -> Finding:
    """Connect, EHLO, STARTTLS or TLS, AUTH where there is a user, QUIT."""
    place = f"{target.host}:{target.port}"
    figures: dict[str, t.Any] = {"connect_ms": None, "total_ms": None}
    started = clock.monotonic()
    line: t.Optional[Line] = None
    try:
        with contextlib.closing(open_line(target.host, target.port, deadline)) as line:
            figures["connect_ms"] = milliseconds(clock.monotonic() - started)
            seen = _talk(target, line)
    except OSError as exc:  # every error of smtplib is one too, and hides that the time was up
        reason = f"{place} did not answer in time" if line and deadline.expired else _reason(exc, place, target)
        return Finding("", problems=(reason,), figures=figures, evidence=_evidence(line))
    figures["total_ms"] = milliseconds(clock.monotonic() - started)
    return Finding(seen, figures=figures, evidence=_evidence(line, seen))


def _talk(target: SmtpTarget, line: Line) -> str:
    """The whole conversation; returns what was seen."""
    if target.encryption == "implicit":
        line.encrypt(target.host, trust.context(target.trust))
    client = _Client(line)
    code, text = client.greeting()
    if code != 220:
        raise smtplib.SMTPConnectError(code, text)
    client.ehlo_or_helo_if_needed()
    if target.encryption == "starttls":
        _start_tls(target, client, line)
    words = f"greets with {code} and speaks {line.protocol or 'without encryption'}"
    if target.username is not None:
        client.login(target.username, target.password)
        words += f", and lets {target.username} in"
    with contextlib.suppress(OSError):  # there are servers that hang up at once
        client.docmd("QUIT")
    return words


def _start_tls(target: SmtpTarget, client: _Client, line: Line) -> None:
    if not client.has_extn("starttls"):
        raise smtplib.SMTPNotSupportedError("it does not offer STARTTLS")
    code, text = client.docmd("STARTTLS")
    if code != 220:
        raise smtplib.SMTPResponseException(code, text)
    line.encrypt(target.host, trust.context(target.trust))
    client.encrypted()
    client.ehlo_or_helo_if_needed()


def _reason(exc: OSError, place: str, target: SmtpTarget) -> str:
    if not isinstance(exc, smtplib.SMTPException):
        return reason_for(exc, place)
    # Before the cut: half a secret is no longer recognised by whoever masks the result.
    hide = Redactor([target.password, *secrets(target)])
    if isinstance(exc, smtplib.SMTPAuthenticationError):
        return f"{place} does not let us in: {exc.smtp_code} {_text(hide, exc.smtp_error)}"
    if isinstance(exc, smtplib.SMTPResponseException):
        code = "no SMTP" if exc.smtp_code == -1 else exc.smtp_code
        return f"{place} answered {code} {_text(hide, exc.smtp_error)}".rstrip()
    return f"{place} does not do what a mail server does: {_text(hide, str(exc))}".rstrip(".")


def _text(hide: Redactor, said: t.Union[bytes, str]) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(hide(text).split())[:SHOWN]


def _evidence(line: t.Optional[Line], value: t.Optional[str] = None) -> Evidence:
    if line is None:
        return Evidence()
    end = line.certificate_end
    return Evidence(address=line.address, resolved=line.resolved, certificate_end=iso(end) if end else None, value=value)
