"""Tags of instances and snapshots."""

from __future__ import annotations

import typing as t

from tests.emulators.rds.errors import invalid
from tests.emulators.rds.instance import tag_list

if t.TYPE_CHECKING:
    from tests.emulators.rds.wire import Parameters
    from tests.emulators.rds.world import World


def given(parameters: Parameters) -> dict[str, str]:
    """Those of a request that makes something."""
    rows = list(parameters.get("Tags", []))
    rows += [row for one in parameters.get("TagSpecifications", []) for row in one.get("Tags", [])]
    return {row.get("Key", ""): row.get("Value", "") for row in rows}


def index(world: World, parameters: Parameters) -> Parameters:
    return {"TagList": tag_list(_of(world, parameters["ResourceName"]))}


def add(world: World, parameters: Parameters) -> Parameters:
    _of(world, parameters["ResourceName"]).update(given(parameters))
    return {}


def remove(world: World, parameters: Parameters) -> Parameters:
    tags = _of(world, parameters["ResourceName"])
    for key in parameters["TagKeys"]:
        tags.pop(key, None)
    return {}


def _of(world: World, arn: str) -> dict[str, str]:
    """The tags of what has this ARN, to be changed in place."""
    parts = arn.split(":", 6)
    if len(parts) != 7 or parts[:3] != ["arn", "aws", "rds"] or parts[5] not in ("db", "snapshot"):
        raise invalid(f"The specified resource name does not match an RDS resource in this region: {arn}")
    return world.instance(parts[6]).tags if parts[5] == "db" else world.snapshot(arn).tags
