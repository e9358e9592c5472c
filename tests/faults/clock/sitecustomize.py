"""Every Python of a run with this folder in PYTHONPATH, the controller and its modules, has a wall clock that is CLOCK_DAYS off."""

import datetime
import os
import time
import typing as t

OFF = datetime.timedelta(days=float(os.environ["CLOCK_DAYS"]))
true_time = time.time


class ShiftedDatetime(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> t.Self:
        return super().now(tz) + OFF


def shifted_time() -> float:
    return true_time() + OFF.total_seconds()


time.time = shifted_time
datetime.datetime = ShiftedDatetime  # type: ignore[misc]
