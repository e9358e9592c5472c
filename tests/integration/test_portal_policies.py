"""The backup policies of both portals, as the example inventories hold them, are what the portals' own documents say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "VZ_PORTAL_DATABASE_URL": "postgresql://x:y@db.example/postgres",
    "VZ_PORTAL_SUPABASE_REF": "abcdefghijklmnopqrst",
    "VZ_PORTAL_STORAGE_KEY_ID": "id",
    "VZ_PORTAL_STORAGE_KEY": "key-of-the-buckets",
    "VZ_PORTAL_CONFIG_REPOSITORY": "git@git.example:config-backup.git",
    "VZ_PORTAL_BACKUP_RECIPIENTS": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "CLEANSTATION_DATABASE_URL": "postgresql://x:y@db.example/cleanstation",
    "CLEANSTATION_BACKUP_RECIPIENTS": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
}
SHOW = "{{ portal_backup_policies | holdfast.webops.backup_policies({'prove': true}) | to_json }}"


def adhoc(*words: str) -> str:
    """What one task of Ansible says."""
    env = {
        **os.environ,
        **ENVIRONMENT,
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
    }
    env.setdefault("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections"))
    env["ANSIBLE_STDOUT_CALLBACK"] = "ansible.builtin.minimal"
    argv = [sys.executable, "-m", "ansible", "adhoc", *words]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.partition("=>")[2]


def read(environment: str, portal: str) -> dict[str, t.Any]:
    """The policies as the role reads them, everything in them worked out."""
    inventory = str(CHECKOUT / "inventories" / environment)
    said = adhoc(portal, "-i", inventory, "-m", "ansible.builtin.debug", "-a", f'msg="{SHOW}"')
    return t.cast("dict[str, t.Any]", json.loads(yaml.safe_load(said)["msg"]))


@pytest.mark.parametrize("environment", ["production", "staging", "development"])
def test_vz_portal_has_its_three_policies(environment: str) -> None:
    found = read(environment, "vz_portal")
    assert found["problems"] == []
    policies = found["policies"]
    assert {name: (policy["kind"], policy["schedule"], policy["keep"]) for name, policy in policies.items()} == {
        "database": ("database", "0 2 * * *", {"keep_days": 30}),
        "storage": ("objects", "0 3 * * *", {"keep_days": 90}),
        "configuration": ("configuration", "0 1 * * 0", {"keep_days": 365}),
    }
    places = {name: [place["store"].partition("://")[0] for place in policy["destinations"]] for name, policy in policies.items()}
    assert places == {"database": ["s3", "az"], "storage": ["s3", "gs"], "configuration": ["s3"]}
    assert policies["configuration"]["git"]["repository"]
    assert [bucket["name"] for bucket in policies["storage"]["sources"]] == ["application-documents", "user-avatars", "system-assets"]
    assert all(place["store"].endswith(environment) for policy in policies.values() for place in policy["destinations"])


@pytest.mark.parametrize(("environment", "keep"), [("production", {}), ("uat", {"keep_days": 7})])
def test_cleanstation_is_backed_up_daily_at_one(environment: str, keep: dict[str, int]) -> None:
    found = read(environment, "cleanstation")
    assert found["problems"] == []
    assert (found["policies"]["database"]["schedule"], found["policies"]["database"]["keep"]) == ("0 1 * * *", keep)


def test_a_password_with_braces_is_the_same_in_a_scheduled_run(tmp_path: Path) -> None:
    """The file of its variables is read by Ansible once more."""
    written = tmp_path / "variables.yml"
    template = CHECKOUT / "roles/portal_back_up/templates/variables.yml.j2"
    secrets = {"portal_name": "{{ '{{x}}{#y' }}", "portal_environment": {"a": ["{{ '{%z' }}", 'q"\\'], "b": {"c": None}}}
    given = {
        **secrets,
        "portal_back_up_python": "/python",
        "portal_back_up_inventory": "",
        "__portal_back_up_carried": "^portal_(name|environment)$",
    }
    here = ("localhost", "-c", "local", "-e", json.dumps({"ansible_python_interpreter": sys.executable}))
    adhoc(*here, "-e", json.dumps(given), "-m", "ansible.builtin.template", "-a", json.dumps({"src": str(template), "dest": str(written)}))
    said = adhoc(
        "localhost", "-e", f"@{written}", "-m", "ansible.builtin.debug", "-a", 'msg="{{ [portal_name, portal_environment] | to_json }}"'
    )
    assert json.loads(yaml.safe_load(said)["msg"]) == ["{{x}}{#y", {"a": ["{%z", 'q"\\'], "b": {"c": None}}]
