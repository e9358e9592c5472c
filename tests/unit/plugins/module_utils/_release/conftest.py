"""A store that lets somebody else act in the middle."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._stores.file import FileStore
from tests.unit.fake_clock import FakeClock

if t.TYPE_CHECKING:
    import pathlib


class DisturbedStore(FileStore):
    """Calls `disturb` once, right before the next conditional write."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self.disturb: t.Callable[[], object] | None = None
        self.lose_next_answer = False

    def create(self, key: str, data: bytes) -> str:
        self._disturbed()
        version = super().create(key, data)
        return super().create(key, data) if self._answer_is_lost() else version

    def replace(self, key: str, data: bytes, expected: str) -> str:
        self._disturbed()
        version = super().replace(key, data, expected)
        return super().replace(key, data, "stale") if self._answer_is_lost() else version

    def _disturbed(self) -> None:
        disturb, self.disturb = self.disturb, None
        if disturb:
            disturb()

    def _answer_is_lost(self) -> bool:
        """A client that got no answer sends the same conditional write again."""
        lost, self.lose_next_answer = self.lose_next_answer, False
        return lost


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: pathlib.Path) -> DisturbedStore:
    return DisturbedStore(str(tmp_path / "store"))
