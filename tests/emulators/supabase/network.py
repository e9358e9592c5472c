"""Who may reach the database: network restrictions, bans, and whether TLS is demanded."""

from __future__ import annotations

import ipaddress
import typing as t

from tests.emulators.http_server import Answer
from tests.emulators.supabase.errors import bad_request, payment_required
from tests.emulators.supabase.project import now

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

EVERYBODY: t.Final = {"dbAllowedCidrs": ["0.0.0.0/0"], "dbAllowedCidrsV6": ["::/0"]}
KINDS: t.Final = {"dbAllowedCidrs": 4, "dbAllowedCidrsV6": 6}
# RFC 1918 and RFC 4193.
PRIVATE: t.Final = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
OURSELVES = "127.0.0.1"


def restrictions(world: World, call: Call) -> Answer:
    return Answer(200, _wire(call.project))


def apply(world: World, call: Call) -> Answer:
    """POST: both lists as a whole; one that is not given is empty."""
    given: Object = call.body or {}
    _put(world, call.project, {name: _checked(name, given.get(name, [])) for name in KINDS})
    return Answer(201, _wire(call.project))


def amend(world: World, call: Call) -> Answer:
    """PATCH: what comes in and what goes."""
    given: Object = call.body or {}
    new, old = given.get("add", {}), given.get("remove", {})
    before = allowed(call.project)
    wanted = {}
    for name in KINDS:
        kept = [one for one in before[name] if one not in old.get(name, [])]
        wanted[name] = list(dict.fromkeys([*kept, *_checked(name, new.get(name, []))]))
    _put(world, call.project, wanted)
    return Answer(200, _wire_of_both(call.project))


def allowed(project: Project) -> dict[str, list[str]]:
    return project.settings.network.get("config") or dict(EVERYBODY)


def _put(world: World, project: Project, wanted: dict[str, list[str]]) -> None:
    if project.organization.is_free:
        raise payment_required("Network restrictions are only available on the Pro Plan and up.")
    project.require_active()
    moment = now()
    project.settings.network = {"old_config": allowed(project), "config": wanted, "updated_at": moment, "applied_at": moment}
    enforce(world, project)


def enforce(world: World, project: Project) -> None:
    """Let the database know whom it has to refuse."""
    cidrs = [cidr for name in KINDS for cidr in allowed(project)[name]] if world.settings.enforce_network else None
    project.database.admit(cidrs, sorted(project.settings.bans))


def _checked(name: str, cidrs: list[str]) -> list[str]:
    """The service refuses private networks, and so does this."""
    for cidr in cidrs:
        try:
            network = ipaddress.ip_network(cidr, strict=False)
        except ValueError as exc:
            raise bad_request(f"Invalid CIDR {cidr}") from exc
        if network.version != KINDS[name]:
            raise bad_request(f"Invalid CIDR {cidr}: not an address of IP version {KINDS[name]}")
        if any(network.network_address in one for one in PRIVATE):
            raise bad_request(f"private IP provided: {cidr}")
    return cidrs


def _wire(project: Project) -> Object:
    entitlement = "disallowed" if project.organization.is_free else "allowed"
    row: Object = {"entitlement": entitlement, "config": allowed(project), "status": "applied"}
    return row | {name: value for name, value in project.settings.network.items() if name != "config"}


def _wire_of_both(project: Project) -> Object:
    """As the newer answers have it: one list, each address with its type."""
    row = _wire(project)
    return {**row, **{name: _typed(row[name]) for name in ("config", "old_config") if name in row}}


def _typed(config: dict[str, list[str]]) -> Object:
    return {"dbAllowedCidrs": [{"address": one, "type": f"v{version}"} for name, version in KINDS.items() for one in config[name]]}


# --- bans ---


def bans(world: World, call: Call) -> Answer:
    return Answer(201, {"banned_ipv4_addresses": sorted(call.project.settings.bans)})


def enriched_bans(world: World, call: Call) -> Answer:
    rows = [{"banned_address": one, "identifier": call.project.ref, "type": "postgres"} for one in sorted(call.project.settings.bans)]
    return Answer(201, {"banned_ipv4_addresses": rows})


def lift_bans(world: World, call: Call) -> Answer:
    given = call.body
    lifted = set(given["ipv4_addresses"]) | ({OURSELVES} if given.get("requester_ip") else set())
    call.project.settings.bans -= lifted
    enforce(world, call.project)
    return Answer(200)


# --- TLS ---


def ssl(world: World, call: Call) -> Answer:
    return Answer(200, {"currentConfig": {"database": call.project.settings.ssl_enforced}, "appliedSuccessfully": True})


def change_ssl(world: World, call: Call) -> Answer:
    call.project.require_active()
    call.project.settings.ssl_enforced = bool(call.body["requestedConfig"]["database"])
    return ssl(world, call)
