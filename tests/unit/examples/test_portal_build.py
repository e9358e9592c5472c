from __future__ import annotations

import hashlib
import json
import re
import tarfile
from pathlib import Path

import pytest

from examples.portal import build

PHASE = re.compile(r"-- holdfast: phase=(pre|post)_deployment")


def migrations(version: str, folder: str = "migrations") -> dict[str, str]:
    files = build.contents(version)
    return {Path(name).name: text.decode() for name, text in files.items() if name.startswith(f"supabase/{folder}/")}


@pytest.mark.parametrize("version", build.versions())
def test_the_same_files_make_the_same_artefact(version: str, tmp_path: Path) -> None:
    first, second = build.build(version, tmp_path / "a"), build.build(version, tmp_path / "b")
    assert first.archive.read_bytes() == second.archive.read_bytes()
    assert first.sha256 == hashlib.sha256(first.archive.read_bytes()).hexdigest()
    assert first.archive.with_name(f"{first.archive.name}.sha256").read_text() == f"{first.sha256}  {first.archive.name}\n"


def test_another_content_is_another_commit() -> None:
    files = {"portal/__main__.py": b"1", "release.json": b""}
    assert build.digest(files) != build.digest({**files, "portal/__main__.py": b"2"})
    assert build.digest(files) != build.digest({"portal/main.py": b"1", "release.json": b""})


def test_the_releases_have_different_commits_and_say_who_they_are() -> None:
    described = [json.loads(build.contents(version)["release.json"]) for version in build.versions()]
    assert [release["version"] for release in described] == ["1.0", "1.1", "1.2"]
    assert len({release["commit"] for release in described}) == 3


def test_a_release_is_the_one_before_with_its_own_files_laid_over() -> None:
    before, after = build.contents("1.0"), build.contents("1.1")
    assert set(before) < set(after)
    assert {name for name in before if before[name] != after[name]} == {"portal/orders.py", "release.json"}


def test_the_archive_and_the_unpacked_folder_hold_the_same(tmp_path: Path) -> None:
    artefact = build.build("1.2", tmp_path)
    with tarfile.open(artefact.archive) as archive:
        archive.extractall(tmp_path / "unpacked")  # noqa: S202 (our own; Python 3.11.2 has no filters)
    for name, content in build.contents("1.2").items():
        assert (tmp_path / "unpacked" / name).read_bytes() == (tmp_path / "1.2" / name).read_bytes() == content


def test_building_again_leaves_no_file_of_an_earlier_build(tmp_path: Path) -> None:
    build.build("1.0", tmp_path)
    (tmp_path / "1.0" / "portal" / "leftover.py").write_text("")
    build.build("1.0", tmp_path)
    assert not (tmp_path / "1.0" / "portal" / "leftover.py").exists()


def test_migrations_have_supabase_names_and_a_known_phase() -> None:
    for name, text in migrations("1.2").items():
        assert re.fullmatch(r"\d{14}_[a-z_]+\.sql", name)
        first = text.splitlines()[0]
        assert PHASE.fullmatch(first) or "holdfast" not in text


def test_a_later_release_keeps_every_earlier_migration_as_it_was() -> None:
    for before, after in zip(build.versions(), build.versions()[1:], strict=False):
        assert migrations(before).items() <= migrations(after).items()


def test_every_expansion_of_a_release_after_the_first_can_be_rolled_back() -> None:
    new = {name: text for name, text in migrations("1.2").items() if name not in migrations("1.0")}
    expansions = {name for name, text in new.items() if "phase=post_deployment" not in text}
    assert set(migrations("1.2", "rollback")) == expansions
    assert set(new) - expansions == {"20260302090200_customer_contract.sql"}
