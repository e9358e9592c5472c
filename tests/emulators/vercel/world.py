"""The state of the local Vercel: tables, the clock, and how to find things in them."""

from __future__ import annotations

import secrets
import string
import typing as t

from tests.emulators.faults import Rules
from tests.emulators.vercel.blobs import Stores
from tests.emulators.vercel.clock import Clock
from tests.emulators.vercel.errors import not_found
from tests.emulators.vercel.faults import OF_REQUESTS, OTHERS
from tests.emulators.vercel.records import Alias, Deployment, Project, Team, Token
from tests.emulators.vercel.settings import Settings
from tests.emulators.vercel.storage import Files

if t.TYPE_CHECKING:
    from pathlib import Path

LETTERS = string.ascii_letters + string.digits
TEAM = "team_local"
OTHER_TEAM = "team_other"
TOKEN = "local_token"
OTHER_TOKEN = "other_token"
USER: t.Final = {"id": "usr_local", "username": "ops", "email": "ops@example.com", "name": "Ops"}


class World:
    """All state. It is changed on the event loop's thread alone, and no handler waits in the middle of a change."""

    def __init__(self, home: Path, clock: Clock | None = None) -> None:
        self.home = home
        self.clock = clock or Clock()
        self.settings = Settings()
        self.files = Files(home)
        self.stores = Stores(self.files)
        self.faults = Rules(OF_REQUESTS, OTHERS)
        self.teams = {team.id: team for team in (Team(TEAM, "local", "Local"), Team(OTHER_TEAM, "other", "Other", "hobby"))}
        self.tokens = {token.secret: token for token in (Token(TOKEN, [TEAM]), Token(OTHER_TOKEN, [OTHER_TEAM]))}
        self.projects: dict[str, Project] = {}
        self.deployments: dict[str, Deployment] = {}
        self.hosts: dict[str, str] = {}
        """Generated host names, each of one deployment for ever."""
        self.aliases: dict[str, Alias] = {}
        self.domains: dict[str, str] = {}
        """Which project a domain belongs to."""
        self._names: dict[tuple[str, str], str] = {}

    def new_id(self, prefix: str, length: int = 28) -> str:
        return prefix + "".join(secrets.choice(LETTERS) for _letter in range(length))

    def team_named(self, name: str) -> Team | None:
        """By id or slug."""
        return self.teams.get(name) or next((team for team in self.teams.values() if team.slug == name), None)

    def add_project(self, project: Project) -> None:
        self.projects[project.id] = project
        self._names[project.team_id, project.name] = project.id

    def drop_project(self, project: Project) -> None:
        for identity in list(project.deployments):
            self.drop_deployment(self.deployments[identity])
        for host in project.domains:
            self.domains.pop(host, None)
            self.aliases.pop(host, None)
        del self.projects[project.id]
        del self._names[project.team_id, project.name]

    def rename_project(self, project: Project, name: str) -> None:
        del self._names[project.team_id, project.name]
        project.name = name
        self._names[project.team_id, name] = project.id

    def find_project(self, team: Team, name: str) -> Project | None:
        """By id or name."""
        found = self.projects.get(self._names.get((team.id, name), name))
        return found if found is not None and found.team_id == team.id else None

    def project(self, team: Team, name: str) -> Project:
        found = self.find_project(team, name)
        if found is None:
            raise not_found("Project not found.")
        return found

    def add_deployment(self, deployment: Deployment) -> None:
        self.deployments[deployment.id] = deployment
        self.hosts[deployment.url] = deployment.id
        self.projects[deployment.project_id].deployments.append(deployment.id)

    def drop_deployment(self, deployment: Deployment) -> None:
        del self.deployments[deployment.id]
        del self.hosts[deployment.url]
        project = self.projects[deployment.project_id]
        project.deployments.remove(deployment.id)
        for host in self.hosts_of(deployment):
            del self.aliases[host]

    def deployment(self, team: Team, name: str) -> Deployment:
        """By id, generated host name or alias."""
        alias = self.aliases.get(name)
        identity = self.hosts.get(name, alias.deployment_id if alias else name)
        found = self.deployments.get(identity)
        if found is None or found.team_id != team.id:
            raise not_found(f"The deployment {name} was not found.")
        return found

    def hosts_of(self, deployment: Deployment) -> list[str]:
        """The aliases that serve a deployment now."""
        return [alias.host for alias in self.aliases.values() if alias.deployment_id == deployment.id]

    def point(self, host: str, project: Project, deployment: Deployment) -> str | None:
        """Let `host` serve `deployment`; returns the id of what it served before."""
        now, old = self.clock.now_ms, self.aliases.get(host)
        if old is None:
            self.aliases[host] = Alias(self.new_id("", 20), host, project.id, deployment.id, now, now)
            return None
        before, old.deployment_id, old.updated = old.deployment_id, deployment.id, now
        return before

    def live(self, project: Project) -> Deployment | None:
        """What production is; None before the first."""
        return self.deployments.get(project.live_id) if project.live_id else None
