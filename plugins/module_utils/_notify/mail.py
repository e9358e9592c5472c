# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A message as e-mail, through a mail server; the standard library's smtplib over a connection with a deadline."""

from __future__ import annotations

import contextlib
import email.message
import email.utils
import smtplib
import socket
import ssl
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.lines import Line, open_line, reason_for
from ansible_collections.holdfast.webops.plugins.module_utils._notify.attempts import NotDeliveredError
from ansible_collections.holdfast.webops.plugins.module_utils._notify.channels import MailChannel
from ansible_collections.holdfast.webops.plugins.module_utils._notify.wording import Message, clip

LONGEST_SUBJECT = 200
SHOWN = 200


def mail(message: Message, target: MailChannel, identity: str, at: t.Any) -> email.message.EmailMessage:
    """The mail. Its Message-ID is the same in every attempt, so that a server or reader can drop a second one."""
    letter = email.message.EmailMessage()
    letter["Subject"] = clip(f"[{message.severity}] {message.title}", LONGEST_SUBJECT)
    letter["From"] = target.sender
    letter["To"] = ", ".join(target.recipients)
    letter["Date"] = email.utils.format_datetime(at)
    letter["Message-ID"] = f"<{identity}@{target.sender.rpartition('@')[2]}>"
    # So that nobody's out-of-office answers it (RFC 3834).
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Priority"] = "1" if message.severity == "critical" else "3"
    letter.set_content(message.as_text() + "\n")
    return letter


def send(letter: email.message.EmailMessage, target: MailChannel, ca_file: t.Optional[str], deadline: Deadline) -> None:
    """Hand it to the server once; NotDeliveredError when it was not taken for every recipient."""
    place = f"{target.host}:{target.port}"
    try:
        refused = _converse(letter, target, ca_file, deadline)
    except smtplib.SMTPAuthenticationError as exc:
        raise NotDeliveredError(f"{place} refused the user or the password ({exc.smtp_code})", again=False) from None
    except smtplib.SMTPResponseException as exc:
        raise NotDeliveredError(f"{place} answered {_answer(exc.smtp_code, exc.smtp_error)}", again=400 <= exc.smtp_code < 500) from None
    except smtplib.SMTPRecipientsRefused as exc:
        raise NotDeliveredError(f"{place} refused {_refused(exc.recipients)}", again=_all_later(exc.recipients)) from None
    except smtplib.SMTPNotSupportedError as exc:
        raise NotDeliveredError(f"{place} cannot do what is asked: {str(exc).rstrip('.')}", again=False) from None
    except OSError as exc:  # SMTPException is one too
        raise _cut_off(exc, place, deadline) from None
    if refused:
        raise NotDeliveredError(f"{place} took it, but refused {_refused(refused)}", again=False)


def _converse(
    letter: email.message.EmailMessage, target: MailChannel, ca_file: t.Optional[str], deadline: Deadline
) -> t.Mapping[str, tuple[int, bytes]]:
    session = _Session(target, ca_file, deadline)
    try:
        session.encrypt()
        if target.username:
            session.login(target.username, target.password)
        refused = session.send_message(letter, target.sender, list(target.recipients))
        # The mail is theirs now; how the conversation ends changes nothing about it.
        with contextlib.suppress(OSError):
            session.quit()
        return refused
    finally:
        session.close()


def _cut_off(error: OSError, place: str, deadline: Deadline) -> NotDeliveredError:
    if deadline.expired or isinstance(error, socket.timeout):
        return NotDeliveredError(f"{place} did not answer in time", again=False)
    if isinstance(error, smtplib.SMTPException):
        return NotDeliveredError(f"{place} broke off: {str(error)[:SHOWN].rstrip('.')}", again=True)
    reason = reason_for(error, place)
    return NotDeliveredError(reason, again=not reason.startswith("the certificate"))


def _answer(code: int, said: t.Union[bytes, str]) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())[:SHOWN]}".strip()


def _refused(recipients: t.Mapping[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{address} ({_answer(*said)})" for address, said in sorted(recipients.items()))


def _all_later(recipients: t.Mapping[str, tuple[int, bytes]]) -> bool:
    return all(400 <= code < 500 for code, _said in recipients.values())


class _Session(smtplib.SMTP):
    """A conversation with the server."""

    def __init__(self, target: MailChannel, ca_file: t.Optional[str], deadline: Deadline) -> None:
        self._target = target
        self._tls = _Tls(ca_file)
        self._deadline = deadline
        name = socket.gethostname()
        # Given, because smtplib would ask the name service for it.
        super().__init__(target.host, target.port, local_hostname=name if "." in name else "[127.0.0.1]")

    def encrypt(self) -> None:
        """Before the user and the mail are told, unless it is encrypted already or is not to be."""
        if self._target.encryption == "starttls":
            self.starttls(context=t.cast("t.Any", self._tls))

    def _get_socket(self, host: str, port: int, timeout: float) -> t.Any:  # noqa: ARG002
        line = open_line(host, port, self._deadline)
        return self._tls.wrap_socket(line, server_hostname=host) if self._target.encryption == "implicit" else line


class _Tls:
    """What smtplib asks of an SSL context, for lines."""

    def __init__(self, ca_file: t.Optional[str]) -> None:
        self._ca_file = ca_file

    def wrap_socket(self, line: Line, server_hostname: str) -> Line:
        return line.encrypt(server_hostname, ssl.create_default_context(cafile=self._ca_file))
