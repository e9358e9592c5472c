"""Security and option groups, by name alone, and parameter groups, whose settings PostgreSQL really gets."""

from __future__ import annotations

import typing as t

from tests.emulators.rds.errors import RdsError, invalid
from tests.emulators.rds.instance import DEFAULT_PARAMETERS
from tests.emulators.rds.world import DEFAULT_GROUP

if t.TYPE_CHECKING:
    from tests.emulators.rds.wire import Parameters
    from tests.emulators.rds.world import World


def of_new(world: World, given: Parameters) -> tuple[list[str], str]:
    """The security groups and the parameter group of a new instance: the defaults, unless the request names others."""
    return security(world, given.get("VpcSecurityGroupIds") or [DEFAULT_GROUP]), parameters(
        world, given.get("DBParameterGroupName", DEFAULT_PARAMETERS)
    )


def security(world: World, wanted: t.Sequence[str]) -> list[str]:
    unknown = next((one for one in wanted if one not in world.security_groups), None)
    if unknown is not None:
        raise invalid(f"Invalid security group , groupId= {unknown}, groupName=.")
    return list(wanted)


def parameters(world: World, wanted: str) -> str:
    if wanted.lower() not in world.parameter_groups:
        raise RdsError("DBParameterGroupNotFound", f"DBParameterGroup not found: {wanted}", status=404)
    return wanted.lower()


def option(world: World, wanted: str) -> list[Parameters]:
    """The memberships that an instance shows."""
    if wanted not in world.option_groups:
        raise RdsError("OptionGroupNotFoundFault", f"Specified OptionGroupName: {wanted} not found.", status=404)
    return [{"OptionGroupName": wanted, "Status": "in-sync"}]
