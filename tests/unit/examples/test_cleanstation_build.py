"""The sample portal at Vercel: what its artefacts hold, and that the inventories speak of files that are there."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from examples.cleanstation import build

INVENTORIES = Path(__file__).resolve().parents[3] / "inventories"
ENVIRONMENTS = ("development", "staging", "uat", "production")
RELEASES = ("1.0", "1.1")
STAND_IN = ".emulated.json"
SAYS_ITS_VERSION = re.compile(r"^app/(.*page|api/health/.*)\.emulated\.json$")


def host_vars(environment: str, name: str) -> dict[str, t.Any]:
    path = INVENTORIES / environment / "host_vars" / "cleanstation" / f"{name}.yml"
    return t.cast("dict[str, t.Any]", yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("version", RELEASES)
def test_the_same_files_make_the_same_artefact_of_some_three_hundred(version: str, tmp_path: Path) -> None:
    first, second = build.build(version, tmp_path / "a"), build.build(version, tmp_path / "b")
    assert first.archive.read_bytes() == second.archive.read_bytes()
    assert first.archive.name == f"cleanstation-{version}.tar.gz"
    assert 300 <= len(build.contents(version)) <= 320


@pytest.mark.parametrize("version", RELEASES)
def test_a_release_says_the_same_version_everywhere(version: str) -> None:
    files = build.contents(version)
    told = {json.loads(files[name])["version"] for name in ("package.json", "release.json")}
    stand_ins = [json.loads(text) for name, text in files.items() if SAYS_ITS_VERSION.search(name)]
    told |= {stand_in["headers"]["X-Portal-Version"] for stand_in in stand_ins}
    assert (len(stand_ins), told) == (4, {version})


@pytest.mark.parametrize("version", RELEASES)
def test_every_stand_in_lies_beside_what_it_stands_in_for(version: str) -> None:
    files = build.contents(version)
    stems = [name.removesuffix(STAND_IN) for name in files if name.endswith(STAND_IN)]
    assert len(stems) > 5
    assert [stem for stem in stems if not {f"{stem}.ts", f"{stem}.tsx"} & set(files)] == []


def test_what_an_assembly_is_made_of_is_a_part_and_its_category_is_there() -> None:
    files = build.contents("1.0")
    categories, parts, assemblies = (json.loads(files[f"prisma/data/{name}.json"]) for name in ("categories", "parts", "assemblies"))
    known = {part["id"] for part in parts}
    assert {component["part"] for assembly in assemblies for component in assembly["kitComponents"]} <= known
    assert {assembly["categoryCode"] for assembly in assemblies} <= {category["id"] for category in categories}


def test_the_second_release_keeps_the_first_migration_and_its_own_can_be_rolled_back() -> None:
    before, after = ({name: text for name, text in build.contents(version).items() if "/migration.sql" in name} for version in RELEASES)
    assert before.items() < after.items()
    new = {name.split("/")[2] for name in set(after) - set(before)}
    assert {f"prisma/rollback/{name}.sql" for name in new} <= set(build.contents("1.1"))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_functions_crons_and_seeds_of_an_inventory_are_in_the_tree(environment: str) -> None:
    files = build.contents("1.0")
    configuration = host_vars(environment, "platform")["platform_vercel_configuration"]
    routes = [f"app{cron['path']}/route.ts" for cron in configuration["crons"]]
    seeds = [table["file"] for table in host_vars(environment, "seeds")["portal_seed_data"] if "file" in table]
    assert (len(routes), len(seeds)) == (2, 5)
    assert {*configuration["functions"], *routes, *seeds} <= set(files)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_secret_of_an_inventory_comes_from_outside(environment: str) -> None:
    platform, seeds = host_vars(environment, "platform"), host_vars(environment, "seeds")
    given = [
        platform["platform_vercel_token"],
        platform["platform_vercel_bypass_secret"],
        *platform["platform_vercel_secret_environment"].values(),
    ]
    given += [user["passwordHash"] for user in seeds["cleanstation_first_users"]]
    outside = host_vars(environment, "secrets")
    assert [text for text in outside.values() if not text.startswith("{{ lookup('ansible.builtin.env', 'CLEANSTATION_")] == []
    assert {text.strip("{} ") for text in given} == {*outside, "portal_database_url"}
