"""What a platform must offer so that the suite can run on it: an adapter. Adding a platform adds one to `ADAPTERS`.

The suite knows the contract of docs/platforms.md and what stands here, nothing of HAProxy, Vercel or ECS.
"""

from __future__ import annotations

import contextlib
import enum
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Mapping


class Behaviour(enum.Enum):
    """How a release behaves once it runs. Its application is tests/integration/traffic_application.py; the value are its options."""

    GOOD = ("--grace", "10")
    NEVER_HEALTHY = ("--sick",)
    ANSWERS_5XX = ("--errors", "4")
    SLOW = ("--delay", "2.5")
    CRASHES = ("--crash-after", "5")
    DEAF = ("--stubborn",)


class Capability(enum.Enum):
    """What not every platform can do. A platform that does not declare one must refuse or answer as the case says, never pretend."""

    WEIGHTS = "gives a slot any share of the traffic between 0 and 100 percent"
    FALLBACK = "answers a user from the old slot in the moment in which the new one dies"
    DRAIN = "lets slow requests finish, and ends websockets at a deadline, before a slot is stopped"
    WEBSOCKETS = "carries websockets"
    ANALYSIS = "judges a share of the traffic by the requests of its users"


class Adapter(t.Protocol):
    """One environment of a platform, alone in the world, for all cases."""

    name: str
    capabilities: frozenset[Capability]

    @property
    def url(self) -> str:
        """Where users go, without a slash at the end."""

    @property
    def variables(self) -> Mapping[str, t.Any]:
        """The inventory of a portal there, as a user would write it."""

    @property
    def impatience(self) -> Mapping[str, t.Any]:
        """Variables with which the platform soon gives up waiting for a release that never gets healthy."""

    def artefact(self, version: str, behaviour: Behaviour) -> str:
        """Path of a built release on the controller, the same for the same arguments; empty where the platform builds by itself."""

    def commit(self, version: str, behaviour: Behaviour) -> str:
        """The commit that the release was made of, the same for the same arguments."""


def _host() -> contextlib.AbstractContextManager[Adapter]:
    from tests.conformance.platform.host import open_platform

    return open_platform()


def _vercel() -> contextlib.AbstractContextManager[Adapter]:
    from tests.conformance.platform.vercel import open_platform

    return open_platform()


def _gitpublish() -> contextlib.AbstractContextManager[Adapter]:
    from tests.conformance.platform.gitpublish import open_platform

    return open_platform()


ADAPTERS: dict[str, t.Callable[[], contextlib.AbstractContextManager[Adapter]]] = {
    "host": _host,
    "vercel": _vercel,
    "gitpublish": _gitpublish,
}
