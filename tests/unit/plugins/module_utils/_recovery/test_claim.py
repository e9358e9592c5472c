from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.claim import claim_file, give_back, is_open_to, refuse_others, take
from tests.unit.fake_clock import FakeClock

if t.TYPE_CHECKING:
    import pathlib


@pytest.fixture
def path(tmp_path: pathlib.Path) -> str:
    return claim_file(str(tmp_path), "shop")


def refuse(path: str, run: str, clock: Clock, ended: str = "") -> None:
    """In earnest and in check mode alike."""
    with pytest.raises(ConflictError, match="since 2026-") as caught:
        refuse_others(path, run, ended, clock)
    assert caught.value.details == {"claim": "first"}
    with pytest.raises(ConflictError, match="since 2026-"):
        take(path, run, ended, 60, clock)


def test_one_run_at_a_time_and_the_next_when_it_is_over(path: str, tmp_path: pathlib.Path) -> None:
    clock = FakeClock()
    take(path, "first", "", 60, clock)
    take(path, "first", "", 60, clock)
    refuse(path, "second", clock)
    assert (is_open_to(path, "first"), is_open_to(path, "second")) == (True, False)
    give_back(path, "second")
    refuse(path, "second", clock)
    give_back(path, "first")
    assert list(tmp_path.iterdir()) == []
    assert is_open_to(path, "second"), "it is nobody's"
    refuse_others(path, "second", "", clock)
    take(path, "second", "", 60, clock)


def test_a_run_that_is_known_to_have_ended_or_whose_time_is_over_is_in_nobodys_way(path: str) -> None:
    clock = FakeClock()
    take(path, "first", "", 60, clock)
    refuse(path, "second", clock, ended="another")
    take(path, "second", "first", 60, clock)
    assert not is_open_to(path, "first"), "what is there now is the second one's"
    clock.pass_by(61)
    take(path, "third", "", 60, clock)


@pytest.mark.parametrize("said", [b"", b"{", b"[]", b'{"run": "first"}'])
def test_a_claim_that_was_not_written_to_its_end_holds_nobody_up(path: str, tmp_path: pathlib.Path, said: bytes) -> None:
    (tmp_path / "holdfast-rehearsal-shop.claim").write_bytes(said)
    take(path, "second", "", 60, FakeClock())
    assert not is_open_to(path, "first")


def test_what_another_user_put_there_is_refused(path: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "holdfast-rehearsal-shop.claim").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WebopsError, match="cannot be used"):
        take(path, "first", "", 60, FakeClock())
    (tmp_path / "holdfast-rehearsal-shop.claim").unlink()
    monkeypatch.setattr("os.geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(WebopsError, match="is another user's"):
        take(path, "first", "", 60, FakeClock())


def test_without_a_folder_it_lies_where_a_unit_with_a_tmp_of_its_own_sees_it_too(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "ansible_collections.holdfast.webops.plugins.module_utils._recovery.claim"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "private"))
    for shared, place in ((tmp_path, tmp_path), (tmp_path / "missing", tmp_path / "private")):
        monkeypatch.setattr(f"{module}.SHARED", str(shared))
        assert claim_file(None, "shop") == str(place / "holdfast-rehearsal-shop.claim")
