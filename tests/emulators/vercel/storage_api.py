"""Blob stores, as the platform's API makes and removes them."""

from __future__ import annotations

import secrets
import typing as t

from tests.emulators.vercel.blobs import Store
from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.errors import bad_request, not_found

if t.TYPE_CHECKING:
    from tests.emulators.vercel.call import Call
    from tests.emulators.vercel.records import Object
    from tests.emulators.vercel.world import World

ACCESS = ("public", "private")


def create(world: World, call: Call) -> Answer:
    given = call.given()
    name, access = given.get("name"), given.get("access", "public")
    if not isinstance(name, str) or not name:
        raise bad_request("Invalid request: missing required property `name`.")
    if access not in ACCESS:
        raise bad_request(f"`access` should be one of {', '.join(ACCESS)}.")
    return Answer(200, {"store": wire(make_store(world, call.team.id, name, access, str(given.get("region", "iad1"))))})


def make_store(world: World, team_id: str, name: str, access: str, region: str = "iad1") -> Store:
    identity = world.new_id("store_", 16)
    store = Store(identity, name, access, region, team_id, secrets.token_hex(16), world.clock.now_ms)
    world.stores.add(store)
    return store


def index(world: World, call: Call) -> Answer:
    own = [wire(store) for store in world.stores.by_id.values() if store.team_id == call.team.id]
    return Answer(200, {"stores": own})


def show(world: World, call: Call) -> Answer:
    return Answer(200, {"store": wire(_named(world, call))})


def delete(world: World, call: Call) -> Answer:
    store = _named(world, call)
    world.stores.drop(store)
    return Answer(200, {"id": store.id})


def _named(world: World, call: Call) -> Store:
    found = world.stores.by_id.get(call.names[0].removeprefix("store_"))
    if found is None or found.team_id != call.team.id:
        raise not_found("The store was not found.")
    return found


def wire(store: Store) -> Object:
    return {
        "id": store.id,
        "type": "blob",
        "name": store.name,
        "access": store.access,
        "region": store.region,
        "createdAt": store.created,
        "updatedAt": store.created,
        "status": "available",
        "count": len(store.blobs),
        "size": sum(blob.size for blob in store.blobs.values()),
        "billingState": "active",
        "isTokenExpired": False,
        "usageQuotaExceeded": False,
        "projectsMetadata": [],
        "totalConnectedProjects": 0,
    }
