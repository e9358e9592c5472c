"""Backups and archives as the tests of this room write them down."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import Archived, Copy
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import SEGMENT_SIZE, Timeline, name_of

NOON = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.timezone.utc)


def at(minute: int) -> datetime.datetime:
    return NOON + datetime.timedelta(minutes=minute)


def copy(label: str, *, first: int, minute: int = 0, timeline: int = 1, repository: int = 1, **given: t.Any) -> Copy:
    """A backup whose WAL is segments `first` and the next one."""
    defaults: dict[str, t.Any] = {
        "label": label,
        "type": "full",
        "repository": repository,
        "archive": "1",
        "started": at(minute - 1),
        "at": at(minute),
        "first_segment": name_of(timeline, first),
        "stop_lsn": (first + 1) * SEGMENT_SIZE + 0x100,
        "timeline": timeline,
        "size": 1000,
        "stored_size": 100,
        "sound": True,
    }
    return Copy(**{**defaults, **given})


def archived(segments: t.Mapping[int, t.Iterable[int]], history: t.Sequence[tuple[int, int]] = ((1, 0),)) -> Archived:
    """Numbers of segments by their timeline, and the segment in which each timeline began."""
    names = {name_of(timeline, number): at(number) for timeline, numbers in segments.items() for number in numbers}
    return Archived(names, tuple(Timeline(number, begins * SEGMENT_SIZE + 0x200) for number, begins in history))
