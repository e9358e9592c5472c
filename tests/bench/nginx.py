"""The expert's way without an agent: nginx from Debian, an upstream per release, and a reload to switch."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import typing as t
from pathlib import Path

from tests.bench.tools import debian_program
from tests.integration.traffic_lab import accepts
from tests.integration.waiting import wait_for
from tools.embedded.ports import free_port

if t.TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGURATION = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_timeout 75s;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
    upstream portal {{ include {folder}/live.conf; }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{
            proxy_pass http://portal;
            proxy_http_version 1.1;
            proxy_read_timeout 3600s;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
        }}
    }}
}}
"""


class Nginx:
    """Calling it switches: `live.conf` names the other slot first, the dying one as its backup, and the master reloads."""

    def __init__(self, folder: Path, ports: dict[str, int]) -> None:
        self.port = free_port()
        self._folder = folder
        self._ports = ports
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, green: int) -> None:
        self._write(green)
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def _write(self, green: int) -> None:
        live, other = ("green", "blue") if green else ("blue", "green")
        lines = [f"server 127.0.0.1:{self._ports[live]};", f"server 127.0.0.1:{self._ports[other]} backup;"]
        (self._folder / "live.conf").write_text("\n".join(lines) + "\n")

    @contextlib.contextmanager
    def running(self) -> Iterator[Nginx]:
        self._folder.mkdir()
        configuration = self._folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=self._folder, port=self.port))
        self._write(0)
        program = debian_program("nginx", "usr/sbin/nginx")
        argv = [str(program), "-p", str(self._folder), "-e", str(self._folder / "error.log"), "-c", str(configuration)]
        self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: accepts(self.port), "nginx")
            yield self
        finally:
            self._process.terminate()
            self._process.wait(timeout=60)
