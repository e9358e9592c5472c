"""Reach a container with one `podman exec` for each task.

containers.podman.podman of release 1.18 cannot pipeline, and needs six podman calls for each.
"""

from __future__ import annotations

import shlex
import subprocess

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: podman_exec
author: Holdfast contributors (@holdfast-webops)
short_description: Run tasks in a podman container
description:
  - Runs tasks in a running container through C(podman exec), with pipelining.
extends_documentation_fragment:
  - connection_pipelining
options:
  container:
    description: Name of the container.
    type: str
    required: true
    vars:
      - name: ansible_podman_container
"""


class Connection(ConnectionBase):
    """A shell in a container. Nothing stays open between two tasks."""

    transport = "podman_exec"
    has_pipelining = True

    def _connect(self) -> Connection:
        self._connected = True
        return self

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:  # noqa: ARG002
        return self._exec(shlex.split(cmd), in_data or b"")

    def put_file(self, in_path: str, out_path: str) -> None:
        with open(in_path, "rb") as file:
            self._check(self._exec(["/bin/sh", "-c", 'cat > "$0"', out_path], file.read()))

    def fetch_file(self, in_path: str, out_path: str) -> None:
        content = self._check(self._exec(["cat", in_path], b""))
        with open(out_path, "wb") as file:
            file.write(content)

    def close(self) -> None:
        self._connected = False

    def _exec(self, argv: list[str], given: bytes) -> tuple[int, bytes, bytes]:
        container = str(self.get_option("container"))  # type: ignore[no-untyped-call]
        words = ["podman", "exec", "--interactive", container, *argv]
        done = subprocess.run(words, input=given, capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def _check(self, ended: tuple[int, bytes, bytes]) -> bytes:
        code, out, said = ended
        if code != 0:
            raise AnsibleConnectionFailure(f"podman exec ended with {code}: {said.decode(errors='replace')}")
        return out
