"""What outlives the process beside databases and objects: keys, passwords, configuration, restore points of each project, in its home."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from tests.emulators.supabase.project import Configuration, RestorePoint, Secret

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.supabase.project import Object, Project

FILE = "project.json"


def kept(home: Path) -> Object | None:
    """What an earlier process has written of a project."""
    file = home / FILE
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def keep(project: Project) -> None:
    """As a whole, readable for nobody else."""
    home = project.database.home
    if not home.exists():
        return
    settings = {**dataclasses.asdict(project.settings), "bans": sorted(project.settings.bans)}
    row: Object = {"keys": project.keys, "s3_keys": project.s3_keys, "password": project.database.password, "created": project.created}
    row |= {"settings": settings, "restore_points": [dataclasses.asdict(one) for one in project.restore_points]}
    scratch = home / f"{FILE}.part"
    scratch.touch(mode=0o600)
    scratch.write_text(json.dumps(row), encoding="utf-8")
    scratch.replace(home / FILE)


def bring_back(project: Project, row: Object) -> None:
    """Put what was kept into a project that comes up again."""
    project.keys, project.s3_keys, project.created = row["keys"], tuple(row["s3_keys"]), row["created"]
    given = row["settings"]
    secrets = {name: Secret(**one) for name, one in given["secrets"].items()}
    project.settings = Configuration(**{**given, "secrets": secrets, "bans": set(given["bans"])})
    project.restore_points = [RestorePoint(**one) for one in row["restore_points"]]
    project.database.take(project.settings.postgres)
