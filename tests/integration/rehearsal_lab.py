"""A portal with a database, a bucket, a live release and backups, and an inventory that says how its recovery is rehearsed."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import psycopg
import yaml

from tests.integration.backups import APP_ROLE, PORTAL, Site, make_site, run
from tests.integration.module_child import succeed
from tests.integration.rehearsed_application import COMMAND, RELEASE, SECRET, packed
from tests.integration.release_lab import happened, opened

if t.TYPE_CHECKING:
    from tools.embedded.postgres import EmbeddedPostgres

CHECKOUT = Path(__file__).resolve().parents[2]
TOO_LONG = 900


@dataclasses.dataclass(frozen=True)
class Rehearsals:
    """A portal with a backup, and an inventory that says how its recovery is rehearsed."""

    site: Site
    folder: Path
    scratch: Path

    def play(self, *words: str, **more: t.Any) -> subprocess.CompletedProcess[str]:
        """Run the playbook to its end; `more` are variables of the inventory."""
        argv, environment = self.command(*words, **more)
        quiet: dict[str, t.Any] = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
        return subprocess.run(argv, env=environment, timeout=TOO_LONG, check=False, **quiet)

    def command(self, *words: str, **more: t.Any) -> tuple[list[str], dict[str, str]]:
        """What `play` runs."""
        inventory = self.folder / "hosts.yml"
        inventory.write_text(yaml.safe_dump({"portals": {"hosts": {"shop": {**self.variables, **more}}}}))
        argv = [sys.executable, "-m", "ansible", "playbook", "-vvv", "-i", str(inventory), "holdfast.webops.rehearse", *words]
        environment = {**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
        environment.setdefault("ANSIBLE_COLLECTIONS_PATH", str(CHECKOUT / ".cache" / "collections"))
        return argv, environment

    @property
    def variables(self) -> dict[str, t.Any]:
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "portal_name": PORTAL,
            "portal_environment": "test",
            "portal_operator": "ann",
            "portal_database": "postgres",
            "portal_database_url": self.site.app_url,
            "portal_database_admin_url": self.site.server.admin_url,
            "portal_ledger_store": f"file://{self.folder}/ledger",
            "portal_rehearse_pages": f"{self.folder}/rehearsals",
            "portal_rehearse_canary": "SELECT now() - interval '10 minutes'",
            "portal_platform": "host",
            "portal_url": "http://127.0.0.1:9",
            "portal_checks": [
                {"name": "orders", "kind": "http", "url": "/orders", "expect_json": {"orders": 5000}},
                {"name": "elsewhere", "kind": "http", "url": "http://127.0.0.1:9/"},
            ],
            "portal_rehearse_artifact": str(self.folder / "artefact.tar.gz"),
            "portal_rehearse_integrations": [{"name": "orders", "kind": "http", "url": "/api/health"}],
            "portal_rehearse_scratch_dir": str(self.scratch),
            "platform_host_root": str(self.folder / "portal"),
            "platform_host_command": COMMAND,
            "platform_host_secret_environment": {"MAIL_KEY": SECRET},
            "database_postgres_scratch_dir": str(self.scratch),
            "portal_backup_policies": {
                "database": {"kind": "database", "schedule": "0 2 * * *"},
                "storage": {
                    "kind": "objects",
                    "schedule": "0 3 * * *",
                    "sources": [{"store": f"file://{self.folder}/papers"}],
                    "destinations": self.site.destinations,
                },
            },
            "portal_rehearse_validations": [{"name": "orders", "query": "SELECT count(*) FROM orders", "expect": 5000}],
            "database_postgres_destinations": self.site.destinations,
            "database_postgres_identity_file": str(self.site.identity_file),
            "database_postgres_bin_dir": str(self.site.server.bin_dir),
        }

    def deploy_and_store(self) -> None:
        """A release is live, three objects are in a bucket, and a snapshot of them is made."""
        _path, sha256 = packed(self.folder)
        release = {"version": "1.0", "artifact_sha256": sha256}
        live = [opened(RELEASE), happened("release.live", RELEASE), happened("release.completed", RELEASE)]
        live[0]["data"]["release"] = release
        succeed("release_ledger", portal=PORTAL, store=f"file://{self.folder}/ledger", owner="ann", entries=live)
        papers = self.folder / "papers"
        papers.mkdir()
        for number in range(3):
            (papers / f"paper-{number}").write_text(f"content {number}")
        wanted = {"portal": PORTAL, "name": "papers", "source": {"store": f"file://{papers}"}}
        run("object_backup", {**wanted, "destinations": self.site.destinations, "recipients": [self.site.recipient]})

    @property
    def entries(self) -> list[dict[str, t.Any]]:
        """What rehearsals wrote into the ledger."""
        return [json.loads(path.read_text()) for path in sorted(self.folder.glob(f"ledger/{PORTAL}/ledger/*.json"))][3:]

    @property
    def reports(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("rehearsals/*"))


@contextlib.contextmanager
def made_rehearsals(server: EmbeddedPostgres, folder: Path) -> t.Iterator[Rehearsals]:
    """Nothing is left of it, neither in the scratch folder nor on the server."""
    name = f"rehearse_{secrets.token_hex(4)}"
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {APP_ROLE}")
        site = make_site(server, server.url(name, user=APP_ROLE), folder)
        assert site.back_up()["changed"]
        # Its path is short, for sockets.
        with tempfile.TemporaryDirectory(prefix="h-") as scratch:
            found = Rehearsals(site, folder, Path(scratch))
            found.deploy_and_store()
            yield found
            assert list(Path(scratch).iterdir()) == []
        assert site.databases() == [name]
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
