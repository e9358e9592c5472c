"""From the options of the task to a request."""

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.arguments import argument_spec
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.request import read_request
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase_folder import SupabaseLayout

if t.TYPE_CHECKING:
    from pathlib import Path


def params(**given: t.Any) -> dict[str, t.Any]:
    return {
        **{name: option.get("default") for name, option in argument_spec(on_failed="warn").items()},
        "database_url": "postgresql://h/d",
        **given,
    }


def test_files_come_from_the_controller_where_it_read_them() -> None:
    contents = {"migrations": {"1_a.sql": base64.b64encode(b"select 1;\r\n").decode()}, "rollback": {"1_a.sql": ""}}
    request = read_request(params(migrations_dir="supabase/migrations", contents=contents), SupabaseLayout())
    assert request.files["1"].content == b"select 1;\r\n"
    assert request.rollbacks == {}
    undo = read_request(params(migrations_dir="supabase/migrations", contents=contents, state="rolled_back", to="0"), SupabaseLayout())
    assert undo.rollbacks["1"].path == "supabase/rollback/1_a.sql"


def test_files_come_from_this_host_otherwise(tmp_path: Path) -> None:
    (tmp_path / "1_a.sql").write_text("select 1;")
    request = read_request(params(migrations_dir=str(tmp_path), state="rolled_back", to="0"), SupabaseLayout())
    assert request.files["1"].content == b"select 1;"
    assert request.rollbacks == {}
    assert request.rollback_dir == str(tmp_path.parent / "rollback")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"to": "1"}, "to belongs to state=rolled_back and state=baselined, not to state=applied"),
        ({"versions": ["1"]}, "versions belongs to state=baselined and state=repaired, not to state=applied"),
        ({"versions": ["1"], "state": "rolled_back", "to": "1"}, "versions belongs to"),
        ({"phase": "pre_deployment", "state": "rolled_back", "to": "1"}, "phase belongs to state=applied, not to state=rolled_back"),
        ({"rehearse": True, "state": "baselined", "to": "1"}, "rehearse belongs to state=applied and state=rolled_back, not to"),
        ({"lint_squawk": True, "state": "repaired", "versions": ["1"]}, "lint_squawk belongs to state=applied, not to state=repaired"),
        ({"state": "rolled_back"}, r"state=rolled_back needs to\."),
        ({"state": "repaired", "versions": []}, r"state=repaired needs versions\."),
        ({"state": "baselined"}, r"state=baselined needs to or versions\."),
        ({"lock_wait": -1.0}, "lock_wait=-1 is below 0"),
        ({"lock_retries": -1}, "lock_retries=-1 is below 0"),
        ({"statement_timeout": -0.5}, r"statement_timeout=-0\.5 is below 0"),
        ({"lock_timeout": 0.0}, "lock_timeout=0 is not above 0"),
        ({"lock_timeout": float("nan")}, "lock_timeout=nan is not a number of seconds up to 2147483"),
        ({"lock_wait": float("inf")}, "lock_wait=inf is not a number of seconds"),
        ({"statement_timeout": 2147484.0}, r"statement_timeout=2\.14748e\+06 is not a number of seconds"),
        ({"state": "rolled_back", "to": "1", "rollback_dir": "/nowhere"}, "rollback_dir=/nowhere lies in migrations_dir"),
        ({"state": "rolled_back", "to": "1", "rollback_dir": "/nowhere/../nowhere/undo"}, "undo lies in migrations_dir"),
    ],
)
def test_contradictions_are_found_before_any_file_is_read(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_request(params(migrations_dir="/nowhere", **given), SupabaseLayout())


def test_what_an_option_says_by_default_asks_for_nothing(tmp_path: Path) -> None:
    given = {"phase": "all", "rehearse": False, "lint_squawk": False}
    assert read_request(params(migrations_dir=str(tmp_path), state="rolled_back", to="0", **given), SupabaseLayout()).phase == "all"
