"""The role platform_vercel against the local Vercel: what its task files add to the modules."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import typing as t

from tests.integration.portal import CHECKOUT
from tests.integration.vercel.lab import HOST, Lab

if t.TYPE_CHECKING:
    from pathlib import Path

SECRET = "b" * 32
NEVER = 600


def variables(lab: Lab) -> dict[str, t.Any]:
    return {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "portal_name": "shop",
        "portal_url": lab.vercel.url,
        "portal_platform": "vercel",
        "platform_vercel_project": "shop",
        "platform_vercel_team": lab.vercel.team,
        "platform_vercel_token": lab.vercel.token,
        "platform_vercel_api_url": lab.vercel.url,
        "platform_vercel_gateway": lab.vercel.url,
        "platform_vercel_bypass_secret": SECRET,
        "platform_vercel_health_path": "/health.txt",
        "platform_vercel_configuration": {"headers": [{"source": "/", "headers": [{"key": "X-Frame-Options", "value": "DENY"}]}]},
        "platform_vercel_warm_up": {"paths": ["/", "/away"], "requests": 2},
    }


def staged_and_shifted(lab: Lab, folder: Path, release: dict[str, t.Any]) -> tuple[dict[str, t.Any], str]:
    """The facts that were set until a release has got all users, and all that Ansible said with -vvv.

    The status is read with a configuration that has a mistake.
    """
    inventory, playbook, facts = folder / "hosts.yml", folder / "play.yml", folder / "facts.json"
    # JSON is YAML.
    inventory.write_text(json.dumps({"portals": {"hosts": {"shop": variables(lab)}}}))
    given = {"platform_release": release, "platform_slot": "blue", "platform_fencing": 1}
    given |= {"platform_percent": 100, "platform_analysis": {"window": 0}}
    role = "holdfast.webops.platform_vercel"
    status, *tasks = [{"ansible.builtin.include_role": {"name": role, "tasks_from": entry}} for entry in ("status", "stage", "shift")]
    mistaken = {**status, "vars": {"platform_vercel_configuration": {"regions": ["fra"]}}}
    noted = "{{ {'status': platform_status, 'stage': platform_stage} | to_json }}"
    note = {"ansible.builtin.copy": {"content": noted, "dest": str(facts), "mode": "0600"}}
    playbook.write_text(json.dumps([{"hosts": "portals", "gather_facts": False, "vars": given, "tasks": [mistaken, *tasks, note]}]))
    argv = [sys.executable, "-m", "ansible", "playbook", "-vvv", "-i", str(inventory), str(playbook)]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg")}
    done = subprocess.run(
        argv, cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=NEVER
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(facts.read_text()), done.stdout + done.stderr


def test_a_release_gets_its_configuration_and_is_warm_before_it_gets_users(lab: Lab, tmp_path: Path) -> None:
    lab.write("health.txt", "well")
    with tarfile.open(tmp_path / "1.0.tar.gz", "w:gz") as archive:
        archive.add(lab.site, ".")
    lab.run("vercel_project", bypass_secret=SECRET, protection="prod_deployment_urls_and_all_previews")
    release = {
        "id": "r1",
        "version": "1.0",
        "commit": "",
        "artifact": str(tmp_path / "1.0.tar.gz"),
        "artifact_sha256": "",
        "replaces": None,
    }
    before = lab.mark()
    facts, said = staged_and_shifted(lab, tmp_path, release)
    (problem,), stage = facts["status"]["problems"], facts["stage"]
    assert problem.startswith('platform_vercel_configuration: regions[0] is "fra"')
    assert {type(stage["warm_up"][name]) for name in ("first_ms", "last_ms")} == {int}
    assert [sentence.partition(":")[0] for sentence in stage["warm_up"]["failed"]] == ["/away", "/away"]
    asked = lab.vercel.asked(before)
    moved = next(row["n"] for row in asked if row["method"] == "POST" and "/promote/" in row["path"])
    warming = [row for row in asked if row["host"] not in {HOST, lab.vercel.url.partition("//")[2]} and row["path"] in {"/", "/away"}]
    # Without the secret, all of them would be 401.
    assert sorted((row["path"], row["status"]) for row in warming) == [("/", 200), ("/", 200), ("/away", 404), ("/away", 404)]
    assert all(row["n"] < moved for row in warming)
    assert (lab.page(), lab.vercel.visit(HOST).headers["x-frame-options"]) == ("one", "DENY")
    assert SECRET not in said
    assert lab.vercel.token not in said
