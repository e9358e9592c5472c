# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a project's PostgreSQL: PUT /v1/projects/{ref}/config/database/postgres in the published description, of May 2026.

A test compares them with the description. A null takes the override back, whatever the setting.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._supabase.settings import Setting

_AMOUNT, _FLAG, _COUNT = Setting("amount"), Setting("bool"), Setting("int")
_TIME = Setting("amount", pattern=r"^(-?[0-9]+(?:\.[0-9]+)?)(us|ms|s|min|h|d)?$")
_WORKERS = Setting("int", low=0, high=1024)

NEWER = """
    autovacuum_max_workers autovacuum_work_mem cron.log_statement log_autovacuum_min_duration log_checkpoints log_connections
    log_disconnections log_duration log_lock_waits log_recovery_conflict_waits log_replication_commands
    log_startup_progress_interval log_temp_files max_logical_replication_workers max_sync_workers_per_subscription
    pg_net.batch_size pg_stat_statements.max
"""
# PostgreSQL reads these when it starts, and never again (context `postmaster` in pg_settings).
_STARTING = """
    autovacuum_max_workers cron.log_statement max_connections max_locks_per_transaction max_logical_replication_workers
    max_replication_slots max_wal_senders max_worker_processes pg_stat_statements.max shared_buffers track_activity_query_size
    track_commit_timestamp
"""
AT_START = frozenset(_STARTING.split())

POSTGRES: t.Mapping[str, Setting] = {
    "checkpoint_timeout": _TIME,
    "effective_cache_size": _AMOUNT,
    "hot_standby_feedback": _FLAG,
    "logical_decoding_work_mem": _AMOUNT,
    "maintenance_work_mem": _AMOUNT,
    "max_connections": Setting("int", low=1, high=262_143),
    "max_locks_per_transaction": Setting("int", low=10, high=2_147_483_640),
    "max_parallel_maintenance_workers": _WORKERS,
    "max_parallel_workers": _WORKERS,
    "max_parallel_workers_per_gather": _WORKERS,
    "max_replication_slots": _COUNT,
    "max_slot_wal_keep_size": _AMOUNT,
    "max_standby_archive_delay": _AMOUNT,
    "max_standby_streaming_delay": _AMOUNT,
    "max_wal_senders": _COUNT,
    "max_wal_size": _AMOUNT,
    "max_worker_processes": Setting("int", low=0, high=262_143),
    "session_replication_role": Setting("text", choices=("origin", "replica", "local")),
    "shared_buffers": _AMOUNT,
    "statement_timeout": _TIME,
    "track_activity_query_size": _AMOUNT,
    "track_commit_timestamp": _FLAG,
    "wal_keep_size": _AMOUNT,
    "wal_sender_timeout": _TIME,
    "work_mem": _AMOUNT,
    # Newer than the description; their names are those of the requests of Supabase's CLI 3.1.0.
    **dict.fromkeys(NEWER.split(), Setting("any")),
}
