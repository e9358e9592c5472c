# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the task asks for: its options, and the files that they name."""

from __future__ import annotations

import base64
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.arguments import refuse_contradictions
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import Layout, SqlFile, if_there
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.planning import Policies
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.seen import Linting
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.parts import database_url_of


class Request(t.NamedTuple):
    """What the task asks for. Times in seconds; `to` and `versions` name versions."""

    database_url: str
    files: t.Mapping[str, SqlFile]
    rollbacks: t.Mapping[str, SqlFile]
    migrations_dir: str
    rollback_dir: str
    state: str
    to: str | None
    versions: tuple[str, ...]
    phase: str
    lock_wait: float
    lock_timeout: float
    lock_retries: int
    statement_timeout: float
    policies: Policies
    linting: Linting
    rehearse: bool


# Options that the request takes over as they are.
_AS_GIVEN = (
    *("migrations_dir", "state", "to", "phase"),
    *("lock_wait", "lock_timeout", "lock_retries", "statement_timeout", "rehearse"),
)


def read_request(params: t.Mapping[str, t.Any], layout: Layout) -> Request:
    """Read the options and the files that they name."""
    refuse_contradictions(params)
    folder = params["migrations_dir"]
    rollback_dir = params["rollback_dir"] or os.path.normpath(os.path.join(folder, os.pardir, "rollback"))
    _refuse_inside(rollback_dir, folder)
    rolling_back = params["state"] == "rolled_back"
    contents = params["contents"] or {}
    return Request(
        database_url=database_url_of(params),
        files=layout.files(folder, _contents(contents.get("migrations"), lambda: layout.read(folder))),
        # Without a folder the plan says for which migrations a script is missing.
        rollbacks=_rollbacks(rollback_dir, contents.get("rollback"), layout) if rolling_back else {},
        rollback_dir=rollback_dir,
        versions=tuple(params["versions"] or ()),
        policies=Policies(params["on_edited"], params["on_missing_locally"], params["on_out_of_order"], params["on_failed"]),
        linting=Linting(params["lint"], params["lint_min_rows"], params["lint_squawk"]),
        **{name: params[name] for name in _AS_GIVEN},
    )


def _refuse_inside(rollback_dir: str, migrations_dir: str) -> None:
    """A migration would be taken for the script that undoes it, and run a second time."""
    inner, outer = os.path.abspath(rollback_dir), os.path.abspath(migrations_dir)
    if os.path.commonpath([inner, outer]) == outer:
        raise InputError(f"rollback_dir={rollback_dir} lies in migrations_dir.", hint="Move the rollback scripts into a folder beside it.")


def _rollbacks(folder: str, encoded: t.Mapping[str, str] | None, layout: Layout) -> dict[str, SqlFile]:
    return layout.rollbacks(folder, _contents(encoded, lambda: if_there(layout.read_rollbacks, folder)))


def _contents(encoded: t.Mapping[str, str] | None, read: t.Callable[[], dict[str, bytes]]) -> dict[str, bytes]:
    """From the controller (base64 by name) where the action plugin has read them, else from this host."""
    return read() if encoded is None else {name: base64.b64decode(content) for name, content in encoded.items()}
