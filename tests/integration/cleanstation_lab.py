"""CleanStation at a local Vercel: the inventories as they are, and after them another that says where everything is here."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import json
import sys
import typing as t

import psycopg
import pyrage
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.portal import CHECKOUT, Run, played, surroundings

if t.TYPE_CHECKING:
    from pathlib import Path

    import requests

    from tests.emulators.vercel.running import LocalVercel
    from tools.embedded.postgres import EmbeddedPostgres

PORTAL = "cleanstation"
ENVIRONMENTS = ("development", "staging", "uat", "production")
DOMAIN = "cleanstation.torvanmedical.com"
# Nobody has to be able to guess these; that nothing shows them is what they are for.
BYPASS = "bypass0of0the0local0vercel000000"
SECRETS = {
    "CLEANSTATION_PROTECTION_BYPASS": BYPASS,
    "CLEANSTATION_NEXTAUTH_SECRET": "nextauth-secret-of-the-test",
    "CLEANSTATION_CRON_SECRET": "cron-secret-of-the-test",
    "CLEANSTATION_BLOB_TOKEN": "vercel_blob_rw_of_the_test",
    "CLEANSTATION_EMAIL_USER": "mailer-of-the-test",
    "CLEANSTATION_EMAIL_PASSWORD": "mail-password-of-the-test",
    "CLEANSTATION_SENTRY_DSN": "https://key-of-the-test@sentry.invalid/1",
    "CLEANSTATION_ADMIN_PASSWORD_HASH": "$2b$12$admin-hash-of-the-test",
    "CLEANSTATION_COORDINATOR_PASSWORD_HASH": "$2b$12$coordinator-hash-of-the-test",
}
# A busy machine may take its time; nothing here takes longer than it must.
PATIENCE = 300
# Enough to tell failures of one page in three from none.
WATCHED = {"window": 2, "max_window": PATIENCE, "min_samples": 20, "objectives": {"error_rate_bad": 0.05}}


def domain(environment: str) -> str:
    return DOMAIN if environment == "production" else f"{environment}.{DOMAIN}"


def project(environment: str) -> str:
    return PORTAL if environment == "production" else f"{PORTAL}-{environment}"


@dataclasses.dataclass
class CleanStation:
    """One portal in four environments. `trees` holds the built releases."""

    vercel: LocalVercel
    postgres: EmbeddedPostgres
    trees: Path
    folder: Path
    said: list[str] = dataclasses.field(default_factory=list)
    _plays: t.Iterator[int] = dataclasses.field(default_factory=itertools.count)

    def database(self, environment: str) -> str:
        return self.postgres.url(f"{PORTAL}_{environment}", user="portal_app")

    def make_databases(self) -> None:
        """What Vercel would have made."""
        with psycopg.connect(self.postgres.admin_url, autocommit=True) as connection:
            for environment in ENVIRONMENTS:
                connection.execute(f"CREATE DATABASE {PORTAL}_{environment} OWNER portal_app".encode())

    def drop_databases(self) -> None:
        with psycopg.connect(self.postgres.admin_url, autocommit=True) as connection:
            for environment in ENVIRONMENTS:
                connection.execute(f"DROP DATABASE IF EXISTS {PORTAL}_{environment} WITH (FORCE)".encode())

    def rows(self, environment: str, query: str) -> list[tuple[t.Any, ...]]:
        with psycopg.connect(self.database(environment)) as connection:
            return connection.execute(query.encode()).fetchall()

    def play(self, environment: str, name: str, *more: str, version: str = "1.0", **variables: t.Any) -> Run:
        """A playbook as somebody runs it in the checkout of a release."""
        journal = self.folder / f"tasks-{next(self._plays)}.jsonl"
        inventories = ["-i", str(CHECKOUT / "inventories" / environment), "-i", str(self._addresses(environment))]
        argv = [sys.executable, "-m", "ansible", "playbook", f"holdfast.webops.{name}", "--limit", PORTAL, *inventories]
        argv += ["-e", json.dumps(variables), *more]
        environ = {**surroundings(journal), **self._credentials(environment)}
        environ |= {"ANSIBLE_VAULT_PASSWORD_FILE": str(self._vault_password)} if environment == "production" else SECRETS
        run = played(argv, environ, journal, cwd=self.trees / version)
        self.said.append(run.output)
        return run

    def write_addresses(self) -> None:
        """Inventories that are read after the real ones; nothing but where things are, how fast, and that it may be a weekend.

        Production has its secrets from a vault there, the others from the environment.
        """
        for environment in ENVIRONMENTS:
            inventory = self._addresses(environment)
            told = inventory / "host_vars" / PORTAL
            told.mkdir(parents=True)
            (inventory / "hosts.yml").write_text(yaml.safe_dump({"portals": {"hosts": {PORTAL: None}}}))
            (told / "here.yml").write_text(yaml.safe_dump(self._here(environment)))
        self._vault_password.write_text("password of the test")
        secret = VaultSecret(self._vault_password.read_bytes())
        content = yaml.safe_dump({name.lower(): value for name, value in SECRETS.items()})
        (self._addresses("production") / "host_vars" / PORTAL / "vault.yml").write_bytes(VaultLib().encrypt(content, secret))

    @property
    def _vault_password(self) -> Path:
        return self.folder / "vault-password"

    def _addresses(self, environment: str) -> Path:
        return self.folder / "addresses" / environment

    def _here(self, environment: str) -> dict[str, t.Any]:
        before = {"uat": "staging", "production": "uat"}.get(environment)
        here: dict[str, t.Any] = {
            "portal_url": self.vercel.fronts[domain(environment)],
            "platform_vercel_api_url": self.vercel.url,
            "platform_vercel_gateway": self.vercel.url,
            "platform_vercel_team": self.vercel.team,
            "portal_ledger_store": self._ledger(environment),
            "portal_promotes_from": [{"environment": before, "store": self._ledger(before)}] if before else [],
            "platform_vercel_start_timeout": PATIENCE,
            "portal_deploy_check_timeout": PATIENCE,
            "portal_roll_back_check_timeout": PATIENCE,
            "database_postgres_bin_dir": str(self.postgres.bin_dir),
            "database_postgres_destinations": [{"store": f"file://{self.folder}/backups/{environment}"}],
        }
        quickly = {"portal_deploy_freeze": [], "portal_deploy_analysis": WATCHED}
        return here | (quickly if environment == "production" else {})

    def _ledger(self, environment: str) -> str:
        return f"file://{self.folder}/ledgers/{environment}"

    def _credentials(self, environment: str) -> dict[str, str]:
        """What depends on where it runs."""
        return {
            "CLEANSTATION_VERCEL_TOKEN": self.vercel.token,
            "CLEANSTATION_DATABASE_URL": self.database(environment),
            "CLEANSTATION_DATABASE_POOL_URL": f"{self.database(environment)}?connection_limit=10",
            "CLEANSTATION_BACKUP_RECIPIENTS": str(pyrage.x25519.Identity.generate().to_public()),
        }

    def secrets(self) -> list[str]:
        """What no output may hold."""
        return [*SECRETS.values(), self.vercel.token, self.postgres.password]

    def variables(self, environment: str) -> list[dict[str, t.Any]]:
        """What Vercel tells about the variables of the project."""
        return list(self.vercel.api("GET", f"/v9/projects/{project(environment)}/env")["envs"])

    def lose(self, environment: str, name: str) -> None:
        """Somebody removes a variable in the dashboard."""
        found = next(one["id"] for one in self.variables(environment) if one["key"] == name)
        self.vercel.api("DELETE", f"/v9/projects/{project(environment)}/env/{found}")

    def deployment(self, environment: str, version: str) -> dict[str, t.Any]:
        """What Vercel tells about the deployment of a release, and as `release` what our ledger calls it."""
        listed = self.vercel.api("GET", f"/v6/deployments?app={project(environment)}")["deployments"]
        found = next(one["uid"] for one in listed if one["meta"]["webopsVersion"] == version)
        opened = next(event["release"] for event in self.events(environment) if (event["release"] or "").startswith(version))
        return {**self.vercel.api("GET", f"/v13/deployments/{found}"), "release": opened}

    def vercel_json(self, deployment: str) -> dict[str, t.Any]:
        """The file as Vercel has it."""
        listed = self.vercel.api("GET", f"/v6/deployments/{deployment}/files")
        file = next(one["uid"] for one in listed if one["name"] == "vercel.json")
        content = self.vercel.api("GET", f"/v8/deployments/{deployment}/files/{file}")["data"]
        return t.cast("dict[str, t.Any]", json.loads(base64.b64decode(content)))

    def visit(self, environment: str, path: str = "/") -> requests.Response:
        """What a user who is let in gets at the production domain."""
        return self.vercel.visit(domain(environment), path, x_vercel_protection_bypass=BYPASS)

    def events(self, environment: str) -> list[dict[str, t.Any]]:
        """The entries of the ledger, oldest first."""
        entries = sorted((self.folder / "ledgers" / environment / PORTAL / "ledger").glob("*.json"))
        return [json.loads(entry.read_text()) for entry in entries]
