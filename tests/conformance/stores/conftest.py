"""Every store the suite runs against: a directory, two S3 servers (one knows conditions, one ignores them), Azure, Google and Vercel."""

from __future__ import annotations

import dataclasses
import secrets
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store
from tests.conformance.migrations.vendors import ToolMissingError
from tests.conformance.stores.servers import Azurite, FakeGcs, VercelBlob

if t.TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

EVERY = ("file", "moto", "rclone", "azurite", "fakegcs", "vercel")
CONDITIONAL = ("file", "moto", "azurite", "fakegcs", "vercel")
CLOUDS = ("moto", "rclone", "azurite")
S3 = ("moto", "rclone")
FIXTURES = {"moto": "moto_s3", "rclone": "rclone_s3", "fakegcs": "fake_gcs", "vercel": "vercel_blob"}


@dataclasses.dataclass(frozen=True)
class Place:
    """A store of its own for one test, and what is known about the server behind it."""

    server: str
    url: str
    options: dict[str, t.Any]

    @property
    def conditional(self) -> bool:
        return self.server in CONDITIONAL

    def open(self, **more: t.Any) -> Store:
        return open_store(self.url, {**self.options, **more})


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Without npm and node these tests cannot say anything and are skipped, loudly."""
    try:
        server = Azurite(tmp_path_factory.mktemp("azurite"))
    except ToolMissingError as exc:
        pytest.skip(str(exc))
    with server:
        yield server


@pytest.fixture(scope="session")
def fake_gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGcs]:
    with FakeGcs(tmp_path_factory.mktemp("gcs")) as server:
        yield server


@pytest.fixture(scope="session")
def vercel_blob(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VercelBlob]:
    with VercelBlob(tmp_path_factory.mktemp("vercel")) as server:
        yield server


@pytest.fixture(params=EVERY)
def place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Place:
    """Every store."""
    return make_place(request, tmp_path)


@pytest.fixture(params=CONDITIONAL)
def conditional_place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Place:
    """The stores that honour conditional writes; that the others are found out is a case of its own."""
    return make_place(request, tmp_path)


@pytest.fixture(params=CLOUDS)
def cloud_place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Place:
    """The stores that obstore talks to."""
    return make_place(request, tmp_path)


@pytest.fixture(params=S3)
def s3_place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Place:
    """The stores behind an S3 server."""
    return make_place(request, tmp_path)


@pytest.fixture
def store(place: Place) -> Store:
    return place.open()


@pytest.fixture
def conditional_store(conditional_place: Place) -> Store:
    return conditional_place.open()


def make_place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Place:
    """A prefix of its own on the server that the fixture's parameter names."""
    name = request.param
    if name == "file":
        return Place(name, f"file://{tmp_path}/store", {})
    server = request.getfixturevalue(FIXTURES.get(name, name))
    top = f"s3://{server.bucket}" if name in S3 else server.url
    return Place(name, f"{top}/conformance-{secrets.token_hex(4)}", dict(server.store_options))
