"""Which client may dump, and which may restore."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import (
    Client,
    can_use_zstd,
    client_for_dump,
    client_for_restore,
    find_clients,
)

if t.TYPE_CHECKING:
    from pathlib import Path


def clients(*majors: int) -> list[Client]:
    return [Client(f"/usr/lib/postgresql/{major}/bin", f"{major}.3", major) for major in majors]


@pytest.mark.parametrize(
    ("installed", "server", "zstd", "chosen"),
    [
        ((15, 16, 17), 15, True, 16),  # 15 has no zstd; 17 could not be restored into 15 again
        ((15, 16, 17), 15, False, 15),
        ((15, 16, 17), 17, True, 17),
        ((18,), 14, True, 18),
    ],
)
def test_the_oldest_client_that_is_new_enough_dumps(installed: tuple[int, ...], server: int, zstd: bool, chosen: int) -> None:
    assert client_for_dump(clients(*installed), server, zstd=zstd).major == chosen


@pytest.mark.parametrize(("server", "zstd", "least"), [(15, True, 16), (18, True, 18), (18, False, 18)])
def test_a_client_that_is_too_old_does_not_dump(server: int, zstd: bool, least: int) -> None:
    with pytest.raises(NotFoundError, match=f"pg_dump of version {least} or newer is needed .*: 15.3 in /usr/lib/postgresql/15/bin"):
        client_for_dump(clients(15), server, zstd=zstd)


@pytest.mark.parametrize(
    ("installed", "archive", "server", "chosen"),
    [((16, 17), 16, 15, 16), ((16, 17), 17, 17, 17), ((16, 18), 17, 17, 18), ((17, 18), 16, 17, 17)],
)
def test_the_client_that_restores_is_not_older_than_the_one_that_dumped(
    installed: tuple[int, ...], archive: int, server: int, chosen: int
) -> None:
    assert client_for_restore(clients(*installed), archive, server).major == chosen


@pytest.mark.parametrize(
    ("installed", "archive", "server", "said"),
    [
        ((16,), 17, 17, "at least version 17 is needed"),
        ((17,), 17, 15, "at least version 17 and at most 16 is needed"),
        ((17,), 16, 15, "at most 16"),
    ],
)
def test_no_client_restores_what_it_cannot(installed: tuple[int, ...], archive: int, server: int, said: str) -> None:
    with pytest.raises(NotFoundError, match=said):
        client_for_restore(clients(*installed), archive, server)


def test_clients_are_found_by_what_they_say(tmp_path: Path) -> None:
    for name, version in (("pg_dump", "17.10 (Debian 17.10-1)"), ("pg_restore", "17.10")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (tmp_path / name).chmod(0o755)
    assert find_clients(Commands(), str(tmp_path)) == [Client(str(tmp_path), "17.10", 17)]


def test_a_folder_without_clients_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=f"not found in pg_bin_dir '{tmp_path}'"):
        find_clients(Commands(), str(tmp_path))


@pytest.mark.parametrize(
    ("installed", "server", "possible"),
    [((15,), 15, False), ((15, 16), 15, True), ((15, 17), 15, False), ((17,), 17, True), ((18,), 17, True), ((17,), 18, False)],
)
def test_zstd_is_used_where_its_archives_go_back_into_the_same_server(installed: tuple[int, ...], server: int, possible: bool) -> None:
    assert can_use_zstd(clients(*installed), server) is possible
