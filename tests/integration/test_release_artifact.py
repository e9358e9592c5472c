"""Artefacts from a real git, through the action plugin as a playbook calls it."""

from __future__ import annotations

import base64
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import threading
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._release.artifacts import Repository, from_git
from tests.integration.traffic_lab import ROOT

PASSWORD = "a-token-that-nobody-may-see"
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - holdfast.webops.release_artifact: {path: "{{ path }}", git_url: "{{ url }}", git_ref: "{{ ref }}", git_password: "{{ password }}"}
      register: artifact
    - ansible.builtin.copy: {src: "{{ artifact.path }}", dest: "{{ playbook_dir }}/kept.tar", mode: "0600"}
      when: artifact.path != ''
    - ansible.builtin.copy: {content: "{{ artifact | to_json }}", dest: "{{ playbook_dir }}/result.json", mode: "0600"}
"""


def git(folder: pathlib.Path, *words: str) -> str:
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Two commits: the tag v1 is at the first, the branch main at the second."""
    path = tmp_path_factory.mktemp("git") / "shop"
    path.mkdir()
    git(path, "init", "--quiet", "--initial-branch=main")
    for version in ("1", "2"):
        (path / "app.py").write_text(f"version = {version}\n")
        git(path, "add", "app.py")
        git(path, "commit", "--quiet", "--message", version)
        git(path, "tag", "--annotate", f"v{version}", "--message", version)
    return path


def play(folder: pathlib.Path, **variables: str) -> tuple[dict[str, t.Any], str]:
    """The result of the task, empty when it failed, and the most verbose output."""
    (folder / "play.yml").write_text(PLAY)
    given = {"path": "", "url": "", "ref": "", "password": "", **variables}
    (folder / "vars.json").write_text(json.dumps(given))
    argv = [sys.executable, "-m", "ansible", "playbook", "-vvv", "-i", "localhost,", "-c", "local", "-e", "@vars.json", "play.yml"]
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "true",
    }
    done = subprocess.run(argv, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=environment)
    result = folder / "result.json"
    return json.loads(result.read_text()) if result.exists() else {}, done.stdout + done.stderr


def test_a_tag_is_resolved_to_its_commit_and_exported_without_history(repository: pathlib.Path, tmp_path: pathlib.Path) -> None:
    result, said = play(tmp_path, url=f"file://{repository}", ref="v1")
    assert result, said
    assert (result["kind"], result["commit"]) == ("git", git(repository, "rev-parse", "v1^{commit}"))
    with tarfile.open(tmp_path / "kept.tar") as archive:
        assert archive.getnames() == ["app.py"]
        file = archive.extractfile("app.py")
        assert file is not None
        assert file.read() == b"version = 1\n"
    assert not pathlib.Path(result["path"]).exists()
    by_commit = from_git(Repository(f"file://{repository}", result["commit"]), str(tmp_path), Commands(), timeout=60)
    assert by_commit.sha256 == result["sha256"]


@pytest.mark.parametrize(
    ("url", "ref", "sentence"),
    [
        ("file://{repository}", "v9", "git_ref: there is no 'v9' in file://"),
        ("file:///nowhere/at-all", "v1", "git_url: file:///nowhere/at-all cannot be read"),
        ("ext::sh -c true", "v1", "cannot be read: transport 'ext' not allowed"),
    ],
)
def test_what_cannot_be_had_is_said_in_a_sentence(
    repository: pathlib.Path, tmp_path: pathlib.Path, url: str, ref: str, sentence: str
) -> None:
    place = Repository(url.replace("{repository}", str(repository)), ref)
    with pytest.raises(WebopsError, match=re.escape(sentence)):
        from_git(place, str(tmp_path), Commands(), timeout=60)


class Refusing(http.server.BaseHTTPRequestHandler):
    """Asks for a password, and then refuses it."""

    seen: t.ClassVar[list[str]] = []

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "")
        self.seen.append(base64.b64decode(given.partition(" ")[2]).decode())
        self.send_response(403 if given else 401)
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: t.Any) -> None:
        """Quiet."""


def test_a_password_reaches_the_server_and_nobody_else(tmp_path: pathlib.Path) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        result, said = play(tmp_path, url=f"http://127.0.0.1:{server.server_port}/shop.git", ref="main", password=PASSWORD)
        server.shutdown()
    assert (result, f"git:{PASSWORD}" in Refusing.seen) == ({}, True)
    assert "cannot be read" in said
    assert PASSWORD not in said
