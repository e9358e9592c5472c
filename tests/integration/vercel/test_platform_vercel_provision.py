"""The playbook `provision` for a portal at the local Vercel: what it predicts, what it does, and what it keeps to itself."""

from __future__ import annotations

import json
import sys
import typing as t

from tests.integration.portal import Run, played, surroundings
from tests.integration.vercel.lab import Lab

if t.TYPE_CHECKING:
    from pathlib import Path

SECRETS = {
    "bypass": "bypass0of0this0test0000000000000",
    "value": "postgres://shop:pass-of-this-test@db/shop",
    "key": "digest-key-of-this-test",
}


def inventory(lab: Lab, folder: Path) -> Path:
    """A portal whose project is not there yet. JSON is YAML."""
    portal = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "portal_name": "shop",
        "portal_url": "https://shop.example.com",
        "portal_database": "postgres",
        "portal_provision_database": False,
        "portal_platform": "vercel",
        "platform_vercel_project": "fresh",
        "platform_vercel_team": lab.vercel.team,
        "platform_vercel_token": lab.vercel.token,
        "platform_vercel_api_url": lab.vercel.url,
        "platform_vercel_domains": [{"name": "shop.example.com"}],
        "platform_vercel_stages": [{"share": 10}, {"share": 100}],
        "platform_vercel_environment": {"LOG_LEVEL": "info"},
        "platform_vercel_secret_environment": {"DATABASE_URL": SECRETS["value"]},
        "platform_vercel_digest_key": SECRETS["key"],
        "platform_vercel_bypass_secret": SECRETS["bypass"],
    }
    path = folder / "hosts.yml"
    path.write_text(json.dumps({"portals": {"hosts": {"shop": portal}}}), encoding="utf-8")
    return path


def provisioned(lab: Lab, folder: Path, *words: str) -> Run:
    """A run that succeeds and shows no secret, however much it is asked to say."""
    journal = folder / "tasks.jsonl"
    journal.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "ansible", "playbook", "-i", str(inventory(lab, folder)), "holdfast.webops.provision", "--diff", "-vvv"]
    run = played([*argv, *words], surroundings(journal), journal)
    assert run.returncode == 0, run.output
    assert [secret for secret in (*SECRETS.values(), lab.vercel.token) if secret in run.output] == []
    return run


def test_a_project_is_predicted_then_made_and_then_nothing_is_left_to_do(lab: Lab, tmp_path: Path) -> None:
    before = lab.mark()
    predicted = provisioned(lab, tmp_path, "--check")
    assert {row["method"] for row in lab.vercel.asked(before)} == {"GET"}
    made = provisioned(lab, tmp_path)
    assert predicted.changed == made.changed[:1] == ["holdfast.webops.platform_vercel : Provision | Have the project with its settings"]
    assert len(made.changed) == 3
    fresh = lab.run("vercel_deployment_info", project="fresh")
    assert (list(fresh["domains"]), fresh["auto_assign_custom_domains"]) == (["fresh.vercel.app", "shop.example.com"], False)
    before = lab.mark()
    assert provisioned(lab, tmp_path, "--check").changed == []
    assert {row["method"] for row in lab.vercel.asked(before)} == {"GET"}
