from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.plugin_utils.live_lines import ERASE, LONGEST, SHORTEST, LiveLines, Terminal


class Screen:
    """What was displayed, and when."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.shown: list[tuple[float, str, dict[str, t.Any]]] = []

    def __call__(self, text: str, **how: t.Any) -> None:
        self.shown.append((self.seconds, text, how))

    def lines(self) -> LiveLines:
        return LiveLines(self, "shop production", lambda: self.seconds)

    def play(self, seconds: int) -> list[float]:
        """A sentence each second; when one was displayed as a plain line."""
        lines = self.lines()
        for self.seconds in range(seconds):
            lines.show(f"second {self.seconds}")
        lines.end()
        return [at for at, text, _how in self.shown if not text.startswith(ERASE)]


def test_plain_lines_come_at_once_then_ever_more_seldom() -> None:
    times = Screen().play(3600)
    pauses = [later - before for before, later in zip(times, times[1:], strict=False)]
    assert times[0] == 0
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (SHORTEST, LONGEST)


def test_a_line_says_whose_it_is_and_brings_no_control_characters() -> None:
    screen = Screen()
    screen.lines().show("214 of 300 requests\x1b[2J\r")
    assert screen.shown == [(0, "shop production | 214 of 300 requests[2J", {"log_only": False})]


def test_in_a_terminal_one_line_is_written_over_and_taken_away_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Terminal, "width", 30)
    screen = Screen()
    plain = screen.play(20)
    over = [text for _at, text, how in screen.shown if how.get("screen_only")]
    assert over[0] == f"{ERASE}shop production | second 0"
    assert len(over) == 21
    assert over[-1] == ERASE
    assert all(len(text) - len(ERASE) < 30 for text in over)
    assert all(how["log_only"] for _at, text, how in screen.shown if not text.startswith(ERASE))
    assert plain[:2] == [0, SHORTEST]


def test_without_progress_the_terminal_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Terminal, "width", 30)
    screen = Screen()
    screen.lines().end()
    assert screen.shown == []
