"""A host with a real supervisord, and small releases of a web application made of the standard library."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import hashlib
import io
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import typing as t
import urllib.request

from tests.integration.module_child import run_module
from tools.embedded.ports import free_port

if t.TYPE_CHECKING:
    from collections.abc import Iterator

PORTAL = "orders"
SECRET = "a-secret-that-nobody-may-see"
CONFIGURATION = """\
[supervisord]
nodaemon = true
user = {user}
pidfile = {home}/supervisord.pid
logfile = {home}/supervisord.log
childlogdir = {home}
environment = OF_SUPERVISORD="1"

[unix_http_server]
file = {home}/s.sock

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[include]
files = conf.d/*.conf
"""
# `/environment` shows what the application was given; `{start}` is code of a release that misbehaves.
APPLICATION = """\
import http.server, json, os, signal, sys, time
print("release {version} starts", flush=True)
print("connecting with " + os.environ.get("TOKEN", ""), flush=True)
{start}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status = {status}
        self.send_response(status)
        if status // 100 == 3:
            self.send_header("Location", "/login")
        body = json.dumps({{"version": "{version}", "environment": dict(os.environ), "directory": os.getcwd()}}).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
signal.signal(signal.SIGTERM, lambda *args: sys.exit(0))
http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
"""


@dataclasses.dataclass(frozen=True)
class Release:
    """An artifact with its checksum."""

    id: str
    version: str
    path: str
    sha256: str

    def options(self) -> dict[str, t.Any]:
        """As host_slot wants it."""
        release = {"id": self.id, "version": self.version, "commit": f"commit-{self.version}"}
        return {"release": release, "artifact": self.path, "artifact_sha256": self.sha256}


@dataclasses.dataclass
class HostLab:
    """`home` is supervisord's, `root` the portal's."""

    home: pathlib.Path
    process: subprocess.Popen[bytes]
    ports: dict[str, int]

    @property
    def root(self) -> pathlib.Path:
        return self.home / "portal"

    @property
    def conf_dir(self) -> pathlib.Path:
        return self.home / "conf.d"

    @property
    def common(self) -> dict[str, t.Any]:
        return {
            "root": str(self.root),
            "portal": PORTAL,
            "supervisor": "supervisord",
            "supervisor_socket": str(self.home / "s.sock"),
            "supervisor_conf_dir": str(self.conf_dir),
            "supervisorctl": supervisor_program("supervisorctl"),
        }

    def release(self, version: str, *, start: str = "", status: int = 200) -> Release:
        """Pack a release that runs `start` first and answers every GET with `status`."""
        return self.pack(version, {"app.py": APPLICATION.format(version=version, start=start, status=status).encode()})

    def pack(self, version: str, files: dict[str, bytes], *members: tarfile.TarInfo) -> Release:
        """Pack files, and members without content, as they are."""
        path = self.home / f"{version}.tar.gz"
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as archive:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), 0o644
                archive.addfile(member, io.BytesIO(content))
            for member in members:
                archive.addfile(member)
        path.write_bytes(gzip.compress(tar.getvalue(), mtime=0))  # packed twice, it has the same checksum
        return Release(f"{version}-20261121T223000Z", version, str(path), hashlib.sha256(path.read_bytes()).hexdigest())

    def options(self, slot: str, release: Release | None = None, /, **more: t.Any) -> dict[str, t.Any]:
        """Options of host_slot for a slot that is started when a release is given."""
        if release is None:
            return {**self.common, "slot": slot, **more}
        started = {
            "command": [sys.executable, "app.py"],
            "environment": {"LEVEL": "info"},
            "secret_environment": {"TOKEN": SECRET},
            "port": self.ports[slot],
            "health_path": "/health",
            "start_timeout": 60,
            "stop_timeout": 5,
        }
        return {**self.common, "slot": slot, **started, **release.options(), **more}

    def run(self, slot: str, release: Release | None = None, /, *, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
        """The result of host_slot, which must succeed."""
        result = run_module("host_slot", check=check, diff=True, **self.options(slot, release, **more))
        assert not result.get("failed"), result["raw"]
        return result

    def fail(self, slot: str, release: Release | None = None, /, *, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
        """The result of host_slot, which must fail."""
        result = run_module("host_slot", check=check, diff=True, **self.options(slot, release, **more))
        assert result.get("failed"), result["raw"]
        return result

    def slots(self) -> dict[str, t.Any]:
        """What host_slot_info says."""
        result = run_module("host_slot_info", **self.common)
        assert not result.get("failed"), result["raw"]
        return t.cast("dict[str, t.Any]", result["slots"])

    def get(self, slot: str) -> str:
        """What the application on a slot answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[slot]}/", timeout=30) as answer:
            return str(answer.read().decode())

    def restart_supervisord(self) -> None:
        """As when the machine starts anew."""
        end(self.process)
        self.process = start_supervisord(self.home)


def supervisor_program(name: str) -> str:
    """A program of the wheel, beside this interpreter."""
    return str(pathlib.Path(sys.executable).with_name(name))


def start_supervisord(home: pathlib.Path) -> subprocess.Popen[bytes]:
    socket = home / "s.sock"
    process = subprocess.Popen([supervisor_program("supervisord"), "-c", str(home / "supervisord.conf")], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not socket.exists():
        assert process.poll() is None, (home / "supervisord.log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)


@contextlib.contextmanager
def open_host() -> Iterator[HostLab]:
    """A host on loopback; the folder has a short name because a socket lies in it."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="hf-host-"))
    (home / "conf.d").mkdir()
    user = "root" if os.geteuid() == 0 else str(os.geteuid())
    (home / "supervisord.conf").write_text(CONFIGURATION.format(home=home, user=user))
    lab = HostLab(home, start_supervisord(home), {"blue": free_port(), "green": free_port()})
    try:
        yield lab
    finally:
        end(lab.process)
        shutil.rmtree(home, ignore_errors=True)
