"""Those who are told: an HTTP server that takes what Slack, PagerDuty and webhooks take and nothing else, and a mail server.

What is wrong with a payload is an answer of 400, as from the vendors: Slack's blocks are judged by Slack's own library, the
signature of a webhook by that of Standard Webhooks, an event by the limits that PagerDuty documents. A path that begins with
/fault/<name>/ misbehaves first.
"""

from __future__ import annotations

import contextlib
import json
import socketserver
import ssl
import struct
import threading
import typing as t

import standardwebhooks
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from slack_sdk.models.blocks import Block

from tools.embedded import ports

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ROUTING_KEY = "0123456789abcdef0123456789abcdef"
MAIL_USER, MAIL_PASSWORD = "portal", "correct-horse-battery"


class WrongPayloadError(Exception):
    """What a vendor would refuse."""


def check_slack(body: dict[str, t.Any]) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks, as slack_sdk checks it, and the number of blocks, which it does not."""
    if set(body) - {"text", "blocks"} or not body.get("text") or not 1 <= len(body["blocks"]) <= 50:
        raise WrongPayloadError("invalid_blocks")
    blocks = Block.parse_all(body["blocks"])
    if len(blocks) != len(body["blocks"]):
        raise WrongPayloadError("invalid_blocks: unknown type")
    for block in blocks:
        block.validate_json()


def check_pagerduty(body: dict[str, t.Any]) -> None:
    """https://developer.pagerduty.com/docs/events-api-v2/trigger-events/"""
    wrong = [
        name
        for name, good in {
            "routing_key": body.get("routing_key") == ROUTING_KEY,
            "event_action": body.get("event_action") in ("trigger", "acknowledge", "resolve"),
            "dedup_key": 1 <= len(body.get("dedup_key", "")) <= 255,
            "keys": set(body) <= {"routing_key", "event_action", "dedup_key", "payload", "links", "images", "client", "client_url"},
        }.items()
        if not good
    ]
    payload = body.get("payload")
    if body.get("event_action") == "trigger":
        wrong += _wrong_in_trigger(payload if isinstance(payload, dict) else {})
    if wrong:
        raise WrongPayloadError(f"Event object is invalid: {wrong}")


def _wrong_in_trigger(payload: dict[str, t.Any]) -> list[str]:
    allowed = {"summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"}
    good = {
        "summary": 1 <= len(payload.get("summary", "")) <= 1024,
        "source": bool(payload.get("source")),
        "severity": payload.get("severity") in ("critical", "error", "warning", "info"),
        "custom_details": isinstance(payload.get("custom_details", {}), dict),
        "payload": set(payload) <= allowed,
    }
    return [name for name, is_good in good.items() if not is_good]


class Receiver(socketserver.ThreadingTCPServer):
    """Keeps what it took by path: the JSON and the headers."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, certificate: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.context = certificate
        self.port = self.server_address[1]
        self.taken: dict[str, list[tuple[dict[str, t.Any], dict[str, str]]]] = {}
        self.asked: dict[str, int] = {}
        self.stopping = threading.Event()

    def url(self, path: str) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}{path}"

    def bodies(self, path: str) -> list[dict[str, t.Any]]:
        return [body for body, _headers in self.taken.get(path, [])]

    def get_request(self) -> tuple[t.Any, t.Any]:
        connection, address = super().get_request()
        return (self.context.wrap_socket(connection, server_side=True) if self.context else connection), address

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that hangs up is one of the cases."""

    @classmethod
    @contextlib.contextmanager
    def running(cls, certificate: ssl.SSLContext | None = None) -> Iterator[Receiver]:
        with cls(certificate) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield server
            finally:
                server.stopping.set()
                server.shutdown()
                thread.join()


