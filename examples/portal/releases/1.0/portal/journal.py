"""Structured logs: one JSON object per line on stdout."""

from __future__ import annotations

import datetime
import json
import logging
import sys
import typing as t


def write(event: str, **details: t.Any) -> None:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    sys.stdout.write(json.dumps({"at": now, "event": event, **details}) + "\n")
    sys.stdout.flush()


class JsonLines(logging.Handler):
    """Sends what libraries log the same way."""

    def emit(self, record: logging.LogRecord) -> None:
        trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else None
        write("log", level=record.levelname.lower(), logger=record.name, message=record.getMessage(), trace=trace)


def configure() -> None:
    logging.basicConfig(level=logging.INFO, handlers=[JsonLines()], force=True)
