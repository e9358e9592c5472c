"""The playbook `develop` on a machine that has Node.js, npm and git, and a portal that needs nothing else."""

from __future__ import annotations

import re
import subprocess
import typing as t

import pytest
import yaml

from tests.conformance.portals.workstation import Workstation, set_up

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "correct-horse-battery-staple"
SERVICES = {"db": {"image": "postgres:17", "environment": {"POSTGRES_HOST_AUTH_METHOD": "trust"}}}
DOCKER_FILES = ["Dockerfile.dev", "Dockerfile.dev.dockerignore", "docker-compose.dev.yml"]


@pytest.fixture
def workstation(tmp_path: Path, free_port: Callable[[], int]) -> Workstation:
    return set_up(tmp_path, free_port(), SECRET)


def changed(run: subprocess.CompletedProcess[str], host: str = "shop") -> int:
    assert run.returncode == 0, run.stdout + run.stderr
    found = re.search(rf"^{host}\s+: ok=\d+\s+changed=(\d+)", run.stdout, re.MULTILINE)
    assert found, run.stdout
    return int(found.group(1))


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True, timeout=60).stdout


def said(run: subprocess.CompletedProcess[str]) -> str:
    return " ".join((run.stdout + run.stderr).split())


def test_a_workstation_is_set_up_by_one_command_and_by_the_second_one_left_alone(workstation: Workstation) -> None:
    with_docker: dict[str, t.Any] = {"portal_develop_docker": True, "portal_develop_docker_services": SERVICES}
    first = workstation.play(**with_docker)
    assert changed(first) > 0
    assert "healthy: 1 check passed." in said(first)
    env_file = workstation.checkout / ".env.local"
    assert f"SERVICE_KEY={SECRET}\n" in env_file.read_text()
    assert env_file.stat().st_mode & 0o777 == 0o600
    assert sorted(git(workstation.checkout, "status", "--porcelain").split()[1::2]) == DOCKER_FILES
    see_the_files_for_docker(workstation)
    assert changed(workstation.play(**with_docker)) == 0
    assert SECRET not in first.stdout + first.stderr
    see_what_check_mode_says(workstation)


def see_what_check_mode_says(workstation: Workstation) -> None:
    """Of a workstation that has nothing yet, and of one that shall have other variables."""
    fresh = {"portal_develop_directory": str(workstation.folder / "home" / "fresh")}
    other = {"portal_develop_environment": {"VITE_TITLE": "Elsewhere"}, "portal_develop_secret_environment": {"SERVICE_KEY": SECRET[::-1]}}
    run = workstation.play_all("--check", fresh=fresh, shop=other)
    assert (changed(run, "fresh"), changed(run, "shop")) == (1, 1)
    assert [path.name for path in (workstation.folder / "home").iterdir()] == ["shop"]
    assert re.search(r"^-\s+VITE_TITLE: .*s here", run.stdout, re.MULTILINE)
    assert re.search(r"^\+\s+VITE_TITLE: Elsewhere", run.stdout, re.MULTILINE)
    assert "(secret, another one)" in run.stdout
    assert SECRET not in run.stdout + run.stderr
    assert SECRET[::-1] not in run.stdout + run.stderr


def see_the_files_for_docker(workstation: Workstation) -> None:
    """The port is published on loopback alone, and no secret gets into an image."""
    port = workstation.variables["portal_url"].rpartition(":")[2]
    composed = yaml.safe_load((workstation.checkout / "docker-compose.dev.yml").read_text())
    assert composed["services"]["shop"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert composed["services"]["shop"]["depends_on"] == ["db"]
    assert composed["services"]["db"] == SERVICES["db"]
    image = (workstation.checkout / "Dockerfile.dev").read_text().splitlines()
    assert image[1] == "FROM node:22-alpine"
    assert image[-1] == 'CMD ["npm", "run", "dev", "--", "--host"]'
    assert "**/.env*" in (workstation.checkout / "Dockerfile.dev.dockerignore").read_text().splitlines()


def test_what_is_wrong_is_said_and_the_work_of_a_developer_left_alone(workstation: Workstation) -> None:
    home, url = workstation.folder / "home", workstation.variables["portal_develop_git_url"]
    (home / "folder").mkdir()
    git(home, "clone", "--quiet", url, "broken")
    (home / "broken" / ".env.local").write_text("MINE=of-my-own\n")
    (home / "broken" / "server.js").write_text("process.exit(3);\n")
    wrong: dict[str, tuple[dict[str, t.Any], str]] = {
        "production": ({"portal_environment": "production"}, "A workstation gets the variables of development alone"),
        "old": ({"portal_develop_node_minimum": "99"}, "shop needs Node.js 99 and npm 8 or newer; this machine has Node.js v"),
        "password": ({"portal_develop_git_url": "https://anna:geheim-geheim@example.org/shop"}, "portal_develop_git_url holds a password"),
        "folder": ({"portal_develop_directory": str(home / "folder")}, "which is there and is no checkout"),
        "broken": ({"portal_develop_directory": str(home / "broken"), "portal_develop_env_take_over": True}, "npm ended with exit code 3"),
    }
    run = workstation.play_all("--forks=2", **{name: variables for name, (variables, _message) in wrong.items()})
    assert [name for name in wrong if not re.search(rf"^{name} .* failed=1 ", run.stdout, re.MULTILINE)] == []
    assert [message for _variables, message in wrong.values() if message not in said(run)] == []
    assert SECRET not in run.stdout + run.stderr
    assert "geheim-geheim" not in run.stdout + run.stderr
    assert not workstation.checkout.exists()
    assert (home / "broken" / ".env.local.former").read_text() == "MINE=of-my-own\n"
    assert git(home / "broken", "status", "--porcelain").split() == ["M", "server.js"]
