"""Those who are told: what a webhook gets is a line of /var/lib/told/posts, what the mail server takes of /var/lib/told/mails."""

from __future__ import annotations

import http.server
import json
import ssl
import sys
import typing as t
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

TOLD = Path("/var/lib/told")
PASSWORD = Path("/etc/told/password").read_text().strip()


def note(name: str, **what: t.Any) -> None:
    with (TOLD / name).open("a") as file:
        file.write(json.dumps(what, ensure_ascii=False) + "\n")


class Posts(http.server.BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: t.Any) -> None:
        """Not into the journal: the path is a secret, and the tests look for it there."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        note("posts", path=self.path, body=body)
        pagerduty = self.path == "/pagerduty"
        answer = b'{"status": "success", "message": "Event processed", "dedup_key": "x"}' if pagerduty else b"ok"
        self.send_response(202 if pagerduty else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class Mails:
    async def handle_DATA(self, _server: t.Any, session: t.Any, envelope: t.Any) -> str:  # noqa: N802
        note("mails", encrypted=session.ssl is not None, to=envelope.rcpt_tos, content=envelope.content.decode())
        return "250 OK"


def let_in(_server: t.Any, _session: t.Any, _envelope: t.Any, _mechanism: str, given: t.Any) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (b"portal", PASSWORD.encode()), handled=False)


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("/etc/told/certificate.pem", "/etc/told/key.pem")
server = Controller(
    Mails(),
    hostname="localhost",
    port=2525,
    tls_context=context,
    require_starttls=True,
    authenticator=let_in,
    auth_required=True,
    # Its way to ask for a name puzzles Alertmanager, which then speaks PLAIN.
    auth_exclude_mechanism=["LOGIN"],
)
server.start()
sys.stdout.flush()
http.server.ThreadingHTTPServer(("127.0.0.1", 9900), Posts).serve_forever()
