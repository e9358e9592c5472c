"""Settings of the storage and realtime servers, and the list of buckets."""

from __future__ import annotations

import copy
import typing as t

from tests.emulators.http_server import Answer
from tests.emulators.supabase import buckets as bucket_rows
from tests.emulators.supabase.errors import payment_required

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

MEBIBYTE = 1024 * 1024
STORAGE: t.Final[Object] = {
    "fileSizeLimit": 50 * MEBIBYTE,
    "features": {
        "imageTransformation": {"enabled": False},
        "s3Protocol": {"enabled": True},
        "icebergCatalog": {"enabled": False, "maxNamespaces": 10, "maxTables": 10, "maxCatalogs": 2},
        "vectorBuckets": {"enabled": False, "maxBuckets": 10, "maxIndexes": 5},
    },
    "capabilities": {"list_v2": True, "iceberg_catalog": False},
    "external": {"upstreamTarget": "main"},
    "migrationVersion": "optimize-existing-functions",
    "databasePoolMode": "single_use",
}
REALTIME: t.Final[Object] = {
    "private_only": False,
    "connection_pool": 2,
    "max_concurrent_users": 500,
    "max_events_per_second": 500,
    "max_bytes_per_second": 100_000,
    "max_channels_per_client": 100,
    "max_joins_per_second": 500,
    "max_presence_events_per_second": 100,
    "max_payload_size_in_kb": 3000,
    "suspend": False,
    "presence_enabled": True,
}


def show(world: World, call: Call) -> Answer:
    return Answer(200, current(call.project))


def change(world: World, call: Call) -> Answer:
    """PATCH: what the body does not name stays, inside `features` too."""
    project, given = call.project, call.body or {}
    if project.organization.is_free and given.get("fileSizeLimit", 0) > STORAGE["fileSizeLimit"]:
        raise payment_required("File size limits above 50 MB are only available on the Pro Plan and up.")
    kept = project.settings.storage
    kept["features"] = {**kept.get("features", {}), **given.get("features", {})}
    kept.update({name: value for name, value in given.items() if name != "features"})
    return Answer(200)


def current(project: Project) -> Object:
    found, kept = copy.deepcopy(STORAGE), project.settings.storage
    found["features"] |= kept.get("features", {})
    return {**found, **{name: value for name, value in kept.items() if name != "features"}}


def buckets(world: World, call: Call) -> Answer:
    """GET /storage/buckets: what the database says."""
    call.project.require_active()
    shown = ("id", "name", "created_at", "updated_at", "public")
    return Answer(200, [{"owner": "", **{name: row[name] for name in shown}} for row in bucket_rows.rows(call.project)])


def realtime(world: World, call: Call) -> Answer:
    return Answer(200, {**REALTIME, **call.project.settings.realtime})


def change_realtime(world: World, call: Call) -> Answer:
    call.project.settings.realtime.update(call.body or {})
    return Answer(204)
