from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.plugin_utils import watching
from ansible_collections.holdfast.webops.plugins.plugin_utils.watching import Watching

NEVER = 60.0


class Shown:
    """What was shown, and whether the end was told; `arrived` is set with each sentence."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.ended = False
        self.arrived = threading.Event()

    def show(self, text: str) -> None:
        assert not self.ended
        self.texts.append(text)
        self.arrived.set()

    def end(self) -> None:
        self.ended = True


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "FIRST_LOOK", 0.0)
    monkeypatch.setattr(watching, "INTERVAL", 0.0)
    monkeypatch.setattr(watching, "SHARE", 0)


def test_each_new_sentence_is_shown_once() -> None:
    texts = iter(["", "one\n", "one", "", "one", "two"])
    read_all, shown = threading.Event(), Shown()

    def read() -> str:
        text = next(texts, None)
        if text is None:
            read_all.set()
        return text or ""

    with Watching(read, shown):
        assert read_all.wait(NEVER)
    assert shown.texts == ["one", "two"]
    assert shown.ended


def test_a_look_that_fails_ends_the_looking_and_nothing_else() -> None:
    failed = threading.Event()

    def read() -> str:
        failed.set()
        raise OSError("connection lost")

    shown = Shown()
    with Watching(read, shown):
        assert failed.wait(NEVER)
    assert (shown.texts, shown.ended) == ([], True)


def test_a_look_that_hangs_keeps_nothing_back_and_shows_nothing_afterwards() -> None:
    hangs, goes_on, returned = threading.Event(), threading.Event(), threading.Event()

    def read() -> str:
        hangs.set()
        goes_on.wait(NEVER)
        returned.set()
        return "too late"

    shown = Shown()
    with Watching(read, shown):
        assert hangs.wait(NEVER)
    goes_on.set()
    assert returned.wait(NEVER)
    assert (shown.texts, shown.ended) == ([], True)


def test_what_fails_inside_goes_through() -> None:
    def fail() -> t.NoReturn:
        raise KeyboardInterrupt

    shown = Shown()
    with pytest.raises(KeyboardInterrupt), Watching(str, shown):
        fail()
    assert shown.ended
