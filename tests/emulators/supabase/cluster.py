"""The PostgreSQL server of a project, with the roles and schemas that the service makes."""

from __future__ import annotations

import typing as t
from pathlib import Path

from tests.emulators.postgres import cluster
from tests.emulators.postgres.cluster import RefusedSettingsError, quoted
from tests.emulators.supabase.errors import bad_request
from tools.embedded import postgres

OWNER = "postgres"
BOOTSTRAP = Path(__file__).with_name("bootstrap.sql")


class Cluster(cluster.Cluster):
    """`password` is the owner's and the administrator's."""

    admin = "supabase_admin"

    @property
    def url(self) -> str:
        """As the project's owner, who is no superuser, as on the service."""
        return self.url_of(OWNER)

    def start(self) -> None:
        super().start()
        self.version = f"{self.version}.1"

    def bootstrap(self) -> None:
        self.execute(BOOTSTRAP.read_text(encoding="utf-8").replace("'{password}'", quoted(self.password)))

    def missing(self, *, as_owner: bool = False) -> str | None:
        """None when the server answers. Network restrictions and bans can keep the owner out."""
        return postgres.missing(self.url) if as_owner else super().missing()

    def override(self, wanted: dict[str, t.Any]) -> None:
        try:
            super().override(wanted)
        except RefusedSettingsError as exc:
            raise bad_request(f"Invalid Postgres configuration: {exc}") from exc
