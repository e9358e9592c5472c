"""What `provision` of the role says when the database lets nobody in; the rest of the role is in tests/conformance/database."""

from __future__ import annotations

import json
import sys
import typing as t

from tests.integration.portal import played, surroundings

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.supabase.lab import Lab


def test_an_address_that_is_banned_is_named_with_the_way_out(lab: Lab, tmp_path: Path) -> None:
    for address in ("127.0.0.1", "::1"):
        lab.supabase.control("POST", "bans", ref=lab.supabase.ref, address=address)
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "portal_name": "shop",
        "portal_database_url": lab.supabase.database_url,
        "portal_database_admin_url": lab.supabase.database_url,
        "database_supabase_project_ref": lab.supabase.ref,
        "database_supabase_access_token": lab.supabase.token,
        "database_supabase_api_url": lab.supabase.url,
        "database_supabase_check_timeout": 1,
    }
    play = {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [{"ansible.builtin.include_role": {"name": "holdfast.webops.database_supabase", "tasks_from": "provision"}}],
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    (tmp_path / "hosts.yml").write_text(json.dumps({"all": {"hosts": {"shop": variables}}}))
    argv = [sys.executable, "-m", "ansible", "playbook", "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "play.yml")]
    run = played(argv, surroundings(tmp_path / "tasks.jsonl"), tmp_path / "tasks.jsonl")
    assert run.returncode != 0
    told = " ".join(run.output.split())
    assert "Supabase has banned 127.0.0.1" in told
    assert "set unban_own_address: true" in told
