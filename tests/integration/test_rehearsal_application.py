"""A release that is started beside production on a restored database."""

from __future__ import annotations

import json
import os
import time
import typing as t
import urllib.request
from pathlib import Path

import pytest

from tests.integration.backups import run
from tests.integration.rehearsed_application import COMMAND, RELEASE, packed

if t.TYPE_CHECKING:
    from tools.embedded.postgres import EmbeddedPostgres

PATIENCE = 120.0  # seconds


@pytest.fixture
def wanted(tmp_path: Path, postgres_server: EmbeddedPostgres) -> t.Iterator[dict[str, t.Any]]:
    """What the task is given: a packed release, and a database in which anybody may count orders."""
    artifact, sha256 = packed(tmp_path)
    url = tmp_path / "url"
    url.write_text(f"{postgres_server.admin_url}?options=-csearch_path%3Dinformation_schema")
    scratch = tmp_path / "s"
    scratch.mkdir()
    yield {
        "portal": "shop",
        "release": {"id": RELEASE, "version": "1.0"},
        "artifact": str(artifact),
        "artifact_sha256": sha256,
        "command": COMMAND,
        "database_url_file": str(url),
        "scratch_dir": str(scratch),
        "environment": {"TABLE": "tables"},
    }
    run("rehearsal_scratch", {"portal": "shop", "scratch_dirs": [str(scratch)]})
    assert list(scratch.iterdir()) == []


def answer(url: str) -> dict[str, t.Any] | None:
    """What the application says, None when nobody is there."""
    try:
        with urllib.request.urlopen(url, timeout=10) as said:
            return t.cast("dict[str, t.Any]", json.load(said))
    except OSError:
        return None


def test_it_runs_beside_everything_else_with_nothing_of_our_environment(wanted: dict[str, t.Any]) -> None:
    foretold = run("rehearsal_application", wanted, check=True)
    assert (foretold["changed"], foretold["application"]) == (True, None)
    assert os.listdir(wanted["scratch_dir"]) == []
    started = run("rehearsal_application", wanted, env={"OF_THE_CONTROLLER": "secret"})
    said = answer(f"{started['application']['url']}/environment")
    assert said
    assert said["release"] == RELEASE
    assert {"OF_THE_CONTROLLER", "SSH_CONNECTION"}.isdisjoint(said["names"])
    assert {"DATABASE_URL", "HOST", "PORT", "TABLE", "HOLDFAST_VERSION"} <= set(said["names"])
    password = Path(wanted["database_url_file"]).read_text().partition("@")[0].rpartition(":")[2]
    assert password not in started["raw"]
    ended = run("rehearsal_scratch", {"portal": "shop", "scratch_dirs": [wanted["scratch_dir"]]})
    assert ended["removed"] == [started["application"]["folder"]]
    assert answer(started["application"]["url"]) is None


def test_it_ends_by_itself_when_nobody_ends_it(wanted: dict[str, t.Any]) -> None:
    started = run("rehearsal_application", {**wanted, "keep_for": 0.5})
    deadline = time.monotonic() + PATIENCE
    url = started.get("application", {}).get("url") or ""
    while url and answer(url) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not url or answer(url) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"secret_environment": {"KEY": "mail:key-of-production"}}, "The environment of the rehearsal has a secret of production in KEY"),
        ({"artifact_sha256": "0" * 64}, "not 00000000"),
        ({"database_url_file": "/nonexistent"}, "database_url_file: there is no /nonexistent."),
        ({"command": []}, "command: it is empty."),
        ({"keep_for": 0}, "keep_for: 0.0 is too small."),
        ({"release": {"id": "../x", "version": "1"}}, "cannot name a folder"),
        ({"command": ["/bin/false"]}, "It ended with exit code 1."),
        ({"environment": {"TABLE": "no_such_table"}, "start_timeout": 3}, "did not start on the restored database."),
    ],
)
def test_what_cannot_be_started_is_said_and_nothing_of_it_stays(wanted: dict[str, t.Any], more: dict[str, t.Any], said: str) -> None:
    told = run("rehearsal_application", {**wanted, "production_secrets": ["key-of-production"], **more})
    assert told["failed"]
    assert said in told["msg"]
    assert "key-of-production" not in told["raw"]
    assert os.listdir(wanted["scratch_dir"]) == []
