"""The secrets of the edge functions: only their digests are ever shown."""

from __future__ import annotations

import typing as t

from tests.emulators.http_server import Answer
from tests.emulators.supabase.errors import bad_request
from tests.emulators.supabase.project import Secret, now

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.world import World

MOST = 100


def index(world: World, call: Call) -> Answer:
    """Sorted by name, as the service shows them; `value` is the SHA-256 digest."""
    found = sorted(call.project.settings.secrets.items())
    return Answer(200, [{"name": name, "value": one.digest, "updated_at": one.updated_at} for name, one in found])


def put(world: World, call: Call) -> Answer:
    """POST: creates and replaces."""
    secrets = call.project.settings.secrets
    wanted = {row["name"]: Secret(row["value"], now()) for row in call.body}
    if len(secrets | wanted) > MOST:
        raise bad_request(f"A project can have at most {MOST} secrets.")
    secrets.update(wanted)
    return Answer(201)


def delete(world: World, call: Call) -> Answer:
    """Names that there are not are passed over."""
    for name in call.body:
        call.project.settings.secrets.pop(name, None)
    return Answer(200)
