"""The platform `vercel` on the local Vercel: releases are trees of files whose functions answer as the suite's application does."""

from __future__ import annotations

import contextlib
import json
import tarfile
import tempfile
import typing as t
from pathlib import Path

from tests.conformance.platform.adapters import Behaviour, Capability
from tests.emulators.vercel.running import LocalVercel, published_descriptions

if t.TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = "contract"
DOMAIN = "contract.example.org"
SHARES = [10, 50, 100]
# What makes a function answer so; see tests/emulators/vercel/README.md.
FUNCTIONS: dict[Behaviour, dict[str, t.Any]] = {
    Behaviour.GOOD: {},
    Behaviour.NEVER_HEALTHY: {},
    Behaviour.ANSWERS_5XX: {"fails_every": 4},
    Behaviour.SLOW: {"seconds": 2.5},
    Behaviour.CRASHES: {"fails_every": 1},
    Behaviour.DEAF: {},
}


class VercelPlatform:
    """An `Adapter`."""

    name = "vercel"
    capabilities = frozenset({Capability.WEIGHTS, Capability.ANALYSIS})

    def __init__(self, vercel: LocalVercel, home: Path) -> None:
        self._vercel = vercel
        self._home = home

    @property
    def url(self) -> str:
        return self._vercel.fronts[DOMAIN]

    @property
    def variables(self) -> dict[str, t.Any]:
        return {
            "portal_platform": "vercel",
            "platform_vercel_project": PROJECT,
            "platform_vercel_team": self._vercel.team,
            "platform_vercel_token": self._vercel.token,
            "platform_vercel_api_url": self._vercel.url,
            "platform_vercel_gateway": self._vercel.url,
            "platform_vercel_domains": [{"name": DOMAIN}],
            "platform_vercel_stages": [{"share": share} for share in SHARES],
            "platform_vercel_health_path": "/health",
            "platform_vercel_start_timeout": 60,
            "platform_vercel_probes": {"paths": ["/"], "per_second": 50},
        }

    @property
    def impatience(self) -> dict[str, t.Any]:
        return {"platform_vercel_start_timeout": 2}

    def commit(self, version: str, behaviour: Behaviour) -> str:
        """Nobody looks for it here."""
        return f"commit-{version}"

    def artefact(self, version: str, behaviour: Behaviour) -> str:
        """A tree with three functions: `/`, `/slow` and `/health`."""
        path = self._home / f"{version}.tar.gz"
        if path.exists():
            return str(path)
        answer = {"headers": {"X-Slot": version}, "body": version}
        health = {"status": 503 if behaviour is Behaviour.NEVER_HEALTHY else 200, **answer}
        functions = {"home": {**answer, **FUNCTIONS[behaviour]}, "slow": {**answer, "seconds": 0.5}, "health": health}
        rewrites = [
            {"source": source, "destination": f"/api/{name}"} for source, name in (("/", "home"), ("/slow", "slow"), ("/health", "health"))
        ]
        files = {"vercel.json": {"rewrites": rewrites}}
        for name, stand_in in functions.items():
            files[f"api/{name}.emulated.json"] = stand_in
        with tempfile.TemporaryDirectory() as folder, tarfile.open(path, "w:gz") as archive:
            for name, content in files.items():
                _write(Path(folder) / name, json.dumps(content))
                if name.endswith(".emulated.json"):
                    _write(Path(folder) / name.replace(".emulated.json", ".js"), "export default () => {};\n")
            for child in sorted(Path(folder).iterdir()):
                archive.add(child, child.name)
        return str(path)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def open_platform() -> Iterator[VercelPlatform]:
    described = published_descriptions()
    with tempfile.TemporaryDirectory() as home, LocalVercel(Path(home), descriptions=described, fronts=[DOMAIN]) as vercel:
        yield VercelPlatform(vercel, Path(home))
        assert vercel.violations() == []
