"""API keys: the legacy ones, which are JSON web tokens, and the newer ones; and the pair for the S3 protocol."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import typing as t

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

from tests.emulators.http_server import Answer
from tests.emulators.supabase.errors import not_found

TEN_YEARS = 10 * 365 * 86_400
MASK = "·" * 8
LEGACY: t.Final = ("anon", "service_role")


def made(ref: str) -> dict[str, str]:
    """The keys of a new project by name, and `jwt_secret`, which signs the legacy ones."""
    secret = secrets.token_hex(20)
    found = {role: web_token({"iss": "supabase", "ref": ref, "role": role}, secret) for role in LEGACY}
    publishable, hidden = (f"{kind}_{secrets.token_urlsafe(16)[:22]}_{secrets.token_hex(4)}" for kind in ("sb_publishable", "sb_secret"))
    return {**found, "publishable": publishable, "secret": hidden, "jwt_secret": secret}


def made_for_s3() -> tuple[str, str]:
    return secrets.token_hex(16), secrets.token_hex(32)


def web_token(claims: Object, secret: str) -> str:
    """A JSON web token, HS256, RFC 7519."""
    issued = int(time.time())
    parts = [{"alg": "HS256", "typ": "JWT"}, {**claims, "iat": issued, "exp": issued + TEN_YEARS}]
    signed = ".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{signed}.{_encoded(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


def role_of(project: Project, given: str) -> str | None:
    """`anon` or `service_role` for a key of the project, else None."""
    for name, role in (("anon", "anon"), ("publishable", "anon"), ("service_role", "service_role"), ("secret", "service_role")):
        if hmac.compare_digest(project.keys[name].encode(), given.encode()):
            return role
    return None


def index(world: World, call: Call) -> Answer:
    """GET /projects/{ref}/api-keys. Secret keys are masked unless `reveal` says otherwise; legacy ones never are."""
    return Answer(200, [_wire(call.project, name, reveal=call.flag("reveal")) for name in _names()])


def show(world: World, call: Call) -> Answer:
    project = call.project
    name = next((name for name in _names() if call.names[1] == _identity(project, name)), None)
    if name is None:
        raise not_found("API key not found")
    return Answer(200, _wire(project, name, reveal=call.flag("reveal")))


def legacy(world: World, call: Call) -> Answer:
    return Answer(200, {"enabled": True})


def _names() -> tuple[str, ...]:
    return (*LEGACY, "publishable", "secret")


def _identity(project: Project, name: str) -> str:
    if name in LEGACY:
        return name
    digest = hashlib.md5(f"{project.ref}/{name}".encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"


def _wire(project: Project, name: str, *, reveal: bool) -> Object:
    value, identity = project.keys[name], _identity(project, name)
    if name in LEGACY:
        return {
            "name": name,
            "api_key": value,
            "id": identity,
            "type": "legacy",
            "prefix": value[:5],
            "description": f"Legacy {name} API key",
        }
    row: Object = {"name": "default", "id": identity, "type": name, "description": None, "inserted_at": project.created}
    row |= {"updated_at": project.created, "hash": hashlib.sha256(value.encode()).hexdigest(), "secret_jwt_template": None}
    if name == "publishable":
        return {**row, "api_key": value, "prefix": value[:20]}
    return {
        **row,
        "api_key": value if reveal else value[:15] + MASK,
        "prefix": value[10:15],
        "secret_jwt_template": {"role": "service_role"},
    }


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
