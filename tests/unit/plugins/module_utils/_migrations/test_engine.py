"""From the options of the task to a request."""

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.arguments import argument_spec
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.engine import read_request

if t.TYPE_CHECKING:
    from pathlib import Path


def params(**given: t.Any) -> dict[str, t.Any]:
    return {**{name: option.get("default") for name, option in argument_spec().items()}, "database_url": "postgresql://h/d", **given}


def test_files_come_from_the_controller_where_it_read_them() -> None:
    contents = {"migrations": {"1_a.sql": base64.b64encode(b"select 1;\r\n").decode()}, "rollback": {"1_a.sql": ""}}
    request = read_request(params(migrations_dir="supabase/migrations", contents=contents))
    assert request.files["1"].content == b"select 1;\r\n"
    assert request.rollbacks == {}
    undo = read_request(params(migrations_dir="supabase/migrations", contents=contents, state="rolled_back", to="0"))
    assert undo.rollbacks["1"].path == "supabase/rollback/1_a.sql"


def test_files_come_from_this_host_otherwise(tmp_path: Path) -> None:
    (tmp_path / "1_a.sql").write_text("select 1;")
    request = read_request(params(migrations_dir=str(tmp_path), state="rolled_back", to="0"))
    assert request.files["1"].content == b"select 1;"
    assert request.rollbacks == {}
    assert request.rollback_dir == str(tmp_path.parent / "rollback")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"to": "1"}, "to belongs to state=rolled_back"),
        ({"lock_wait": -1.0}, "lock_wait=-1 is below 0"),
        ({"lock_retries": -1}, "lock_retries=-1 is below 0"),
        ({"statement_timeout": -0.5}, r"statement_timeout=-0\.5 is below 0"),
        ({"lock_timeout": 0.0}, "lock_timeout=0 is not above 0"),
    ],
)
def test_contradictions_are_found_before_any_file_is_read(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_request(params(migrations_dir="/nowhere", **given))