class _Connection(socketserver.StreamRequestHandler):
    server: Receiver

    def handle(self) -> None:
        words = self.rfile.readline().decode("latin-1").split()
        if len(words) < 2:
            return
        headers = {}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _colon, value = line.partition(":")
            headers[name.lower()] = value.strip()
        content = self.rfile.read(int(headers.get("content-length", 0)))
        path = words[1]
        asked = self.server.asked[path] = self.server.asked.get(path, 0) + 1
        if path.startswith("/fault/") and FAULTS[path.split("/")[2]](self, asked):
            return
        if words[0] != "POST" or not headers.get("content-type", "").startswith("application/json"):
            self.answer(415, "unsupported")
            return
        self.take(path, headers, content)

    def take(self, path: str, headers: dict[str, str], content: bytes) -> None:
        try:
            body = self.judged(path, headers, content)
        except Exception as exc:  # whatever a vendor's library finds wrong
            self.answer(400, f"{type(exc).__name__}: {exc}")
            return
        self.server.taken.setdefault(path, []).append((body, headers))
        self.answer(202 if "pagerduty" in path else 200, "ok")

    def judged(self, path: str, headers: dict[str, str], content: bytes) -> dict[str, t.Any]:
        if "webhook" in path:
            return t.cast("dict[str, t.Any]", standardwebhooks.Webhook(SIGNING_KEY).verify(content, headers))
        body: dict[str, t.Any] = json.loads(content)
        (check_pagerduty if "pagerduty" in path else check_slack)(body)
        return body

    def answer(self, status: int, text: str, *lines: str) -> None:
        head = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(text.encode())}", "Connection: close", *lines]
        self.wfile.write("\r\n".join([*head, "", text]).encode())


def _twice_failing(connection: _Connection, asked: int) -> bool:
    if asked <= 2:
        connection.answer(503, "service unavailable")
    return asked <= 2


def _busy(connection: _Connection, asked: int) -> bool:
    if asked == 1:
        connection.answer(429, "rate_limited", "Retry-After: 1")
    return asked == 1


def _busy_for_long(connection: _Connection, asked: int) -> bool:
    connection.answer(429, "rate_limited", "Retry-After: 3600")
    return True


def _reset(connection: _Connection, asked: int) -> bool:
    import socket

    connection.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.request.close()
    return True


def _drip(connection: _Connection, asked: int) -> bool:
    with contextlib.suppress(OSError):
        connection.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not connection.server.stopping.wait(0.2):
            connection.wfile.write(b"X-Drip: drip\r\n")
    return True


def _moved(connection: _Connection, asked: int) -> bool:
    connection.answer(302, "", f"Location: {connection.server.url('/slack/elsewhere')}")
    return True


def _gone(connection: _Connection, asked: int) -> bool:
    connection.answer(404, "no_service")
    return True


FAULTS: dict[str, t.Callable[[_Connection, int], bool]] = {
    "503-twice": _twice_failing,
    "429": _busy,
    "429-long": _busy_for_long,
    "reset": _reset,
    "drip": _drip,
    "moved": _moved,
    "gone": _gone,
}


class Mailbox:
    """The handler of a mail server: keeps what it took. `greylisted` mails are refused for now first."""

    def __init__(self, greylisted: int = 0) -> None:
        self.mails: list[Message] = []
        self.envelopes: list[tuple[str, list[str], bool]] = []
        self.greylisted = greylisted

    async def handle_RCPT(self, server: t.Any, session: t.Any, envelope: t.Any, address: str, options: t.Any) -> str:  # noqa: N802
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: t.Any, session: t.Any, envelope: t.Any) -> str:  # noqa: N802
        import email
        import email.policy

        if self.greylisted:
            self.greylisted -= 1
            return "451 4.7.1 try again"
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos, session.ssl is not None))
        return "250 OK"


def _let_in(server: t.Any, session: t.Any, envelope: t.Any, mechanism: str, given: t.Any) -> AuthResult:
    good = isinstance(given, LoginPassword) and (given.login, given.password) == (MAIL_USER.encode(), MAIL_PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@contextlib.contextmanager
def mail_server(box: Mailbox, *, starttls: ssl.SSLContext | None = None, implicit: ssl.SSLContext | None = None) -> Iterator[int]:
    """A mail server on loopback that wants a login wherever it is encrypted; gives its port."""

    class Server(Controller):
        def factory(self) -> SMTP:
            encrypted = bool(starttls or implicit)
            return SMTP(
                self.handler,
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=_let_in,
                auth_required=encrypted,
                auth_require_tls=starttls is not None,
            )

    controller = Server(box, hostname="127.0.0.1", port=ports.free_port(), ssl_context=implicit)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextlib.contextmanager
def dripping_mail_server() -> Iterator[int]:
    """It greets a byte at a time, and never ends."""
    stopping = threading.Event()

    class Drip(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                while not stopping.wait(0.2):
                    self.request.sendall(b"2")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Drip) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            stopping.set()
            server.shutdown()
            thread.join()
