"""A portal with its release memory in a store, reached through the modules."""

from __future__ import annotations

import dataclasses
import typing as t

from tests.integration.module_child import fail, run_module, succeed

if t.TYPE_CHECKING:
    import pathlib

    from tools.embedded.objects import MotoS3, RcloneS3

PORTAL = "orders"
A, B = "1.0-20261120T101500Z", "1.1-20261121T223000Z"


@dataclasses.dataclass(frozen=True)
class Memory:
    """One store, as module options."""

    store: str
    options: dict[str, t.Any] | None = None

    @property
    def common(self) -> dict[str, t.Any]:
        return {"portal": PORTAL, "store": self.store, "store_options": self.options}

    def run(self, module: str, *, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
        """The result of a module that must succeed."""
        return succeed(module, check=check, **{**self.common, **more})

    def fail(self, module: str, *, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
        """The result of a module that must fail."""
        return fail(module, check=check, **{**self.common, **more})

    def take(self, owner: str = "ann", **more: t.Any) -> int:
        """Take the lease; the fencing number."""
        return int(self.run("release_lease", owner=owner, purpose="deploy 1.1", **more)["lease"]["fencing"])

    def write(self, *entries: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
        """Append entries."""
        return self.run("release_ledger", entries=list(entries), **more)

    def read(self, **more: t.Any) -> dict[str, t.Any]:
        """What the ledger says."""
        result = run_module("release_ledger_info", **{**self.common, **more})
        assert not result.get("failed"), result["raw"]
        return result


def in_folder(path: pathlib.Path) -> Memory:
    """A store in a folder."""
    return Memory(f"file://{path / 'store'}")


def in_s3(server: MotoS3 | RcloneS3, prefix: str) -> Memory:
    """A store in a bucket of a local server."""
    options = {
        "endpoint": server.endpoint,
        "region": server.region,
        "access_key_id": server.access_key,
        "secret_access_key": server.secret_key,
        "allow_http": True,
    }
    return Memory(f"s3://{server.bucket}/{prefix}", options)


def opened(release: str, slot: str = "green") -> dict[str, t.Any]:
    """The entry that opens a release."""
    version = release.partition("-")[0]
    return {"event": "release.opened", "release": release, "once": True, "data": {"slot": slot, "release": {"version": version}}}


def happened(event: str, release: str | None = None, **data: t.Any) -> dict[str, t.Any]:
    return {"event": event, "release": release, "data": data}
