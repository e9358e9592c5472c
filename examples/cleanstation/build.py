"""Build the artefacts of the sample portal CleanStation: `python -m examples.cleanstation.build all --out build/cleanstation`.

A release is the files of 1.0 with those of 1.1 laid over them, and for each part and assembly in prisma/data a drawing and a
data sheet. The same files always make the same artefact, byte for byte.
"""

from __future__ import annotations

import argparse
import html
import json
import sys
import typing as t
from pathlib import Path

from examples.portal.build import Artefact, digest, layered, versions, write

RELEASES = Path(__file__).resolve().parent / "releases"
DEFAULT_OUT = Path("build/cleanstation")
CATALOGUE = ("prisma/data/parts.json", "prisma/data/assemblies.json")
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" role="img" aria-label="Drawing of {name}">
<rect x="40" y="60" width="{width}" height="{height}" fill="none" stroke="#12355b" stroke-width="2"/>
<text x="40" y="40" font-family="sans-serif" font-size="14">{id}: {name}</text>
</svg>
"""


def contents(version: str) -> dict[str, bytes]:
    """Path -> bytes of everything in the artefact, release.json included."""
    files = layered(RELEASES, version)
    for catalogue in CATALOGUE:
        for item in json.loads(files[catalogue]):
            files[f"public/drawings/{item['id']}.svg"] = _drawing(item).encode()
            files[f"public/sheets/{item['id']}.txt"] = _sheet(item).encode()
    described = {"version": version, "commit": digest(files)}
    return {**files, "release.json": (json.dumps(described) + "\n").encode()}


def build(version: str, out: Path) -> Artefact:
    """Write cleanstation-<version>.tar.gz, its .sha256 and the unpacked <version>/ into `out`."""
    return write("cleanstation", version, contents(version), out)


def _drawing(item: t.Mapping[str, t.Any]) -> str:
    """Wider for a longer name: a stand-in for what CAD would export."""
    name = html.escape(item["name"])
    return DRAWING.format(id=item["id"], name=name, width=40 + 6 * len(item["name"]), height=60 + 4 * len(item["id"]))


def _sheet(item: t.Mapping[str, t.Any]) -> str:
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in item.items())


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", choices=[*versions(RELEASES), "all"])
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder for the artefacts (default: %(default)s)")
    chosen = parser.parse_args(argv)
    for version in versions(RELEASES) if chosen.version == "all" else [chosen.version]:
        artefact = build(version, chosen.out)
        print(f"{artefact.archive}  commit {artefact.commit}  sha256 {artefact.sha256}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
