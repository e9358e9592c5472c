"""What visitors of the portal do, and how often."""

from __future__ import annotations

import random
import typing as t
from urllib.parse import urlencode

import h11

BOUNDARY = "holdfast-load"
UPLOAD_BYTES = 16 * 1024


class Visit(t.NamedTuple):
    """One request, ready to be sent. `reference` is the marker of the order it places, if it places one."""

    kind: str
    head: h11.Request
    body: bytes
    expected: int
    reference: str | None = None

    @property
    def what(self) -> str:
        return f"{self.head.method.decode()} {self.head.target.decode()}"


class Mix:
    """Draws visits by weight; every order gets a reference that no other order of any run has, and carries it as its Idempotency-Key."""

    WEIGHTS: t.ClassVar[dict[str, float]] = {"list": 52, "api": 25, "order": 15, "form": 5, "slow": 2.6, "upload": 0.4}

    def __init__(self, host: str, run: str, *, source: random.Random | None = None) -> None:
        self._host = host
        self._run = run
        self._random = source or random.Random()
        self._orders = 0
        self._reading = {
            "list": self._get("list", "/orders"),
            "api": self._get("api", "/api/orders"),
            "form": self._get("form", "/"),
            "slow": self._get("slow", "/slow?seconds=1"),
        }

    def draw(self) -> Visit:
        kind = self._random.choices(list(self.WEIGHTS), list(self.WEIGHTS.values()))[0]
        return self._reading.get(kind) or self._place(kind)

    def _get(self, kind: str, target: str) -> Visit:
        return Visit(kind, self._head("GET", target), b"", expected=200)

    def _place(self, kind: str) -> Visit:
        self._orders += 1
        reference = f"{self._run}-{self._orders:07d}"
        fields = {"customer": "Load Visitor", "email": "visitor@example.org", "item": "Lamp", "quantity": "1"}
        if kind == "upload":
            body, content_type = multipart(fields, self._random.randbytes(UPLOAD_BYTES)), f"multipart/form-data; boundary={BOUNDARY}"
        else:
            body, content_type = urlencode(fields).encode(), "application/x-www-form-urlencoded"
        about = ("Content-Type", content_type), ("Content-Length", str(len(body))), ("Idempotency-Key", f'"{reference}"')
        head = self._head("POST", "/orders", *about)
        return Visit(kind, head, body, expected=303, reference=reference)

    def _head(self, method: str, target: str, *headers: tuple[str, str]) -> h11.Request:
        return h11.Request(method=method, target=target, headers=[("Host", self._host), *headers])


def multipart(fields: dict[str, str], attachment: bytes) -> bytes:
    """A form with a file, as browsers send it (RFC 7578)."""
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    file = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="attachment"; filename="load.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join([*parts, file]).encode() + attachment + f"\r\n--{BOUNDARY}--\r\n".encode()
