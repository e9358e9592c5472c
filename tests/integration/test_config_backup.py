"""config_backup against real git, a directory and an S3 server, each run in a process of its own."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import typing as t

import pyrage
import pytest

from tests.integration.backups import arguments, argv, destination, environment, run, without_library
from tests.integration.configurations import PORTAL, SECRET, Desk, make_desk, program

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.embedded.objects import MotoS3

PLAY = """
- hosts: localhost
  gather_facts: false
  vars_files: [options.json]
  tasks:
    - name: Keep
      holdfast.webops.config_backup: "{{ given | combine({'secrets': {'vercel': {'KEY': secret, 'MODE': 'main'}}}) }}"
      register: kept
    - name: Keep again
      holdfast.webops.config_backup: "{{ given | combine({'secrets': {'vercel': {'KEY': secret, 'MODE': 'main'}}}) }}"
      failed_when: false
      register: again
    - name: Say what came of it
      ansible.builtin.debug:
        msg: "branch={{ kept.git.branch }} name={{ kept.backup.name }} again={{ again.changed }}"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


def test_a_configuration_is_in_git_and_in_every_store(tmp_path: Path, moto_s3: MotoS3) -> None:
    desk = make_desk(tmp_path, [destination(moto_s3, tmp_path.name)])
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "signing"], check=True)
    done = desk.backup(signing_key_file=str(tmp_path / "signing"))
    assert (done["changed"], done["stored"], done["git"]["committed"]) == (True, True, True), done
    backup = done["backup"]
    assert (backup["state"], backup["files"], backup["missing"]) == ("complete", 5, [])
    assert [copy["store"] for copy in backup["copies"]] == [entry["store"] for entry in desk.destinations]
    held = desk.committed()
    assert held[f"{PORTAL}/main/{desk.kept('main.conf')}"] == b"workers 2\n"
    assert held[f"{PORTAL}/main/{desk.kept('enabled')}"] == b"conf.d/shop.conf"
    assert {name.partition("/main/")[2].partition("/")[0] for name in held} == {"files", "inventories", "settings"}
    (tmp_path / "signers").write_text(f"{PORTAL} {(tmp_path / 'signing.pub').read_text()}")
    folder = desk.archives()[0].parent
    check = ["ssh-keygen", "-Y", "verify", "-f", str(tmp_path / "signers"), "-I", PORTAL, "-n", "holdfast-manifest"]
    subprocess.run(
        [*check, "-s", folder / "manifest.json.sig"], input=(folder / "manifest.json").read_bytes(), check=True, capture_output=True
    )
    signers = (tmp_path / "signers").read_text().splitlines()
    listed = desk.catalog(verify="full", allowed_signers=signers)
    assert [one["state"] for one in listed["backups"]] == ["complete"], listed
    assert run("pg_backup_info", {"portal": PORTAL, "destinations": desk.destinations})["backups"] == []


def test_what_has_not_changed_makes_neither_a_commit_nor_an_archive(desk: Desk) -> None:
    first = desk.backup()
    os.utime(desk.etc / "main.conf", (1, 1))
    for check in (True, False):
        again = desk.backup(check=check)
        assert (again["changed"], again["backup"], again["git"]["commit"]) == (False, first["backup"], first["git"]["commit"])
    (desk.etc / "main.conf").chmod(0o600)  # git does not see that
    moded = desk.backup()
    assert (moded["reason"], moded["git"]["committed"]) == ("The content has changed.", False)
    assert desk.backup(secrets=json.dumps({"vercel": {"API_KEY": "another"}}))["git"]["committed"] is False
    assert (len(desk.archives()), len(desk.commits())) == (3, 1)


