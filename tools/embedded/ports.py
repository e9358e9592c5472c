"""Private ports on loopback: one base, fixed distances."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from tools.embedded.errors import EmbeddedError

HOST = "127.0.0.1"
DEFAULT_BASE = 18400
BASE_VARIABLE = "HOLDFAST_PORT_BASE"
HIGHEST_BASE = 65530


@dataclass(frozen=True)
class Ports:
    """The ports of one embedded environment."""

    base: int

    @property
    def router(self) -> int:
        """The public address of the portal."""
        return self.base

    @property
    def blue(self) -> int:
        return self.base + 2

    @property
    def green(self) -> int:
        return self.base + 3

    @property
    def postgres(self) -> int:
        return self.base + 4

    @property
    def objects(self) -> int:
        """The S3 server."""
        return self.base + 5

    def by_purpose(self) -> dict[str, int]:
        return {
            "the public router": self.router,
            "slot blue": self.blue,
            "slot green": self.green,
            "PostgreSQL": self.postgres,
            "the S3 server": self.objects,
        }


def port_base(text: str | None = None) -> int:
    """The port base from `text` (an option), the environment, or the default."""
    chosen = text or os.environ.get(BASE_VARIABLE) or str(DEFAULT_BASE)
    if not chosen.isdigit() or not 1024 <= int(chosen) <= HIGHEST_BASE:
        raise EmbeddedError(f"the port base is {chosen!r}, but must be a number from 1024 to {HIGHEST_BASE}; set PORT_BASE=<number>.")
    return int(chosen)


def free_port() -> int:
    """A port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def require_free(ports: Ports) -> None:
    """Raise an error that names the first port that somebody else holds."""
    for purpose, port in ports.by_purpose().items():
        if not is_free(port):
            raise EmbeddedError(
                f"port {port} (for {purpose}) is taken by another program; "
                f"choose other ports with `make demo PORT_BASE={another_base(ports.base)}`."
            )


def another_base(base: int) -> int:
    """A base to suggest: the next hundred whose ports are all free."""
    for candidate in range(base + 100, min(base + 5000, HIGHEST_BASE), 100):
        if all(is_free(port) for port in Ports(candidate).by_purpose().values()):
            return candidate
    return base + 100
