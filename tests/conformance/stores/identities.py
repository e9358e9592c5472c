"""A stand-in for what gives a machine its identity in each cloud: container and instance roles, managed identities, metadata."""

from __future__ import annotations

import http.server
import json
import threading
import typing as t

LIFETIME = "2099-01-01T00:00:00Z"
TOKEN = "a-token-of-this-machine"
ROLE = "backup-role"
STS = """<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
<AccessKeyId>{AccessKeyId}</AccessKeyId><SecretAccessKey>{SecretAccessKey}</SecretAccessKey><SessionToken></SessionToken>
<Expiration>{Expiration}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""


class Identities:
    """`keys` are what AWS's ways give; `asked` are the paths that were asked for, with the Authorization header of each."""

    def __init__(self, access_key: str, secret_key: str) -> None:
        self.keys = {"AccessKeyId": access_key, "SecretAccessKey": secret_key, "Token": "", "Expiration": LIFETIME, "Code": "Success"}
        self.asked: list[tuple[str, str]] = []
        handler = type("Handler", (_Handler,), {"identities": self})
        self._server = type("Server", (http.server.ThreadingHTTPServer,), {"request_queue_size": 128})(("127.0.0.1", 0), handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Identities:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str) -> str:
        """The body for a path; every service has its own."""
        route = path.partition("?")[0]
        if route == "/latest/api/token":
            return TOKEN
        if route == "/latest/meta-data/iam/security-credentials/":
            return ROLE
        if route in (f"/latest/meta-data/iam/security-credentials/{ROLE}", "/container"):
            return json.dumps(self.keys)
        if route == "/sts":
            return STS.format(**self.keys)
        if route == "/computeMetadata/v1/instance/service-accounts/default/":
            return json.dumps({"email": "backup@example.iam", "scopes": []})
        return json.dumps({"access_token": TOKEN, "expires_in": 3600, "expires_on": "4070908800", "token_type": "Bearer", "resource": ""})


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers whatever it is asked; a subclass names whose identities these are."""

    protocol_version = "HTTP/1.1"
    identities: t.ClassVar[Identities]

    def handle_any(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.identities.asked.append((self.path, self.headers.get("Authorization", "")))
        body = self.identities.answer(self.path).encode()
        self.send_response(200)
        self.send_header("Metadata-Flavor", "Google")
        self.send_header("Content-Type", "application/json" if body.startswith(b"{") else "text/plain")
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sun, 22 Nov 2026 08:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the console."""

    do_GET = do_PUT = do_POST = do_HEAD = handle_any  # noqa: N815  (http.server names them)
