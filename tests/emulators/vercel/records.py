"""What the local Vercel remembers. Times are milliseconds since the epoch, as on the wire."""

from __future__ import annotations

import dataclasses
import typing as t

Object = dict[str, t.Any]
SYMLINK = 0o120000
FOLDER = 0o040000


def kind_of(mode: int) -> int:
    """The file type bits of a mode."""
    return mode & 0o170000


class File(t.NamedTuple):
    """A file of a deployment; what is in it is found by its digest."""

    sha: str
    size: int
    mode: int


@dataclasses.dataclass
class Team:
    id: str
    slug: str
    name: str
    plan: str = "pro"


@dataclasses.dataclass
class Token:
    """`projects` limits it to some; the first team is the one meant when a request names none."""

    secret: str
    teams: list[str]
    projects: list[str] | None = None


@dataclasses.dataclass
class EnvVar:
    id: str
    key: str
    value: str
    type: str
    target: list[str]
    created: int
    updated: int
    git_branch: str | None = None
    custom_environments: list[str] = dataclasses.field(default_factory=list)
    comment: str | None = None
    visibility: str | None = None


@dataclasses.dataclass
class Domain:
    """A domain of a project. Production's are those without branch, custom environment and redirect."""

    name: str
    created: int
    updated: int
    redirect: str | None = None
    redirect_status: int | None = None
    git_branch: str | None = None
    custom_environment: str | None = None
    verified: bool = True

    @property
    def is_production(self) -> bool:
        return self.git_branch is None and self.custom_environment is None


@dataclasses.dataclass
class Alias:
    """A host name that serves a deployment."""

    uid: str
    host: str
    project_id: str
    deployment_id: str
    created: int
    updated: int
    redirect: str | None = None


@dataclasses.dataclass
class AliasRequest:
    """A promote or rollback on its way; `wanted` are the hosts to move, one after the other."""

    from_id: str | None
    to_id: str
    type: str
    requested: int
    wanted: list[str]
    status: str = "pending"
    moved: list[str] = dataclasses.field(default_factory=list)
    failed: list[str] = dataclasses.field(default_factory=list)
    will_fail: list[str] = dataclasses.field(default_factory=list)
    from_rolling: str | None = None


class Stage(t.NamedTuple):
    percentage: int
    minutes: float | None
    shifts_linearly: bool


@dataclasses.dataclass
class RollingTemplate:
    """How a project's next rolling releases go."""

    advancement: str
    stages: list[Stage]
    canary_header: bool = False


@dataclasses.dataclass
class RollingRelease:
    id: str
    base_id: str
    canary_id: str
    advancement: str
    stages: list[Stage]
    started: int
    updated: int
    stage_started: int
    active: int = 0
    state: str = "ACTIVE"
    queued_id: str | None = None


@dataclasses.dataclass
class Log:
    """A line of a build."""

    id: str
    type: str
    text: str
    created: int


@dataclasses.dataclass
class Deployment:
    id: str
    name: str
    url: str
    project_id: str
    team_id: str
    target: str | None
    created: int
    files: dict[str, File]
    env: dict[str, str]
    meta: dict[str, str]
    body: Object
    """What was asked for, without files and environment."""
    auto_assign: bool | None = None
    state: str = "QUEUED"
    substate: str | None = None
    building: int | None = None
    ready: int | None = None
    canceled: int | None = None
    alias_assigned: int | None = None
    alias_error: Object | None = None
    error: Object | None = None
    checks_failed: bool = False
    config: Object = dataclasses.field(default_factory=dict)
    """Its vercel.json."""
    logs: list[Log] = dataclasses.field(default_factory=list)
    faults: dict[str, Object] = dataclasses.field(default_factory=dict)
    """What goes wrong with it, by kind; picked when it was created."""

    @property
    def is_over(self) -> bool:
        return self.state in {"READY", "ERROR", "CANCELED", "BLOCKED"}


@dataclasses.dataclass
class Project:
    id: str
    name: str
    team_id: str
    created: int
    updated: int
    settings: Object = dataclasses.field(default_factory=dict)
    """What PATCH has set, by its name on the wire, but for those that have a field of their own here."""
    auto_assign: bool = True
    pinned: bool = False
    """A rollback happened and nothing was promoted since."""
    domains: dict[str, Domain] = dataclasses.field(default_factory=dict)
    env: dict[str, EnvVar] = dataclasses.field(default_factory=dict)
    bypass: dict[str, Object] = dataclasses.field(default_factory=dict)
    deployments: list[str] = dataclasses.field(default_factory=list)
    live_id: str | None = None
    """The deployment that production is, once all its domains have moved."""
    request: AliasRequest | None = None
    template: RollingTemplate | None = None
    rolling: RollingRelease | None = None
    custom_environments: dict[str, Object] = dataclasses.field(default_factory=dict)
    paused: bool = False
    link: Object | None = None

    def production_hosts(self) -> list[str]:
        """Redirects too: they move along."""
        return [domain.name for domain in self.domains.values() if domain.is_production and domain.verified]
