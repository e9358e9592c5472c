"""vercel_project against the local Vercel."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration import module_child
from tests.integration.vercel.lab import Lab

if t.TYPE_CHECKING:
    from pathlib import Path

WANTED: dict[str, t.Any] = {
    "framework": "nextjs",
    "build_command": "npm run build",
    "node_version": "20.x",
    "auto_assign_custom_domains": False,
    "protection": "preview",
    "skew_protection_max_age": 3600,
    "rolling_release": {"stages": [{"share": 10}, {"share": 100}]},
}


def test_a_project_is_made_with_its_settings_and_the_second_run_changes_nothing(lab: Lab) -> None:
    predicted = lab.run("vercel_project", project="fresh", check=True, **WANTED)
    assert predicted["changed"]
    assert lab.vercel.call("GET", f"/v9/projects/fresh?teamId={lab.vercel.team}").status_code == 404
    made = lab.run("vercel_project", project="fresh", **WANTED)
    shown = made["project"]
    assert (shown["framework"], shown["protection"], shown["skew_protection_max_age"]) == ("nextjs", "preview", 3600)
    assert shown["rolling_release"]["stages"] == [{"share": 10, "minutes": None}, {"share": 100, "minutes": None}]
    again = lab.run("vercel_project", project="fresh", **WANTED)
    assert not again["changed"]
    assert again["project"] == shown


def test_what_is_not_given_stays_and_an_empty_text_means_the_default(lab: Lab) -> None:
    lab.run("vercel_project", **WANTED)
    changed = lab.run("vercel_project", framework="", protection="none")["project"]
    assert (changed["framework"], changed["protection"], changed["build_command"]) == (None, "none", "npm run build")


def test_rolling_releases_are_switched_off(lab: Lab) -> None:
    lab.run("vercel_project", **WANTED)
    off: dict[str, t.Any] = {"rolling_release": {"enabled": False}}
    assert lab.run("vercel_project", **off)["changed"]
    assert not lab.run("vercel_project", **off)["changed"]


def test_a_given_secret_opens_a_protected_deployment(lab: Lab) -> None:
    secret = "a1B2" * 8
    assert lab.run("vercel_project", protection="all", bypass_secret=secret)["changed"]
    assert not lab.run("vercel_project", protection="all", bypass_secret=secret)["changed"]
    host = lab.deploy("behind a door")["deployment"]["url"].removeprefix("https://")
    assert lab.page(host) == "401"
    assert lab.vercel.visit(host, "/", x_vercel_protection_bypass=secret).text == "behind a door"


def test_a_secret_is_made_once_and_kept_in_a_file_of_its_owner(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "bypass"
    assert lab.run("vercel_project", bypass_file=str(path), check=True)["changed"]
    assert not path.exists()
    made = lab.run("vercel_project", bypass_file=str(path))
    secret = path.read_text().strip()
    assert (made["changed"], path.stat().st_mode & 0o777, len(secret)) == (True, 0o600, 32)
    assert secret not in str(made)
    assert secret in lab.masked
    assert not lab.run("vercel_project", bypass_file=str(path))["changed"]
    path.unlink()
    lab.run("vercel_project", bypass_file=str(path))
    assert path.read_text().strip() == secret


@pytest.mark.parametrize("cut", ["cut_before", "cut_after"])
def test_a_cut_at_every_request_makes_one_project(lab: Lab, cut: str) -> None:
    for number in range(7):
        lab.vercel.fault(cut, skip=number)
        made = lab.run("vercel_project", project=f"p{number}", bypass_secret="a" * 32, **WANTED)
        lab.vercel.control("DELETE", "faults")
        assert made["changed"]
        assert not lab.run("vercel_project", project=f"p{number}", bypass_secret="a" * 32, **WANTED)["changed"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"project": "prj_unknown"}, "there is no project prj_unknown"),
        ({"bypass_secret": "short"}, "bypass_secret: it is not 32 letters and digits"),
        ({"bypass_file": "/nowhere/at/all"}, "bypass_file: there is no directory"),
        ({"rolling_release": {"stages": [{"share": 100}]}}, "rolling_release.stages"),
        ({"skew_protection_max_age": -5}, "skew_protection_max_age: -5"),
    ],
)
def test_what_cannot_be_is_refused(lab: Lab, options: dict[str, t.Any], sentence: str) -> None:
    assert sentence in lab.refused("vercel_project", **options)


def test_the_whole_module_shows_no_secret(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "bypass"
    result = module_child.succeed("vercel_project", **{**lab.common, "bypass_file": str(path)})
    assert path.read_text().strip() not in result["raw"]
