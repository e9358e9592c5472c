"""Filters and pages, as all lists of the API have them."""

from __future__ import annotations

import base64
import binascii
import typing as t

from tests.emulators.rds.errors import invalid

if t.TYPE_CHECKING:
    from tests.emulators.rds.wire import Parameters
    from tests.emulators.rds.world import World

FEWEST, MOST = 20, 100
COLUMNS: t.Final = {
    "db-instance-id": "DBInstanceIdentifier",
    "db-snapshot-id": "DBSnapshotIdentifier",
    "dbi-resource-id": "DbiResourceId",
    "engine": "Engine",
    "snapshot-type": "SnapshotType",
    "status": "Status",
}


def filtered(rows: list[Parameters], given: Parameters, known: t.Sequence[str]) -> list[Parameters]:
    """Those that have one of the values of every filter. Identifiers may be ARNs."""
    for one in given.get("Filters", []):
        if one["Name"] not in known:
            raise invalid(f"Unrecognized filter name: {one['Name']}")
        values = {value.rpartition(":")[2].lower() for value in one["Values"]}
        rows = [row for row in rows if str(row.get(COLUMNS[one["Name"]], "")).lower() in values]
    return rows


def page(world: World, given: Parameters, name: str, rows: list[Parameters]) -> Parameters:
    """So many of the rows as are allowed, from the marker on; and the next marker where there are more."""
    wanted = given.get("MaxRecords", MOST)
    if not FEWEST <= wanted <= MOST:
        raise invalid(f"Invalid value {wanted} for MaxRecords. Must be between {FEWEST} and {MOST}")
    first = _position(given["Marker"]) if "Marker" in given else 0
    last = first + min(wanted, world.settings.records_per_page)
    marker = base64.urlsafe_b64encode(f"row:{last}".encode()).decode() if last < len(rows) else None
    return {name: rows[first:last], "Marker": marker}


def _position(marker: str) -> int:
    try:
        kind, _mark, number = base64.urlsafe_b64decode(marker).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        kind, number = "", ""
    if kind != "row" or not number.isdigit():
        raise invalid(f"Invalid marker: {marker}")
    return int(number)
