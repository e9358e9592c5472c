# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a PostgreSQL server is: connections, replication, transactions, wraparound, size. PostgreSQL 12 and newer.

What the user may not see is null: lag on a primary and other users' transactions need pg_read_all_stats (part of
pg_monitor), the data directory needs pg_read_all_settings.
"""

from __future__ import annotations

import ipaddress
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

if t.TYPE_CHECKING:
    from psycopg import Connection

# A standby that has replayed all it received is not late, however long ago the last transaction was. On a primary a
# replica that keeps up has no replay_lag. Transaction ids run out at 2^31, minus the 3 million at which the server stops.
_QUERY = """
select
  (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections_used,
  (select sum(case name when 'max_connections' then setting::int else -setting::int end) from pg_settings
    where name in ('max_connections', 'superuser_reserved_connections', 'reserved_connections')) as connections_allowed,
  case when pg_is_in_recovery() then
    case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
      else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end
  else (select max(case when replay_lsn is not null then coalesce(extract(epoch from replay_lag), 0) end) from pg_stat_replication)
  end as replication_lag_s,
  case when pg_is_in_recovery() then pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
  else (select max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) from pg_stat_replication)
  end as replication_lag_bytes,
  (select greatest(0, extract(epoch from clock_timestamp() - min(began))) from (
    select xact_start as began from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
    union all select prepared from pg_prepared_xacts) as transactions) as oldest_transaction_s,
  (select max(greatest(age(datfrozenxid), mxid_age(datminmxid))) * 100.0 / 2144483647 from pg_database) as wraparound_percent,
  case when %s then pg_database_size(current_database()) end as database_bytes,
  (select setting from pg_settings where name = 'data_directory') as data_directory
"""

_WHOLE = ("connections_used", "connections_allowed", "replication_lag_bytes", "database_bytes")
_PARTS = ("replication_lag_s", "oldest_transaction_s", "wraparound_percent")
NONE: t.Mapping[str, None] = dict.fromkeys((*_WHOLE, *_PARTS, "connections_used_percent", "disk_used_percent"))


def vitals_of(connection: Connection[t.Any], *, sized: bool, timeout_ms: int) -> dict[str, t.Any]:
    """The figures by name, null for what cannot be seen; all of them null on a server that does not know the question."""
    try:
        connection.execute("begin read only")
        connection.execute(f"set local statement_timeout = {timeout_ms}".encode())
        cursor = connection.execute(_QUERY, (sized,))
        row = dict(zip((column.name for column in cursor.description or ()), cursor.fetchone() or ()))
        connection.execute("rollback")
    except need("psycopg").Error:
        return dict(NONE)
    figures = {name: _number(row[name], whole=name in _WHOLE) for name in (*_WHOLE, *_PARTS)}
    used, allowed = figures["connections_used"], figures["connections_allowed"]
    figures["connections_used_percent"] = round(100 * used / allowed, 1) if used and allowed else None
    figures["disk_used_percent"] = _disk(row["data_directory"], connection.info.host)
    return figures


def _number(value: t.Any, *, whole: bool) -> t.Optional[float]:
    if value is None:
        return None
    return int(value) if whole else round(float(value), 3)


def _disk(data_directory: t.Optional[str], host: str) -> t.Optional[float]:
    """How full the server's disk is, where the server is on this host."""
    if not data_directory or not _is_here(host):
        return None
    try:
        disk = os.statvfs(data_directory)
    except OSError:
        return None
    used = disk.f_blocks - disk.f_bfree
    # As df counts: what is reserved for root is not there for the server.
    return round(100 * used / (used + disk.f_bavail), 1) if used + disk.f_bavail else None


def _is_here(host: str) -> bool:
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
