"""What a person reads while the demo runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable

BOLD, DIM, GREEN, RED, PLAIN = "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m"


class Console:
    """Plain lines; colours only where somebody looks at a terminal."""

    def __init__(self) -> None:
        self._colours = sys.stdout.isatty()
        self._began = time.monotonic()

    def chapter(self, number: int, title: str, why: str) -> None:
        self._line(f"\n{number:>2}. {title}", BOLD)
        self._line(f"    {why}", DIM)

    def step(self, text: str) -> None:
        self._line(f"    {self._clock()} · {text}", DIM)

    def kept(self, text: str) -> None:
        self._line(f"    {self._clock()} ✔ {text}", GREEN)

    def broken(self, text: str) -> None:
        self._line(f"    {self._clock()} ✘ {text}", RED)

    def say(self, text: str = "") -> None:
        self._line(text, "")

    def table(self, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
        lines = [head, *rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
        for number, line in enumerate(lines):
            text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            self._line(f"  {text}", BOLD if number == 0 else "")

    def _clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        return f"{minutes}:{seconds:02d}"

    def _line(self, text: str, style: str) -> None:
        print(f"{style}{text}{PLAIN}" if style and self._colours else text, flush=True)
