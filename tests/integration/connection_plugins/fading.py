"""A connection to this machine that is gone as soon as a file is there: `ansible_connection: fading`, `fading_when: <path>`."""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: fading
short_description: A host that goes away
description: Runs tasks on this machine until a file says that it cannot be reached.
extends_documentation_fragment: [connection_pipelining]
options:
  when:
    description: The file.
    type: str
    required: true
    vars:
      - name: fading_when
"""


class Connection(LocalConnection):
    transport = "fading"

    def _connect(self) -> t.Any:
        if os.path.exists(str(self.get_option("when"))):  # type: ignore[no-untyped-call]
            raise AnsibleConnectionFailure("No route to host")
        return super()._connect()

    def exec_command(self, *given: t.Any, **named: t.Any) -> t.Any:
        self._connect()
        return super().exec_command(*given, **named)
