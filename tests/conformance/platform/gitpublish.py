"""The platform `gitpublish` on the local Lovable, which builds commits whose functions answer as the suite's application does."""

from __future__ import annotations

import contextlib
import json
import tempfile
import typing as t
from pathlib import Path

from tests.conformance.platform.adapters import Behaviour, Capability
from tests.emulators.lovable.running import LocalLovable

if t.TYPE_CHECKING:
    from collections.abc import Iterator

BRANCH = "production"
# A site is files; what fails or is slow is what they ask for.
FUNCTIONS: dict[Behaviour, dict[str, t.Any]] = {
    Behaviour.GOOD: {},
    Behaviour.NEVER_HEALTHY: {},
    Behaviour.ANSWERS_5XX: {"fails_every": 4},
    Behaviour.SLOW: {"seconds": 2.5},
    Behaviour.CRASHES: {"fails_every": 1},
    Behaviour.DEAF: {},
}
PAGE = '<!doctype html><html><head><title>{version}</title><script type="module" src="/src/main.js"></script></head><body></body></html>\n'


class GitPublishPlatform:
    """An `Adapter`."""

    name = "gitpublish"
    capabilities = frozenset({Capability.ANALYSIS})

    def __init__(self, lovable: LocalLovable) -> None:
        self._lovable = lovable
        self._commits: dict[str, str] = {}

    @property
    def url(self) -> str:
        return self._lovable.live_url

    @property
    def variables(self) -> dict[str, t.Any]:
        return {
            "portal_platform": "gitpublish",
            # All users at once is the only share there is; a share that is not refused is for `shift.yml` to refuse.
            "portal_deploy_steps": [100],
            "platform_gitpublish_repository": self._lovable.repository,
            "platform_gitpublish_username": self._lovable.username,
            "platform_gitpublish_password": self._lovable.password,
            "platform_gitpublish_branch": BRANCH,
            "platform_gitpublish_source_branch": "main",
            "platform_gitpublish_project": self._lovable.project,
            "platform_gitpublish_api_key": self._lovable.key,
            "platform_gitpublish_api_url": self._lovable.url,
            "platform_gitpublish_health_path": "/health",
            "platform_gitpublish_start_timeout": 60,
            "platform_gitpublish_probes": {"paths": ["/data"], "per_second": 50},
        }

    @property
    def impatience(self) -> dict[str, t.Any]:
        return {"platform_gitpublish_start_timeout": 2}

    def artefact(self, version: str, behaviour: Behaviour) -> str:
        """Lovable builds by itself."""
        return ""

    def commit(self, version: str, behaviour: Behaviour) -> str:
        """A commit of the branch `main`, the same for the same version."""
        if version not in self._commits:
            self._commits[version] = self._lovable.commit(_files(version, behaviour), message=version)
        return self._commits[version]


def _files(version: str, behaviour: Behaviour) -> dict[str, str]:
    health = {"status": 503} if behaviour is Behaviour.NEVER_HEALTHY else {}
    functions = {"data": FUNCTIONS[behaviour], "slow": {"seconds": 0.5}, "health": health}
    return {
        "index.html": PAGE.format(version=version),
        "src/main.js": f'document.body.textContent = "{version}";\n',
        "public/_headers": f"/*\n  X-Slot: {version}\n",
        **{f"public/{name}.emulated.json": json.dumps(function) for name, function in functions.items()},
    }


@contextlib.contextmanager
def open_platform() -> Iterator[GitPublishPlatform]:
    with tempfile.TemporaryDirectory() as home, LocalLovable(Path(home), branch=BRANCH) as lovable:
        yield GitPublishPlatform(lovable)
