"""What the environment says about this process."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from collections.abc import Mapping

RELEASE_FILE = Path(__file__).resolve().parents[1] / "release.json"


class Release(t.NamedTuple):
    version: str
    commit: str


class ObjectStorage(t.NamedTuple):
    endpoint: str
    bucket: str
    access_key: str
    secret_key: str


class Settings(t.NamedTuple):
    database_url: str
    host: str
    port: int
    uploads: ObjectStorage | Path
    release: Release


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Raises SystemExit with a sentence that names the variable when something is missing or wrong."""
    return Settings(
        database_url=_required(environment, "DATABASE_URL"),
        host=environment.get("HOST", "127.0.0.1"),
        port=_port(environment.get("PORT", "8000")),
        uploads=_uploads(environment),
        release=read_release(),
    )


def read_release(path: Path = RELEASE_FILE) -> Release:
    described = json.loads(path.read_text())
    return Release(version=described["version"], commit=described["commit"])


def _uploads(environment: Mapping[str, str]) -> ObjectStorage | Path:
    if not environment.get("S3_ENDPOINT"):
        return Path(_required(environment, "UPLOAD_DIR", "or S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY and S3_SECRET_KEY"))
    names = ("S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY")
    return ObjectStorage(*(_required(environment, name) for name in names))


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"PORT is {text!r}, but must be a number from 1 to 65535")
    return int(text)


def _required(environment: Mapping[str, str], name: str, alternative: str = "") -> str:
    if not environment.get(name):
        raise SystemExit(f"set {name} {alternative}".strip())
    return environment[name]
