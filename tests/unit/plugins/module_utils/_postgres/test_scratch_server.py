from __future__ import annotations

import types
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.scratch_server import EMPTY, namespace, scratch_server
from tests.unit.fake_clock import FakeClock

if t.TYPE_CHECKING:
    import pathlib


def test_a_folder_without_room_for_a_server_is_refused_before_any_program_is_started(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.statvfs", lambda _path: types.SimpleNamespace(f_bavail=EMPTY - 1, f_frsize=1))
    server = scratch_server(Commands(), FakeClock(), Client("/nowhere", "17.0", 17), str(tmp_path))
    with pytest.raises(InputError, match=r"has 64\.0 MB free; an empty server alone needs 64\.0 MB"), server:
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("there", "user"),
    [({"postgres": 103, "nobody": 65534}, 103), ({"nobody": 65534}, 65534), ({}, 1000)],
    ids=["postgres", "nobody", "neither"],
)
def test_root_becomes_a_user_whom_this_host_knows(there: dict[str, int], user: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """initdb ends for an id that has no name."""
    monkeypatch.setattr("pwd.getpwnam", lambda name: types.SimpleNamespace(pw_uid=there[name], pw_gid=there[name] + 1))
    assert namespace()[2] == f"--map-user={user}"
