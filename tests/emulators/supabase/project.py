"""What the local Supabase knows of a project."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import re
import string
import threading
import time
import typing as t

from tests.emulators.supabase.errors import bad_request, conflict

if t.TYPE_CHECKING:
    from tests.emulators.supabase.cluster import Cluster

PLANS: t.Final = ("free", "pro", "team", "enterprise")
ACTIVE = "ACTIVE_HEALTHY"
IN_TRANSIT: t.Final = frozenset(("COMING_UP", "RESTORING", "RESTARTING", "PAUSING", "RESIZING", "UPGRADING"))
STATES: t.Final = IN_TRANSIT | {ACTIVE, "INACTIVE", "ACTIVE_UNHEALTHY", "INIT_FAILED", "RESTORE_FAILED", "PAUSE_FAILED", "UNKNOWN"}
REF = re.compile(r"^[a-z]{20}$")
Object = dict[str, t.Any]


def now() -> str:
    return iso(time.time())


def iso(moment: float) -> str:
    """Seconds since the epoch as the API writes them."""
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ref_of(name: str) -> str:
    """The ref of a project that was named when the local Supabase started: its letters, then `local` over and over."""
    letters = "".join(letter for letter in name.lower() if letter in string.ascii_lowercase)
    return (letters + "local" * 4)[:20]


@dataclasses.dataclass
class Organization:
    """Plans belong to organizations, and so hold for all of their projects."""

    slug: str
    name: str
    plan: str = "pro"

    @property
    def is_free(self) -> bool:
        return self.plan == "free"


@dataclasses.dataclass
class Secret:
    value: str
    updated_at: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.value.encode()).hexdigest()


@dataclasses.dataclass
class RestorePoint:
    """`moment`: when it was written, `due`: when it is complete, both in seconds since the epoch. A name stands for the newest of it."""

    name: str
    moment: float
    due: float
    is_lost: bool = False

    @property
    def status(self) -> str:
        if time.time() < self.due:
            return "PENDING"
        return "FAILED" if self.is_lost else "AVAILABLE"


@dataclasses.dataclass
class Configuration:
    """Everything that is set with the API; made anew by a reset."""

    auth: Object = dataclasses.field(default_factory=dict)
    postgres: Object = dataclasses.field(default_factory=dict)
    pooler: Object = dataclasses.field(default_factory=lambda: {"default_pool_size": None, "pool_mode": "transaction"})
    postgrest: Object = dataclasses.field(default_factory=dict)
    storage: Object = dataclasses.field(default_factory=dict)
    realtime: Object = dataclasses.field(default_factory=dict)
    network: Object = dataclasses.field(default_factory=dict)
    ssl_enforced: bool = False
    secrets: dict[str, Secret] = dataclasses.field(default_factory=dict)
    addons: dict[str, str] = dataclasses.field(default_factory=lambda: {"compute_instance": "ci_small"})
    """The variant that is bought of each type."""
    schedule: str = "02:00:00"
    schedule_changed: str = dataclasses.field(default_factory=now)
    bans: set[str] = dataclasses.field(default_factory=set)
    readonly: bool = False
    readonly_until: str = ""


@dataclasses.dataclass
class Project:
    """`keys`: anon, service_role, publishable and secret; `s3_keys`: an access key and its secret."""

    ref: str
    name: str
    organization: Organization
    region: str
    keys: dict[str, str]
    s3_keys: tuple[str, str]
    database: Cluster
    status: str = "COMING_UP"
    looks: int = 0
    """How often it was asked for since its status began to change."""
    url: str = ""
    """Of its data plane: a port of its own."""
    leave: t.Callable[[], None] = lambda: None
    """Closes that port."""
    created: str = dataclasses.field(default_factory=now)
    settings: Configuration = dataclasses.field(default_factory=Configuration)
    restore_points: list[RestorePoint] = dataclasses.field(default_factory=list)
    lock: threading.RLock = dataclasses.field(default_factory=threading.RLock)
    """Held by whatever reads or changes it; a change of state holds it at its ends only."""
    worker: threading.Thread | None = None
    """What changes its state in the background."""

    @property
    def has_pitr(self) -> bool:
        return "pitr" in self.settings.addons

    def seen(self) -> str:
        """Its status, as whoever looks finds it: an active project whose server is gone is not healthy."""
        if self.status == ACTIVE and self.database.missing() is not None:
            return "ACTIVE_UNHEALTHY"
        return self.status

    def require_active(self) -> None:
        """ApiError for what cannot be done while it is paused or on its way."""
        if self.status in IN_TRANSIT:
            raise conflict(f"Project {self.ref} is {self.status}; try again when it is {ACTIVE}.")
        if self.status != ACTIVE:
            raise bad_request(f"Project {self.ref} is {self.status}; it has to be {ACTIVE}.")
