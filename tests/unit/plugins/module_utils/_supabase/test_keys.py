"""Which API key is taken, what each is called, and how the file with them stands."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase import keys
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._vercel.stand_in import Said, StandIn

from .stand_in import client

if t.TYPE_CHECKING:
    from pathlib import Path

ANON = {"name": "anon", "type": "legacy", "api_key": "anon-key"}
SERVICE = {"name": "service_role", "type": "legacy", "api_key": "service-key"}
PUBLISHABLE = {"name": "default", "type": "publishable", "api_key": "publishable-key"}
SECRET = {"name": "default", "type": "secret", "api_key": "secret-key"}


@pytest.mark.parametrize(
    ("there", "taken"), [([ANON, SERVICE, PUBLISHABLE, SECRET], "secret-key"), ([ANON, PUBLISHABLE, SERVICE], "service-key")]
)
def test_a_secret_key_is_taken_before_the_legacy_one_and_every_key_is_masked(there: list[dict[str, str]], taken: str) -> None:
    masked: list[str] = []
    assert keys.service_key(client(FakeClock(), StandIn(Said(200, there))), masked.append) == taken
    assert masked == [key["api_key"] for key in there]


def test_a_key_that_is_not_shown_is_none() -> None:
    with pytest.raises(NotFoundError, match="no secret key and no service_role key"):
        keys.service_key(client(FakeClock(), StandIn(Said(200, [ANON, {**SECRET, "api_key": None}]))), lambda _secret: None)


def test_keys_of_one_name_are_told_apart_by_their_kind() -> None:
    assert [keys.label(key) for key in (ANON, PUBLISHABLE, SECRET)] == ["anon", "publishable_default", "secret_default"]


def test_a_file_that_others_can_read_is_out_of_date_whatever_it_holds(tmp_path: Path) -> None:
    path, wanted = tmp_path / "keys.json", keys.content([ANON])
    words = [keys.word_for(str(path), wanted)]
    keys.keep(str(path), wanted)
    words.append(keys.word_for(str(path), wanted))
    path.chmod(0o640)
    words.append(keys.word_for(str(path), wanted))
    assert words == ["absent", keys.HOLDS, "out of date"]
