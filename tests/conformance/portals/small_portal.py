"""A portal's repository with inventories of its own, a vault among them, for which pipelines are written and run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t

import yaml

from tests.integration.portal import CHECKOUT

if t.TYPE_CHECKING:
    from pathlib import Path

NEVER = 900
VAULT_PASSWORD = "correct horse's battery"
# Stands for `python3 -m venv` and what is installed there: notes what it is asked for, and leads to the Ansible of this checkout.
PYTHON = """\
#!/bin/sh -e
test "$1 $2" = "-m venv"
mkdir -p "$3/bin"
for program in pip ansible-galaxy; do
  printf '#!/bin/sh\\necho %s "$@" >> "$RUNNER_TEMP/installed"\\n' "$program" > "$3/bin/$program"
done
printf '#!/bin/sh\\nexec "{python}" -m ansible playbook "$@" $PLAYBOOK_OPTIONS\\n' > "$3/bin/ansible-playbook"
chmod +x "$3/bin/"*
"""


def make(folder: Path, port: int) -> Path:
    """The repository. The address that is checked stands in its vault, so that nothing is healthy without the password."""
    package = {"name": "shop", "version": "1.0.0", "scripts": {"test": "node test.js", "build": "mkdir -p dist && cp test.js dist/"}}
    pipeline = {
        "portal_pipeline_environments": [
            {"name": "staging", "url": "https://staging.shop.example.org"},
            {
                "name": "production",
                "approvals": ["tech-lead"],
                "verify": [{"name": "Look at it", "run": 'test "$BASE_URL" = ""'}],
            },
        ],
        "portal_pipeline_secrets": ["SHOP_TOKEN"],
        "portal_pipeline_from_checkout": True,
        "portal_pipeline_scheduled_environment": "production",
        "portal_pipeline_back_up": {"database": "0 2 * * *"},
        "portal_pipeline_check": "*/30 * * * *",
    }
    checks = [{"name": "application", "kind": "tcp", "host": "127.0.0.1", "port": "{{ vault_shop_port }}"}]
    ledger = {"portal_ledger_store": f"file://{folder.parent}/ledger"}
    portal = {"portal_name": "shop", "portal_url": "http://127.0.0.1", "portal_checks": checks, **ledger, **pipeline}
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {"portals": {"hosts": {"shop": {**local, **portal}}}}
    files = {
        "package.json": json.dumps(package),
        "package-lock.json": json.dumps({**package, "lockfileVersion": 3, "requires": True, "packages": {"": package}}),
        "test.js": "require('node:assert').ok(process.version);\n",
        **{f"inventories/{name}/hosts.yml": yaml.safe_dump(hosts) for name in ("staging", "production")},
        **{f"inventories/{name}/host_vars/shop/vault.yml": f"vault_shop_port: {port}\n" for name in ("staging", "production")},
        "stand_ins/python3": PYTHON.format(python=sys.executable),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (folder / "stand_ins" / "python3").chmod(0o755)
    _encrypt(folder)
    return folder


def _encrypt(folder: Path) -> None:
    password = folder.parent / "password"
    password.write_text(VAULT_PASSWORD)
    vaults = [str(path) for path in folder.rglob("vault.yml")]
    argv = [sys.executable, "-m", "ansible", "vault", "encrypt", "--vault-password-file", str(password), *vaults]
    subprocess.run(argv, check=True, capture_output=True, timeout=NEVER, env=_environment())


def write_pipelines(inventory: Path, directory: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The playbook `pipeline` on an inventory."""
    argv = [sys.executable, "-m", "ansible", "playbook", "-i", str(inventory), "holdfast.webops.pipeline", *words]
    argv += ["-e", json.dumps({"portal_pipeline_directory": directory})]
    return subprocess.run(argv, cwd=cwd, env=_environment(), capture_output=True, text=True, check=False, timeout=NEVER)


def _environment() -> dict[str, str]:
    environment = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    environment.setdefault("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections"))
    return environment
