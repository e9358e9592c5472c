"""Every store the suite runs against: a directory, an S3 server that knows conditional writes, and one that ignores them."""

from __future__ import annotations

import dataclasses
import secrets
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store

if t.TYPE_CHECKING:
    import pathlib

    from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store


@dataclasses.dataclass(frozen=True)
class Place:
    """A store of its own for one test, and what is known about the server behind it."""

    url: str
    options: dict[str, t.Any]
    conditional: bool

    def open(self) -> Store:
        return open_store(self.url, self.options)


@pytest.fixture(params=["file", "moto", "rclone"])
def place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Place:
    """Every store."""
    return _place(request, tmp_path)


@pytest.fixture(params=["file", "moto"])
def conditional_place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Place:
    """The stores that honour conditional writes; that the others are found out is a case of its own."""
    return _place(request, tmp_path)


@pytest.fixture(params=["moto", "rclone"])
def s3_place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Place:
    """The stores behind an S3 server."""
    return _place(request, tmp_path)


@pytest.fixture
def store(place: Place) -> Store:
    return place.open()


@pytest.fixture
def conditional_store(conditional_place: Place) -> Store:
    return conditional_place.open()


def _place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Place:
    if request.param == "file":
        return Place(f"file://{tmp_path}/store", {}, conditional=True)
    server = request.getfixturevalue(f"{request.param}_s3")
    url = f"s3://{server.bucket}/conformance-{secrets.token_hex(4)}"
    return Place(url, dict(server.store_options), conditional=request.param == "moto")
