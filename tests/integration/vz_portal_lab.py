"""VZ Portal at a local Supabase and a local Lovable: the inventories as they are, and another that says where everything is here."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import re
import subprocess
import sys
import typing as t

import boto3
import psycopg
import pyrage
import requests
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from botocore.config import Config

from examples.portal.build import versions
from examples.vz_portal import build
from tests.emulators.lovable.running import LocalLovable
from tests.integration.portal import CHECKOUT, Run, played, surroundings
from tests.integration.portal_stand_ins import SENDGRID_KEY
from tools.embedded import postgres

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.emulators.supabase.running import LocalSupabase
    from tests.integration.portal_stand_ins import StandIn
    from tools.embedded.objects import MotoS3

PORTAL = "vz_portal"
BRANCHES = {"staging": "staging", "production": "main"}
ENVIRONMENTS = tuple(BRANCHES)
BUCKETS = ("application-documents", "user-avatars", "system-assets")
SERVICES = ("dms", "digid", "brp", "kvk", "sendgrid")
# Nobody has to be able to guess these; that nothing shows them is what they are for.
SECRETS = {
    f"VZ_PORTAL_{name}": f"{name.lower().replace('_', '-')}-of-the-test"
    for name in (
        *("MESSAGEBIRD_API_KEY", "TWILIO_API_KEY", "MOLLIE_API_KEY", "STRIPE_API_KEY", "IDEAL_PROVIDER_KEY"),
        *("JWT_SECRET", "ENCRYPTION_KEY", "SESSION_SECRET", "SENTRY_DSN", "GOOGLE_ANALYTICS_ID", "POSTHOG_API_KEY"),
    )
} | {"VZ_PORTAL_SENDGRID_API_KEY": SENDGRID_KEY}
# A busy machine may take its time; nothing here takes longer than it must.
PATIENCE = 300
ASSET = re.compile(r"""['"](/assets/[^'"]+)['"]""")


@contextlib.contextmanager
def hosts(folder: Path) -> Iterator[dict[str, LocalLovable]]:
    """A local Lovable for each environment; both look at one repository, which holds the portal's releases."""
    repository = folder / "git" / "site.git"
    repository.parent.mkdir(parents=True)
    build.repository(repository)
    subprocess.run(["git", "--git-dir", repository, "config", "http.receivepack", "true"], check=True)
    with contextlib.ExitStack() as stack:
        made = {}
        for environment, branch in BRANCHES.items():
            (folder / environment).mkdir()
            (folder / environment / "git").symlink_to(folder / "git")
            own = LocalLovable(folder / environment, branch=branch, edges=2, poll_seconds=0.1, builder="examples.vz_portal.build:site")
            made[environment] = stack.enter_context(own)
        yield made