def test_unchanged_content_is_stored_again_for_other_readers_and_when_it_is_old(desk: Desk) -> None:
    desk.backup()
    assert desk.backup(max_age=3600)["changed"] is False
    other = [desk.recipient, str(pyrage.x25519.Identity.generate().to_public())]
    assert desk.backup(recipients=other)["reason"] == "The recipients have changed."
    manifest = json.loads((desk.archives()[-1].parent / "manifest.json").read_text())
    for path in desk.store.glob(f"{PORTAL}/configuration/*/manifest.json"):  # a week later
        aged = json.loads(path.read_text()) | {"at": "2026-01-01T00:00:00Z"}
        path.write_text(json.dumps(aged, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")
    assert manifest["at"] > "2026-01-01"
    assert desk.backup(recipients=other)["changed"] is False
    assert desk.backup(recipients=other, max_age=3600)["reason"] == "The newest backup is older than max_age."


def test_check_mode_says_what_a_run_then_does_and_touches_nothing(desk: Desk) -> None:
    desk.backup()
    (desk.etc / "main.conf").write_text("workers 4\n")
    (desk.etc / "conf.d/shop.conf").unlink()
    before = (desk.commits(), desk.archives())
    predicted = desk.backup(check=True)
    assert (desk.commits(), desk.archives()) == before
    done = desk.backup()
    assert predicted["diff"] == done["diff"]
    assert done["diff"]["before"]["git"] == {desk.kept("main.conf"): ["workers 2"], desk.kept("conf.d/shop.conf"): ["listen 80"]}
    assert done["diff"]["after"]["git"] == {desk.kept("main.conf"): ["workers 4"]}
    told = {name: predicted["git"][name] for name in ("added", "changed", "removed", "committed")}
    assert told == {name: done["git"][name] for name in told}
    assert (predicted["git"]["commit"], predicted["backup"]) == (None, None)
    assert done["git"]["commit"] == desk.commits()[0] != before[0][0]


def test_what_looks_like_a_secret_never_goes_to_git_by_accident(desk: Desk) -> None:
    (desk.etc / ".env").write_text("MODE=production\n")
    (desk.etc / "tls.key").write_text("-----BEGIN PRIVATE KEY-----\nMII\n")
    (desk.folder / "production/vault.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    refused = desk.backup()
    assert refused["failed"]
    assert sorted(refused["suspects"]) == [f"{desk.etc}/.env", f"{desk.etc}/tls.key"]
    assert not desk.store.exists()
    assert desk.commits() == []
    place = {"repository": str(desk.repository), "exclude": ["*.key"], "allow": [f"{desk.etc}/.env"]}
    done = desk.backup(git=place)
    names = desk.committed()
    assert f"{PORTAL}/main/{desk.kept('.env')}" in names
    assert f"{PORTAL}/main/inventories/production/vault.yml" in names
    assert f"{PORTAL}/main/{desk.kept('tls.key')}" not in names
    assert desk.kept("tls.key") in {one["path"] for one in desk.restore(desk.folder / "x", state="listed")["files"]}
    shown = done["diff"]["after"]["git"]
    assert isinstance(shown[desk.kept(".env")], str)  # its name, not its lines
    assert "MODE=production" not in done["raw"]


def test_secrets_are_in_the_archive_and_nowhere_else(desk: Desk, tmp_path: Path) -> None:
    log = tmp_path / "argv"
    for name in ("git", "age", "ssh-keygen"):
        path = program(tmp_path / "bin", name, f'echo "$0 $*" >> {log}\nexec "$REAL" "$@"')
    path |= without_library("pyrage", tmp_path / "libraries")
    given = {key: value for key, value in desk.options().items() if key != "secrets"}
    (tmp_path / "options.json").write_text(json.dumps({"given": given, "secret": SECRET}))
    (tmp_path / "play.yml").write_text(PLAY)
    play = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-vvv", "--diff", "-e", f"ansible_python_interpreter={sys.executable}"]
    done = subprocess.run([*play, str(tmp_path / "play.yml")], env=environment(path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "branch=main name=main again=False" in done.stdout  # a value of a secret is no reason to blank names
    assert SECRET not in done.stdout + done.stderr + log.read_text()
    assert "age --encrypt" in log.read_text()
    everywhere = b"".join(path.read_bytes() for path in [*desk.store.rglob("*"), *desk.repository.rglob("*")] if path.is_file())
    everywhere += b"".join(desk.committed().values())
    assert SECRET.encode() not in everywhere
    assert desk.restore(tmp_path / "back")["changed"]
    assert json.loads((tmp_path / "back/secrets/vercel.json").read_text())["KEY"] == SECRET


def test_a_commit_goes_on_top_of_what_others_push_meanwhile(desk: Desk, tmp_path: Path) -> None:
    desk.backup()
    (desk.etc / "main.conf").write_text("workers 4\n")
    waiting, gone_on = tmp_path / "waiting", tmp_path / "go"
    hold = f'if [ "$1" = push ]; then touch {waiting}; until [ -e {gone_on} ]; do sleep 0.1; done; fi\nexec "$REAL" "$@"'
    with started(desk.options(), program(tmp_path / "bin", "git", hold)) as child:
        appears(waiting, child)
        desk.push_as_somebody("theirs")
        gone_on.touch()
        done = json.loads(child.communicate(timeout=120)[0])
    assert done["git"]["changed"] == [desk.kept("main.conf")], done
    held = desk.committed()
    assert (held["theirs"], held[f"{PORTAL}/main/{desk.kept('main.conf')}"]) == (b"theirs\n", b"workers 4\n")
    assert (len(desk.commits()), desk.commits()[0]) == (3, done["git"]["commit"])


def test_a_hook_that_refuses_is_heard_and_the_next_run_makes_up_for_it(desk: Desk) -> None:
    hook = desk.repository / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'frozen until Monday' >&2\nexit 1\n")
    hook.chmod(0o755)
    refused = desk.backup()
    assert refused["failed"]
    assert "frozen until Monday" in refused["msg"]
    assert "is stored, but git has not got it" in refused["msg"]
    assert desk.commits() == []
    hook.unlink()
    done = desk.backup()
    assert (done["stored"], done["git"]["committed"], len(desk.archives())) == (False, True, 1)


def test_a_repository_that_is_not_there_is_noticed_before_anything_is_stored(desk: Desk) -> None:
    refused = desk.backup(git={"repository": "/not/there.git"})
    assert "git.repository /not/there.git cannot be read" in refused["msg"], refused
    assert not desk.store.exists()


def test_wrong_secrets_are_not_told(desk: Desk) -> None:
    refused = desk.backup(secrets="no dictionary " + SECRET)
    assert "secrets is no dictionary" in refused["msg"]
    assert SECRET not in refused["raw"]


def test_a_socket_stops_it_before_anything_is_stored(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.etc)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("app.sock")
        refused = desk.backup()
    assert "app.sock' is a socket, which cannot be kept. Exclude it." in refused["msg"]
    assert not desk.store.exists()
    assert desk.backup(exclude=["*.sock"])["changed"]


@pytest.mark.parametrize("place", ["age", "git"])
def test_a_killed_run_leaves_nothing_that_looks_like_a_backup(desk: Desk, tmp_path: Path, place: str) -> None:
    first = desk.backup()
    (desk.etc / "main.conf").write_text("workers 4\n")
    reached = tmp_path / "reached"
    when = '[ "$1" = push ] && ' if place == "git" else ""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    script = f'{when}echo $$ > {reached}.new && mv {reached}.new {reached} && exec sleep 600\nexec "$REAL" "$@"'
    host = program(tmp_path / "bin", place, script) | without_library("pyrage", tmp_path / "libraries")
    with started({**desk.options(), "scratch_dir": str(scratch)}, host) as child:
        appears(reached, child)
        child.kill()
        os.kill(int(reached.read_text()), signal.SIGKILL)
    listed = desk.catalog()
    assert listed["backups"][-1]["id"] == first["backup"]["id"]
    assert {one["state"] for one in listed["backups"]} == {"complete"}
    assert (len(desk.commits()), len(listed["backups"])) == (1, 1 if place == "age" else 2)
    assert os.listdir(scratch) != []
    done = desk.backup(scratch_dir=str(scratch))
    assert (done["stored"], done["git"]["changed"]) == (place == "age", [desk.kept("main.conf")])
    assert os.listdir(scratch) == []


def test_each_name_is_compared_and_kept_by_itself(desk: Desk) -> None:
    for number in range(2):
        (desk.etc / "main.conf").write_text(f"workers {number}\n")
        for name in ("web1", "web2"):
            assert desk.backup(name=name)["changed"]
    assert desk.backup(name="web1")["changed"] is False
    assert {name.split("/")[1] for name in desk.committed()} == {"web1", "web2"}
    policy = {"portal": PORTAL, "kind": "configuration", "keep_last": 1, "destinations": desk.destinations}
    done = run("backup_retention", policy)
    assert (len(done["kept"]), len(done["removed"])) == (2, 2), done
    assert {one["name"] for one in desk.catalog()["backups"]} == {"web1", "web2"}
    assert [one["name"] for one in desk.catalog(name="web2")["backups"]] == ["web2"]


def test_a_password_reaches_an_http_server_and_nothing_else(desk: Desk, tmp_path: Path) -> None:
    log = tmp_path / "argv"
    recorded = program(tmp_path / "bin", "git", f'echo "$*" >> {log}\nexec "$REAL" "$@"')
    with git_server(desk.folder, "backups", SECRET) as url:
        place = {"repository": f"{url}/configuration.git", "username": "backups", "allow_http": True}
        refused = desk.backup(git={**place, "password": "wrong-password"}, env=recorded)
        assert "cannot be read" in refused["msg"], refused
        assert "Authentication failed" in refused["msg"] or "could not read" in refused["msg"]
        assert "wrong-password" not in refused["raw"]
        done = desk.backup(git={**place, "password": SECRET}, env=recorded)
    assert done["git"]["commit"] == desk.commits()[0], done
    assert SECRET not in done["raw"] + log.read_text()
    assert base64.b64encode(f"backups:{SECRET}".encode()).decode() not in done["raw"] + log.read_text()


def test_ssh_is_told_which_key_and_which_servers_to_trust(desk: Desk, tmp_path: Path) -> None:
    log = tmp_path / "argv"
    server = f'echo "$*" >> {log}\nfor last; do :; done\nexec sh -c "$last"'  # what sshd does with the command
    key = tmp_path / "git.key"
    key.touch()
    servers = ["git.example.org ssh-ed25519 AAAA"]
    place = {"repository": f"ssh://git@git.example.org{desk.repository}", "ssh_key_file": str(key), "known_hosts": servers}
    done = desk.backup(git=place, env=program(tmp_path / "bin", "ssh", server))
    assert done["git"]["commit"] == desk.commits()[0], done
    told = log.read_text()
    assert f"-i {key} -o IdentitiesOnly=yes" in told
    assert "StrictHostKeyChecking=yes" in told
    assert "BatchMode=yes" in told


@contextlib.contextmanager
def started(options: dict[str, t.Any], env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """config_backup in a process group of its own, all of it gone after the block."""
    child = subprocess.Popen(
        argv("config_backup"), env=environment(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert child.stdin is not None
    child.stdin.write(arguments(options))
    child.stdin.close()
    child.stdin = None
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(60)
        if child.stdout is not None:
            child.stdout.close()


def appears(path: Path, child: subprocess.Popen[str]) -> None:
    """Wait for a file that the run makes; fail when the run ends without it."""
    deadline = time.monotonic() + 120
    while not path.exists():
        assert child.poll() is None, child.stdout and child.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextlib.contextmanager
def git_server(folder: Path, user: str, password: str) -> Iterator[str]:
    """`git http-backend` behind a login."""
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    backend = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip() + "/git-http-backend"

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 128

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            if self.headers.get("Authorization") != expected:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            path, _mark, query = self.path.partition("?")
            asked = {
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REMOTE_USER": user,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            }
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            done = subprocess.run([backend], env={**os.environ, **asked}, input=body, capture_output=True, check=True)
            head, _blank, content = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in {**fields, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_arguments: t.Any) -> None:
            """Quiet."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)
