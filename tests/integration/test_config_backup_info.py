"""config_backup_info: what of a configuration is where."""

from __future__ import annotations

import shutil
import typing as t

import pytest

from tests.integration.backups import run
from tests.integration.configurations import Desk, make_desk

if t.TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path, [{"store": f"file://{tmp_path}/second"}])


def test_it_tells_complete_from_partial_and_damaged_and_lists_nothing_else(desk: Desk, tmp_path: Path) -> None:
    assert (desk.catalog()["backups"], desk.catalog()["latest"]) == ([], None)
    for number in range(3):
        (desk.etc / "main.conf").write_text(f"workers {number}\n")
        desk.backup(git=None)
    newest, middle, oldest = [one["id"] for one in desk.catalog()["backups"]]
    folder = desk.store / "shop/configuration"
    (folder / newest / "configuration.tar.age").unlink()
    shutil.rmtree(tmp_path / "second/shop/configuration" / newest)
    shutil.rmtree(tmp_path / "second/shop/configuration" / middle)
    (folder / oldest / "manifest.json").write_text("{}")
    (folder / "20261122T000000Z-ffffff").mkdir()
    (folder / "20261122T000000Z-ffffff/configuration.tar.age").touch()
    listed = desk.catalog()
    assert [(one["id"], one["state"]) for one in listed["backups"]] == [(newest, "damaged"), (middle, "partial"), (oldest, "damaged")]
    assert listed["latest"] == middle
    assert len(desk.catalog(newest=1)["backups"]) == 1
    assert "newest is 0" in desk.catalog(newest=0)["msg"]


def test_a_backup_that_lies_in_the_folder_of_another_kind_is_none(desk: Desk) -> None:
    desk.backup(git=None)
    (found,) = desk.archives()
    moved = desk.store / "shop/backups" / found.parent.name
    shutil.copytree(found.parent, moved)
    listed = run("pg_backup_info", {"portal": "shop", "destinations": desk.destinations[:1]})["backups"]
    assert [one["state"] for one in listed] == ["damaged"]
    assert "not this backup" in listed[0]["copies"][0]["damage"]