@dataclasses.dataclass
class VzPortal:
    """One portal in two environments. `supabase` has a project for each, named like it; `hosts` publish branches of one repository."""

    supabase: LocalSupabase
    hosts: t.Mapping[str, LocalLovable]
    s3: MotoS3
    services: StandIn
    folder: Path
    said: list[str] = dataclasses.field(default_factory=list)
    _backup_key: pyrage.x25519.Identity = dataclasses.field(default_factory=pyrage.x25519.Identity.generate)
    _plays: t.Iterator[int] = dataclasses.field(default_factory=itertools.count)

    def prepare(self) -> None:
        """Checkouts of the releases, buckets for backups and ledgers, and what the inventories have to be told."""
        for version in versions(build.RELEASES):
            for name, content in build.contents(version).items():
                file = self.folder / "trees" / version / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        for bucket in ("backup-bucket", "vz-portal-releases"):
            self.s3.make_bucket(bucket)
        build.empty_repository(self.folder / "configuration.git")
        (self.folder / "backup.key").write_text(f"{self._backup_key}\n")
        (self.folder / "backup.key").chmod(0o600)
        for environment in ENVIRONMENTS:
            self._write_addresses(environment)

    def play(self, environment: str, name: str, *more: str, version: str = "1.0", **variables: t.Any) -> Run:
        """A playbook as somebody runs it in the checkout of a release."""
        journal = self.folder / f"tasks-{next(self._plays)}.jsonl"
        inventories = ["-i", str(CHECKOUT / "inventories" / environment), "-i", str(self._addresses(environment))]
        argv = [sys.executable, "-m", "ansible", "playbook", f"holdfast.webops.{name}", "--limit", PORTAL, *inventories]
        argv += ["-e", json.dumps(variables), *more]
        environ = {**surroundings(journal), **self._credentials(environment)}
        environ |= {"ANSIBLE_VAULT_PASSWORD_FILE": str(self._vault_password)} if environment == "production" else SECRETS
        run = played(argv, environ, journal, cwd=self.folder / "trees" / version)
        self.said.append(run.output)
        return run

    def project(self, environment: str) -> dict[str, t.Any]:
        """What the local Supabase tells about the project."""
        return next(one for one in self.supabase.projects.values() if one["name"] == environment)

    def asked_of(self, environment: str, path: str) -> t.Any:
        """What the Management API answers about the project."""
        return self.supabase.api("GET", f"/v1/projects/{self.project(environment)['ref']}{path}")

    def rows(self, environment: str, query: str) -> list[tuple[t.Any, ...]]:
        with psycopg.connect(self.project(environment)["admin_database_url"]) as connection:
            return connection.execute(query.encode()).fetchall()

    def put_documents(self, environment: str) -> None:
        """What users have uploaded: a few files in each bucket."""
        keys = self.project(environment)["s3"]
        client = _client(keys["endpoint"], keys["access_key_id"], keys["secret_access_key"])
        for bucket in BUCKETS:
            for number in range(3):
                client.put_object(Bucket=bucket, Key=f"{environment}/{number}.txt", Body=f"{bucket} {number}".encode())

    def visit(self, environment: str, path: str) -> requests.Response:
        """What a user gets."""
        return requests.get(f"{self.hosts[environment].live_url}{path}", timeout=60)

    def loaded(self, environment: str, page: str) -> set[str]:
        """All files that a page asks for, and those that these ask for."""
        found: set[str] = set()
        waiting = ASSET.findall(page)
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.add(path)
                waiting += ASSET.findall(self.visit(environment, path).text)
        return found

    def git(self, repository: str, *words: str) -> str:
        """Git in the repository of the site or of the configuration."""
        folder = self.hosts["staging"].path if repository == "site" else self.folder / f"{repository}.git"
        return subprocess.run(["git", "--git-dir", folder, *words], capture_output=True, check=True, text=True).stdout

    def published(self, environment: str, path: str) -> str:
        """A file of the branch that the environment publishes."""
        return self.git("site", "show", f"{BRANCHES[environment]}:{path}")

    def commit(self, tag: str) -> str:
        return self.git("site", "rev-parse", tag).strip()

    def stored(self, bucket: str = "backup-bucket") -> list[str]:
        """The keys of what is in a bucket of the cloud."""
        pages = self._cloud.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def events(self, environment: str) -> list[dict[str, t.Any]]:
        """The entries of the ledger, oldest first."""
        keys = [
            key for key in self.stored("vz-portal-releases") if key.startswith(f"{environment}/vz-portal/ledger/") and key.endswith(".json")
        ]
        return [json.loads(self._cloud.get_object(Bucket="vz-portal-releases", Key=key)["Body"].read()) for key in sorted(keys)]

    @property
    def _cloud(self) -> t.Any:
        return _client(self.s3.endpoint, self.s3.access_key, self.s3.secret_key)

    def secrets(self) -> list[str]:
        """What no output may hold. The anonymous key and Google's id are in what browsers load."""
        found = [*SECRETS.values(), self.supabase.token, str(self._backup_key)]
        found += [secret for host in self.hosts.values() for secret in (host.key, host.password)]
        for one in self.supabase.projects.values():
            found += [one["s3"]["secret_access_key"], one["keys"]["service_role"], one["keys"]["secret"]]
            found += [t.cast("str", psycopg.conninfo.conninfo_to_dict(one["database_url"])["password"])]
        return found

    # --- what the inventories are told ---

    def _write_addresses(self, environment: str) -> None:
        """An inventory that is read after the real one: where things are and how fast. Production has its secrets from a vault."""
        inventory = self._addresses(environment)
        told = inventory / "host_vars" / PORTAL
        told.mkdir(parents=True)
        (inventory / "hosts.yml").write_text(yaml.safe_dump({"portals": {"hosts": {PORTAL: None}}}))
        (told / "here.yml").write_text(yaml.safe_dump(self._here(environment)))
        if environment == "production":
            self._vault_password.write_text("password of the test")
            secret = VaultSecret(self._vault_password.read_bytes())
            content = yaml.safe_dump({name.lower(): value for name, value in SECRETS.items()})
            (told / "vault.yml").write_bytes(VaultLib().encrypt(content, secret))

    def _here(self, environment: str) -> dict[str, t.Any]:
        project, host = self.project(environment), self.hosts[environment]
        before = {"environment": "staging", "store": "s3://vz-portal-releases/staging", "store_options": self.s3.store_options}
        return {
            "portal_promotes_from": [before] if environment == "production" else [],
            "vz_portal_supabase_ref": project["ref"],
            "vz_portal_supabase_url": project["url"],
            "portal_url": host.live_url,
            "platform_gitpublish_repository": host.repository,
            "platform_gitpublish_username": host.username,
            "platform_gitpublish_api_url": host.url,
            "database_supabase_api_url": self.supabase.url,
            "database_supabase_project_url": project["url"],
            "portal_ledger_store_options": self.s3.store_options,
            **{f"vz_portal_{name}_url": f"{self.services.url}/{name}" for name in SERVICES},
            "vz_portal_cloud": self.s3.store_options,
            "vz_portal_azure": f"file://{self.folder}/azure/{environment}",
            "vz_portal_google": f"file://{self.folder}/google/{environment}",
            "database_postgres_bin_dir": str(postgres.bin_dir()),
            "database_postgres_identity_file": str(self.folder / "backup.key"),
            # Whether two looks in a row are slow is no question to a busy machine.
            "portal_deploy_analysis": {"window": 0, "max_window": 0, "min_samples": 0, "objectives": {}},
            "portal_deploy_check_timeout": PATIENCE,
            "portal_roll_back_check_timeout": PATIENCE,
        }

    def _credentials(self, environment: str) -> dict[str, str]:
        """What depends on where it runs."""
        project = self.project(environment)
        return {
            "VZ_PORTAL_LOVABLE_PROJECT": self.hosts[environment].project,
            "VZ_PORTAL_LOVABLE_API_KEY": self.hosts[environment].key,
            "VZ_PORTAL_GIT_TOKEN": self.hosts[environment].password,
            "VZ_PORTAL_SUPABASE_ACCESS_TOKEN": self.supabase.token,
            "VZ_PORTAL_SUPABASE_ANON_KEY": project["keys"]["anon"],
            "VZ_PORTAL_DATABASE_URL": project["database_url"],
            "VZ_PORTAL_STORAGE_KEY_ID": project["s3"]["access_key_id"],
            "VZ_PORTAL_STORAGE_KEY": project["s3"]["secret_access_key"],
            "VZ_PORTAL_CONFIG_REPOSITORY": f"file://{self.folder}/configuration.git",
            "VZ_PORTAL_BACKUP_RECIPIENTS": str(self._backup_key.to_public()),
        }

    def _addresses(self, environment: str) -> Path:
        return self.folder / "addresses" / environment

    @property
    def _vault_password(self) -> Path:
        return self.folder / "vault-password"


def _client(endpoint: str, access_key: str, secret_key: str) -> t.Any:
    given = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key, "region_name": "eu-central-1"}
    return boto3.client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path"}, proxies={}), **given)
