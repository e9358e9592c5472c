"""Stand-ins for the two portals of inventories/ and for everything they are made of, on loopback, with and without TLS.

They answer what the documents of the portals say. A name in `broken` (the first part of the path, or `application`) answers 503.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import http.server
import ipaddress
import json
import ssl
import threading
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANON_KEY = "anon-key-of-the-stand-in"
SENDGRID_KEY = "SG.key-of-the-stand-in"
BYPASS = "bypass-of-the-stand-in"
PAGE = '<!DOCTYPE html><html lang="nl"><head><title>Portal</title></head><body><main>Welkom</main></body></html>'
SECURITY_HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
Answer = tuple[int, t.Any]


class Certificates(t.NamedTuple):
    """An authority of its own, and a server on loopback that it vouches for."""

    authority: Path
    context: ssl.SSLContext


def make_certificates(folder: Path) -> Certificates:
    """Good for localhost and 127.0.0.1, for as long as certificates usually are."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _which in range(2))
    authority = _certificate("Authority", "Authority", authority_key.public_key(), authority_key, is_authority=True)
    server = _certificate("localhost", "Authority", key.public_key(), authority_key, is_authority=False)
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(private + server.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return Certificates(folder / "authority.pem", context)


def _certificate(
    subject: str, issuer: str, key: ec.EllipticCurvePublicKey, signer: ec.EllipticCurvePrivateKey, *, is_authority: bool
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return (
        x509.CertificateBuilder(_name(issuer), _name(subject), key, x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .sign(signer, hashes.SHA256())
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


@dataclasses.dataclass
class Behaviour:
    """What a stand-in answers with, shared by all addresses of a portal. `cors` maps an origin to what it is allowed."""

    broken: set[str] = dataclasses.field(default_factory=set)
    csp: str = ""
    cors: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)


class StandIn(http.server.ThreadingHTTPServer):
    """One address that answers for both portals, for Supabase and for the external services."""

    daemon_threads = True
    request_queue_size = 128  # a connection that does not fit is tried again after a second

    def __init__(self, behaviour: Behaviour, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.scheme = "https" if context else "http"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.behaviour = behaviour

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.server_port}"

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """Who hangs up after the handshake, as the check of a certificate does, is no error."""

    @classmethod
    @contextlib.contextmanager
    def running(cls, behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[StandIn]:
        with cls(behaviour, context) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield server
            finally:
                server.shutdown()
                thread.join()


class _Conversation(http.server.BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        path, _mark, query = self.path.partition("?")
        status, body = self.find(path, query)
        if (path.split("/")[1] or "application") in self.server.behaviour.broken or path in self.server.behaviour.broken:
            status, body = 503, {"status": "unhealthy"}
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in {**SECURITY_HEADERS, "Content-Security-Policy": self.server.behaviour.csp}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_OPTIONS(self) -> None:
        self.send_response(204)
        for name, value in self.server.behaviour.cors.get(self.headers["Origin"], {}).items():
            self.send_header(f"Access-Control-Allow-{name}", value)
        self.end_headers()

    def find(self, path: str, query: str) -> Answer:
        if path.startswith(("/auth/", "/rest/", "/storage/")):
            return self.supabase(path, query) if self.headers["apikey"] == ANON_KEY else (401, {"message": "No API key found in request"})
        known: dict[str, Answer] = {
            "/": (200, PAGE),
            "/api/health": (200, {"database": "healthy", "version": "1.4.2", "environment": "staging"}),
            "/api/health/database": (200, {"status": "healthy"}),
            "/dms": (401, {}),
            "/digid": (200, PAGE),
            "/brp": (403, {}),
            "/kvk": (404, {}),
            "/sendgrid/v3/scopes": (200, {"scopes": ["mail.send"]}) if self.knows_key() else (401, {}),
        }
        return known.get(path, (404, {}))

    def knows_key(self) -> bool:
        return self.headers["Authorization"] == f"Bearer {SENDGRID_KEY}"

    def supabase(self, path: str, query: str) -> Answer:
        if "eq." in query:
            return 400, {"code": "22P02", "message": "invalid input syntax for type uuid"}
        known: dict[str, Answer] = {
            "/auth/v1/health": (200, {"name": "GoTrue", "version": "v2", "description": "GoTrue is a user registration API"}),
            "/storage/v1/health": (200, {"healthy": "storage-inside" not in self.server.behaviour.broken}),
            "/rest/v1/profiles": (200, []),
            "/rest/v1/applications": (200, [{"id": 1}] if "row-level-security" in self.server.behaviour.broken else []),
        }
        return known.get(path, (404, {}))

    def log_message(self, format: str, *args: object) -> None:
        """The tests say what they want to know."""
