"""`python -m tools.quality.artefact make|check`: what Galaxy gets, and a clean tree with it installed.

`make build` makes, checks and installs; `make lint` only checks. The tests use the installed one through `installed_tree()`.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import typing as t

import yaml

from tools.quality.staging import tracked_files
from tools.setup.steps import CACHE, ROOT

BUILD = ROOT / "build"
INSTALLED = BUILD / "installed"
WRITTEN_BY_THE_BUILD = {"MANIFEST.json", "FILES.json"}
MUST_HAVE = ("README.md", "LICENSE", "CHANGELOG.md", "meta/runtime.yml", "plugins/modules", "roles", "playbooks", "docs")
FOR_DEVELOPERS = ("tests", "tools", "molecule", "requirements", "Makefile", "pyproject.toml", "ansible.cfg", ".github", ".ci")
# it looks for the metadata of roles outside collections; ours describe themselves in meta/argument_specs.yml
HARMLESS = ("Could not get role description, no role metadata found",)


class ArtefactError(Exception):
    """The artefact is not what Galaxy should get; the text says why."""


def build() -> pathlib.Path:
    """Build it; returns the file."""
    described: dict[str, t.Any] = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    artefact = BUILD / "{namespace}-{name}-{version}.tar.gz".format_map(described)
    _run(["ansible-galaxy", "collection", "build", "--force", "--output-path", str(BUILD)])
    return artefact


def strangers(names: t.Iterable[str], tracked: t.Collection[str]) -> list[str]:
    """Files of the artefact that nobody means to give away: the build follows the file system, not git."""
    return sorted(
        name for name in names if name not in WRITTEN_BY_THE_BUILD and (name not in tracked or name.split("/")[0] in FOR_DEVELOPERS)
    )


def lacking(names: t.Collection[str]) -> list[str]:
    """What every artefact must have and this one has not."""
    return [wanted for wanted in MUST_HAVE if not any(name == wanted or name.startswith(f"{wanted}/") for name in names)]


def check(artefact: pathlib.Path) -> None:
    """ArtefactError unless the right files are in it and Galaxy's own importer takes it."""
    with tarfile.open(artefact) as archive:
        names = [member.name for member in archive.getmembers() if not member.isdir()]
    if unwanted := strangers(names, set(tracked_files())):
        raise ArtefactError(f"does not belong into the artefact (galaxy.yml, build_ignore): {', '.join(unwanted)}")
    if missing := lacking(names):
        raise ArtefactError(f"is missing in the artefact: {', '.join(missing)}")
    config = str(pathlib.Path(__file__).with_name("galaxy-importer.cfg"))
    importer = [sys.executable, "-m", "galaxy_importer.main", str(artefact)]
    said = _run(importer, cwd=BUILD, GALAXY_IMPORTER_CONFIG=config)  # it leaves its result where it runs
    if refused := [line for line in said.splitlines() if line.startswith(("ERROR", "WARNING")) and not line.endswith(HARMLESS)]:
        raise ArtefactError("\n".join(["Galaxy's importer objects:", *refused]))
    print(f"{artefact.relative_to(ROOT)}: {len(names)} files, accepted by Galaxy's importer", flush=True)


def install(artefact: pathlib.Path) -> pathlib.Path:
    """Install it into build/installed, where nothing but the collections it depends on stands beside it; returns that folder."""
    shutil.rmtree(INSTALLED, ignore_errors=True)
    root = INSTALLED / "ansible_collections"
    root.mkdir(parents=True)
    for sibling in (CACHE / "collections" / "ansible_collections").iterdir():
        if sibling.name != "holdfast":
            (root / sibling.name).symlink_to(sibling)
    _run(
        ["ansible-galaxy", "collection", "install", str(artefact), "--offline", "--collections-path", str(INSTALLED)],
        ANSIBLE_COLLECTIONS_PATH=str(INSTALLED),
        # Else it finds the checkout on PYTHONPATH, and takes it for the installed collection.
        ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="0",
    )
    if not (root / "holdfast" / "webops" / "MANIFEST.json").exists():
        raise ArtefactError(f"ansible-galaxy said that it installed {artefact.name}, but it is not in {root}.")
    return INSTALLED


def installed_tree() -> pathlib.Path:
    """A fresh artefact, installed."""
    return install(build())


def _run(argv: list[str], *, cwd: pathlib.Path = ROOT, **env: str) -> str:
    """Run a tool on the checkout and return what it said; ArtefactError when it fails."""
    finished = subprocess.run(
        argv,
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise ArtefactError(f"{' '.join(argv)} ended with {finished.returncode}:\n{finished.stdout}")
    return finished.stdout


def make() -> int:
    """Build, check and install. Returns the exit code."""
    return _told(lambda artefact: print(f"installed in {install(artefact).relative_to(ROOT)}/ansible_collections"))


def _told(afterwards: t.Callable[[pathlib.Path], None]) -> int:
    try:
        artefact = build()
        check(artefact)
        afterwards(artefact)
    except ArtefactError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(make() if sys.argv[1:] == ["make"] else _told(lambda _artefact: None))
