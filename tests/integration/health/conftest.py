"""Servers that the tests of several kinds share."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.health.certificates import Authority
from tests.integration.unruly_server import UnrulyServer

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[UnrulyServer]:
    with UnrulyServer.running() as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def encrypted(authority: Authority) -> Iterator[UnrulyServer]:
    """A server whose certificate the authority has signed."""
    with UnrulyServer.running(authority.certificate("127.0.0.1", "localhost", "*.portal.example")) as running:
        yield running
