"""The state of the local Supabase: organizations, tokens, projects, and how to find things in them."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import secrets
import string
import threading
import typing as t

from tests.emulators.faults import Rules
from tests.emulators.supabase import keeping, keys
from tests.emulators.supabase.cluster import Cluster
from tests.emulators.supabase.errors import conflict, forbidden, not_found
from tests.emulators.supabase.faults import OF_REQUESTS, OF_TRANSITIONS
from tests.emulators.supabase.limits import Limits
from tests.emulators.supabase.objects import Objects
from tests.emulators.supabase.project import REF, Configuration, Organization, Project
from tests.emulators.supabase.settings import Settings

if t.TYPE_CHECKING:
    from pathlib import Path

# Of the shape that clients insist on: sbp_ and forty hexadecimal digits.
TOKEN = "sbp_10ca1" + "0" * 35
OTHER_TOKEN = "sbp_0e4e5" + "0" * 35
REGION = "eu-central-1"
ORGANIZATION, OTHER_ORGANIZATION = "local", "other"


@dataclasses.dataclass(frozen=True)
class Token:
    """It opens these organizations."""

    secret: str
    organizations: tuple[str, ...]


class World:
    """All state. Requests come in threads: what belongs to a project is changed under the project's lock."""

    def __init__(self, home: Path, first_port: int = 0) -> None:
        """From `first_port` on the projects get ports, one for the data plane and one for the database; without it any that are free."""
        self.home = home
        self._ports = itertools.count(first_port) if first_port else itertools.repeat(0)
        self.lock = threading.RLock()
        self.projects: dict[str, Project] = {}
        self.first: set[str] = set()
        """Refs of the projects that were there at the start."""
        self.objects = Objects(home / "objects")
        self.notes: collections.deque[str] = collections.deque(maxlen=100)
        self.on_new_project: t.Callable[[Project, int], None] = lambda _project, _port: None
        """Gives a project its address, at this port."""
        self.forget()

    def note(self, text: str) -> None:
        """For whoever wonders why something failed."""
        self.notes.append(text)

    def forget(self) -> None:
        """Settings, faults, limits, plans and tokens as at the start; the projects stay."""
        self.settings = Settings()
        self.faults = Rules(OF_REQUESTS, OF_TRANSITIONS)
        self.limits = Limits(self.settings)
        found = (Organization(ORGANIZATION, "Local"), Organization(OTHER_ORGANIZATION, "Other", "free"))
        self.organizations = {one.slug: one for one in found}
        self.tokens = {one.secret: one for one in (Token(TOKEN, (ORGANIZATION,)), Token(OTHER_TOKEN, (OTHER_ORGANIZATION,)))}

    def add(self, name: str, organization: Organization, *, ref: str = "", region: str = REGION, password: str = "") -> Project:
        """A project that is coming up: nothing of it runs yet."""
        ref = ref or "".join(secrets.choice(string.ascii_lowercase) for _letter in range(20))
        with self.lock:
            if ref in self.projects:
                raise conflict(f"There is a project with the ref {ref} already.")
            before = keeping.kept(self.home / ref) or {}
            port, database_port = next(self._ports), next(self._ports)
            database = Cluster(self.home / ref, before.get("password") or password or secrets.token_hex(16), port=database_port)
            project = Project(ref, name, organization, region, keys.made(ref), keys.made_for_s3(), database)
            if before:
                keeping.bring_back(project, before)
            self.projects[ref] = project
            self.on_new_project(project, port)
        return project

    def project(self, ref: str, token: Token) -> Project:
        """The one with this ref; ApiError when there is none, or when the token does not open it."""
        if not REF.match(ref):
            raise not_found("Invalid project ref")
        project = self.projects.get(ref)
        if project is None:
            raise not_found("Project not found")
        if project.organization.slug not in token.organizations:
            raise forbidden()
        return project

    def reset(self, project: Project) -> None:
        """Its configuration as at the start; what is in its database stays."""
        with project.lock:
            project.settings = Configuration()
            project.organization = self.organizations.get(project.organization.slug, project.organization)
