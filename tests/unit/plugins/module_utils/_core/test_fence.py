from __future__ import annotations

import pathlib

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.fence import Fence


def test_a_number_never_falls(tmp_path: pathlib.Path) -> None:
    fence = Fence(str(tmp_path / "fence"))
    assert fence.seen() == 0
    for number in (None, 7, 5, None):
        fence.note(number)
    assert fence.seen() == 7


def test_only_an_older_number_is_refused_and_told_the_newer(tmp_path: pathlib.Path) -> None:
    fence = Fence(str(tmp_path / "fence"))
    fence.note(7)
    for number in (None, 7, 8):
        fence.check(number)
    with pytest.raises(ConflictError, match=r"fencing: 6 is older than 7") as caught:
        fence.check(6)
    assert caught.value.details == {"fence": 7}


def test_a_damaged_file_is_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "fence").write_text("seven")
    with pytest.raises(WebopsError, match="'seven' is not a number"):
        Fence(str(tmp_path / "fence")).check(6)


def test_a_number_that_cannot_be_remembered_stops_the_run(tmp_path: pathlib.Path) -> None:
    with pytest.raises(WebopsError, match=r"could not be written: No such file or directory\. Nothing was changed\."):
        Fence(str(tmp_path / "nowhere/fence")).note(1)
