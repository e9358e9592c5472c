"""A local vendor as a server that a test starts: what all of them have, besides what each is."""

from __future__ import annotations

import json
import sys
import typing as t

import requests

from tools.embedded.child import Child
from tools.embedded.privilege import dies_with_parent
from tools.embedded.server import Server
from tools.embedded.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

START_SECONDS = 180.0
TIMEOUT = 120


class Emulator(Server):
    """`python -m tests.emulators.<name>` on a port of its own, and its own door `/__emulator/`."""

    def __init__(self, name: str, home: Path, words: Sequence[str] = (), settings: Mapping[str, t.Any] | None = None) -> None:
        """`words` are more of its arguments, `settings` those of its `--set`."""
        self._name = name
        self._ready_file = home / "ready.json"
        chosen = [word for key, value in (settings or {}).items() for word in ("--set", f"{key}={json.dumps(value)}")]
        argv = [sys.executable, "-m", f"tests.emulators.{name}", "--port", "0", "--home", str(home), *words, *chosen]
        self._child = Child([*dies_with_parent("TERM"), *argv], home / "log.txt")
        self._session = requests.Session()
        self._session.trust_env = False
        self.url = ""

    def start(self) -> None:
        self._ready_file.unlink(missing_ok=True)
        self._child.start()
        wait_for(self._missing, what=f"the local {self._name}", seconds=START_SECONDS, is_hopeless=self._child.why_dead)

    def take(self, facts: dict[str, t.Any]) -> None:
        """What it says of itself when it is ready."""
        raise NotImplementedError

    def _missing(self) -> str | None:
        if not self._ready_file.exists():
            return "it has not said its port"
        self.take(json.loads(self._ready_file.read_text(encoding="utf-8")))
        try:
            self.control("GET", "ready")
        except requests.ConnectionError as exc:
            return str(exc)
        return None

    def control(self, method: str, name: str, /, **given: t.Any) -> t.Any:
        """A call of `/__emulator/<name>`."""
        answer = self._session.request(method, f"{self.url}/__emulator/{name}", json=given, timeout=TIMEOUT)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, kind: str, /, **given: t.Any) -> None:
        """See its README: some of `given` choose the requests, `skip` and `times` how many; the rest are the kind's own figures."""
        self.control("POST", "faults", kind=kind, **given)

    def settle(self, **settings: t.Any) -> None:
        """Change settings, such as `transition_seconds`."""
        self.control("PATCH", "settings", **settings)
