"""How much is measured, from the environment."""

from __future__ import annotations

import os


def number(name: str, default: int) -> int:
    """A whole number above 0 from the environment; SystemExit with a sentence when it is none."""
    text = os.environ.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise SystemExit(f"{name} is '{text}'; give a whole number above 0.")
    return int(text)


def decimal(name: str, default: float) -> float:
    """A number above 0 from the environment; SystemExit with a sentence when it is none."""
    text = os.environ.get(name, str(default))
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < 10_000:
        raise SystemExit(f"{name} is '{text}'; give a number above 0.")
    return found
