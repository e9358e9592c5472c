# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One question to an application on its own port. A redirect is an answer, not a way: whoever is healthy says so itself."""

from __future__ import annotations

import dataclasses
import http.client
import typing as t

BODY_HEAD = 300


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back: a status, or the reason why nothing did."""

    url: str
    status: int | None = None
    location: str | None = None
    body_head: str = ""
    error: str | None = None

    @property
    def healthy(self) -> bool:
        """Only 2xx is healthy."""
        return self.status is not None and 200 <= self.status < 300

    def as_dict(self) -> dict[str, t.Any]:
        """The documented shape."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        if self.status is None:
            return f"{self.url} gave no answer ({self.error})"
        redirect = f" to {self.location}" if self.location else ""
        body = f": {self.body_head}" if self.body_head else ""
        return f"{self.url} answered {self.status}{redirect}{body}"


def ask(host: str, port: int, path: str, timeout: float) -> Answer:
    """GET the path once, at most `timeout` seconds for connecting and for each read."""
    url = f"http://{host}:{port}{path}"
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Connection": "close", "User-Agent": "holdfast.webops"})
        response = connection.getresponse()
        body = response.read(BODY_HEAD).decode("utf-8", "replace").strip()
        return Answer(url, response.status, response.getheader("Location"), body)
    except (OSError, http.client.HTTPException) as exc:
        return Answer(url, error=getattr(exc, "strerror", None) or type(exc).__name__)
    finally:
        connection.close()
