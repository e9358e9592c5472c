"""What is bought beside the plan: point-in-time recovery, compute, an IPv4 address, a custom domain."""

from __future__ import annotations

import typing as t

from tests.emulators.http_server import Answer
from tests.emulators.supabase import lifecycle
from tests.emulators.supabase.errors import bad_request, not_found, payment_required

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

TOO_SMALL: t.Final = frozenset(("ci_micro",))
# Name, price in US dollars, and for how long it is.
VARIANTS: t.Final[dict[str, dict[str, tuple[str, float, str]]]] = {
    "compute_instance": {
        "ci_micro": ("Micro", 0.01344, "hourly"),
        "ci_small": ("Small", 0.0206, "hourly"),
        "ci_medium": ("Medium", 0.0822, "hourly"),
        "ci_large": ("Large", 0.1517, "hourly"),
        "ci_xlarge": ("XL", 0.2877, "hourly"),
        "ci_2xlarge": ("2XL", 0.562, "hourly"),
        "ci_4xlarge": ("4XL", 1.32, "hourly"),
    },
    "pitr": {
        "pitr_7": ("7 days", 0.137, "hourly"),
        "pitr_14": ("14 days", 0.274, "hourly"),
        "pitr_28": ("28 days", 0.55, "hourly"),
    },
    "ipv4": {"ipv4_default": ("IPv4 address", 0.0055, "hourly")},
    "custom_domain": {"cd_default": ("Custom domain", 0.0137, "hourly")},
}
NAMES: t.Final = {
    "compute_instance": "Compute instance",
    "pitr": "Point in time recovery",
    "ipv4": "Dedicated IPv4 address",
    "custom_domain": "Custom domain",
}


def index(world: World, call: Call) -> Answer:
    bought = call.project.settings.addons
    selected = [{"type": kind, "variant": _variant(kind, variant)} for kind, variant in sorted(bought.items())]
    available = [
        {"type": kind, "name": NAMES[kind], "variants": [_variant(kind, one) for one in variants]} for kind, variants in VARIANTS.items()
    ]
    return Answer(200, {"selected_addons": selected, "available_addons": available})


def buy(world: World, call: Call) -> Answer:
    """PATCH: one variant of a type replaces the one before."""
    project, kind, variant = call.project, call.body["addon_type"], call.body["addon_variant"]
    if variant not in VARIANTS.get(kind, {}):
        raise bad_request(f"Addon variant {variant} is not available for addon type {kind}.")
    if project.organization.is_free:
        raise payment_required(f"{NAMES[kind]} is only available on the Pro Plan and up. Please upgrade the organization.")
    project.require_active()
    before = project.settings.addons.get(kind)
    if kind == "pitr":
        _begin_pitr(project)
    if kind == "compute_instance" and variant != before:
        _require_room(project, variant)
        lifecycle.resize(world, project)
    project.settings.addons[kind] = variant
    return Answer(200)


def drop(world: World, call: Call) -> Answer:
    """DELETE: the default takes its place, or nothing."""
    project, variant = call.project, call.names[1]
    kind = next((kind for kind, bought in project.settings.addons.items() if bought == variant), None)
    if kind is None:
        raise not_found(f"Addon variant {variant} is not active for this project.")
    if kind == "compute_instance":
        _require_room(project, "ci_micro")
        project.settings.addons[kind] = "ci_micro"
        lifecycle.resize(world, project)
    else:
        del project.settings.addons[kind]
    return Answer(200)


def _begin_pitr(project: Project) -> None:
    if project.settings.addons["compute_instance"] in TOO_SMALL:
        raise bad_request("Point in time recovery requires at least a Small compute add-on.")
    if not project.has_pitr:
        project.database.archive.back_up()


def _require_room(project: Project, variant: str) -> None:
    if variant in TOO_SMALL and project.has_pitr:
        raise bad_request("Point in time recovery requires at least a Small compute add-on; remove it first.")


def _variant(kind: str, variant: str) -> Object:
    name, amount, interval = VARIANTS[kind][variant]
    price = {"description": f"${amount}/hour", "type": "usage", "interval": interval, "amount": amount}
    return {"id": variant, "name": name, "price": price, "meta": {}}
