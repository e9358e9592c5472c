"""What requests say of an instance, as its description shows it."""

from __future__ import annotations

import typing as t

from tests.emulators.rds import groups
from tests.emulators.rds.errors import invalid, not_here
from tests.emulators.rds.instance import subnets
from tests.emulators.rds.wire import description

if t.TYPE_CHECKING:
    from tests.emulators.rds.wire import Parameters
    from tests.emulators.rds.world import World

SHORTEST_PASSWORD = 8
SMALLEST_STORAGE, LONGEST_RETENTION = 20, 35
# Parameters that are shown by another name.
SHOWN_AS: t.Final = {
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
    "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
}


def settled(world: World, given: Parameters) -> Parameters:
    """Parameters as members of DBInstance. What would be forgotten here is refused."""
    found = {SHOWN_AS.get(name, name): value for name, value in given.items()}
    if "DBSubnetGroupName" in found:
        found["DBSubnetGroup"] = subnets(found.pop("DBSubnetGroupName"))
    if "OptionGroupName" in found:
        found["OptionGroupMemberships"] = groups.option(world, found.pop("OptionGroupName"))
    unknown = set(found) - set(description().shape_for("DBInstance").members)
    if unknown:
        raise not_here(f"the parameter {min(unknown)}")
    return found


def check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise invalid("The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.")
    if set(password) & set('/@" '):
        raise invalid("The parameter MasterUserPassword is not a valid password. It must not contain '/', '@', '\"' or ' '.")


def check_figures(given: Parameters) -> None:
    retention, storage = given.get("BackupRetentionPeriod", 0), given.get("AllocatedStorage", SMALLEST_STORAGE)
    if not 0 <= retention <= LONGEST_RETENTION:
        raise invalid(f"Invalid backup retention period: {retention}. It must be between 0 and {LONGEST_RETENTION}.")
    if storage < SMALLEST_STORAGE:
        raise invalid(f"Invalid storage size for engine name postgres and storage type gp2: {storage}")
