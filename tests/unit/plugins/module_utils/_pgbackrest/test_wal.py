"""What is read from pg_waldump and from history files."""

from __future__ import annotations

import datetime

from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import (
    Commit,
    Point,
    Timeline,
    lsn,
    name_of,
    number_of,
    read_history,
    read_records,
    shown_lsn,
)

# Of PostgreSQL 15.18 with TZ=UTC.
DUMPED = """\
rmgr: XLOG        len (rec/tot):     30/    30, tx:          0, lsn: 0/04000060, prev 0/04000028, desc: NEXTOID 24576
rmgr: Transaction len (rec/tot):    405/   405, tx: 724, lsn: 0/04015E50, prev 0/0, desc: COMMIT 2026-11-22 08:23:59.769369 UTC; inval msgs
rmgr: Transaction len (rec/tot):     34/    34, tx:        725, lsn: 0/04016000, prev 0/04015FE8, desc: ABORT 2026-11-22 08:23:59.780000 UTC
rmgr: Transaction len (rec/tot):     34/    34, tx:        726, lsn: 0/04016040, prev 0/04015FE8, desc: COMMIT 2026-11-22 08:24:00 UTC
rmgr: XLOG        len (rec/tot):     98/    98, tx:          0, lsn: 0/04016068, prev 0/04016040, desc: RESTORE_POINT before-x
rmgr: XLOG        len (rec/tot):     24/    24, tx:          0, lsn: 0/040160D0, prev 0/04016068, desc: SWITCH\x20
"""


def test_commits_and_restore_points_are_read_and_nothing_else() -> None:
    first = datetime.datetime(2026, 11, 22, 8, 23, 59, 769369, tzinfo=datetime.timezone.utc)
    second = datetime.datetime(2026, 11, 22, 8, 24, tzinfo=datetime.timezone.utc)
    assert list(read_records(DUMPED)) == [
        Commit(724, 0x4015E50, first),
        Commit(726, 0x4016040, second),
        Point("before-x", 0x4016068),
    ]


def test_a_prepared_transaction_has_its_own_number() -> None:
    line = "rmgr: Transaction len (rec/tot): 60/ 60, tx: 0, lsn: 0/04016040, prev 0/0, desc: COMMIT_PREPARED 731: 2026-11-22 08:24:00 UTC"
    assert [(one.transaction, one.lsn) for one in read_records(line) if isinstance(one, Commit)] == [(731, 0x4016040)]


def test_a_history_names_the_timelines_on_the_way_and_where_they_began() -> None:
    text = "1\t0/5000060\tbefore 2026-11-22\n\n3\t1/A0000000\tno recovery target specified\n"
    assert read_history(text, 4) == (Timeline(1, 0), Timeline(3, 0x5000060), Timeline(4, 0x1A0000000))


def test_positions_and_names_are_read_as_they_are_written() -> None:
    assert shown_lsn(lsn("1A/16B3748")) == "1A/16B3748"
    for number in (0, 255, 256, 70000):
        assert number_of(name_of(3, number)) == number
    assert number_of(name_of(1, 70, 64 << 20), 64 << 20) == 70
