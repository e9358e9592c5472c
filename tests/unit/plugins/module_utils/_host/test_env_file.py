"""A .env file as a module sees it: what is compared, shown, kept and refused. Its readers are in tests/conformance/portals."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._host.dotenv import render, spelled, understand
from ansible_collections.holdfast.webops.plugins.module_utils._host.env_file import write_env_file

if t.TYPE_CHECKING:
    from pathlib import Path

    from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome

SECRET = "correct-horse-battery"


def write(path: Path, *, check: bool = False, mask: t.Callable[[str], None] = lambda _secret: None, **options: t.Any) -> Outcome:
    params = {
        "path": str(path),
        "environment": {"VITE_DEBUG": True, "VITE_URL": "http://localhost:54321"},
        "secret_environment": {"VITE_KEY": SECRET},
        "reader": "dotenv",
        "take_over": False,
        **options,
    }
    return write_env_file(Call(params, check, mask, lambda _text: None, lambda value: value))


def test_a_file_is_written_for_its_owner_alone_and_only_once(tmp_path: Path) -> None:
    path = tmp_path / ".env.local"
    assert write(path, check=True).changed
    assert not path.exists()
    assert write(path).changed
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().splitlines()[1:] == ["VITE_DEBUG=true", "VITE_URL=http://localhost:54321", "# Secrets", f"VITE_KEY={SECRET}"]
    assert not write(path).changed


def test_a_file_that_others_may_read_is_closed_again(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    write(path)
    path.chmod(0o644)
    outcome = write(path)
    assert (outcome.before["mode"], outcome.after["mode"]) == ("0644", "0600")
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_difference_shows_what_is_plain_and_of_a_secret_only_that_it_is_another_one(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    write(path)
    outcome = write(path, environment={"VITE_DEBUG": False}, secret_environment={"VITE_KEY": "another-secret", "NEW": "a-third-one"})
    assert outcome.before["variables"] == {
        "VITE_DEBUG": "true",
        "VITE_KEY": "(secret, another one)",
        "VITE_URL": "http://localhost:54321",
    }
    assert outcome.after["variables"] == {"NEW": "(secret)", "VITE_DEBUG": "false", "VITE_KEY": "(secret)"}


@pytest.mark.parametrize(("before", "after"), [("environment", "secret_environment"), ("secret_environment", "environment")])
def test_a_value_that_is_or_was_secret_is_not_shown(before: str, after: str, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    nothing: dict[str, t.Any] = {"environment": {}, "secret_environment": {}}
    write(path, **{**nothing, before: {"NAME": SECRET}})
    outcome = write(path, **{**nothing, after: {"NAME": "something-else"}})
    assert SECRET not in json.dumps([outcome.before, outcome.after])


def test_a_plain_variable_with_the_name_of_a_secret_is_masked_all_the_same(tmp_path: Path) -> None:
    masked: list[str] = []
    write(tmp_path / ".env", mask=masked.append, environment={"VITE_URL": "http://localhost", "MAIL_PASSWORD": SECRET})
    assert masked == [SECRET]


@pytest.mark.parametrize(
    ("value", "spellings"),
    [
        ("plain-1", {"dotenv": "plain-1", "expanding": "plain-1", "python": "plain-1", "shell": "plain-1"}),
        ("two words", {"dotenv": "'two words'", "expanding": "'two words'", "python": "'two words'", "shell": "'two words'"}),
        ("a$b", {"dotenv": "'a$b'", "expanding": r"'a\$b'", "python": "'a$b'", "shell": r'"a\$b"'}),
        ("${b}", {"dotenv": "'${b}'", "expanding": r"'\${b}'", "python": None, "shell": r'"\${b}"'}),
        (r"a\$b", {"dotenv": r"'a\$b'", "expanding": None, "python": r"'a\\$b'", "shell": r'"a\\\$b"'}),
        ("it's `", {"dotenv": None, "expanding": None, "python": r"'it\'s `'", "shell": '"it\'s \\`"'}),
    ],
)
def test_each_reader_gets_its_own_spelling_where_they_differ(value: str, spellings: dict[str, str | None]) -> None:
    for reader, wanted in spellings.items():
        if wanted is None:
            with pytest.raises(InputError, match=f"NAME has a value that the reader '{reader}' cannot be given"):
                spelled("NAME", value, reader)
        else:
            assert spelled("NAME", value, reader) == wanted, reader


def test_a_file_of_somebody_else_is_left_alone_until_it_may_be_taken_over_and_is_kept_then(tmp_path: Path) -> None:
    path = tmp_path / ".env.local"
    path.write_text(f"MINE={SECRET}-of-mine\n")
    with pytest.raises(ConflictError, match="was not written by this module"):
        write(path)
    assert path.read_text() == f"MINE={SECRET}-of-mine\n"
    outcome = write(path, take_over=True)
    former = tmp_path / ".env.local.former"
    assert outcome.values["former"] == str(former)
    assert former.read_text() == f"MINE={SECRET}-of-mine\n"
    assert former.stat().st_mode & 0o777 == 0o600
    assert "of-mine" not in json.dumps([outcome.before, outcome.after])
    assert write(path, take_over=True).values["former"] is None
    assert former.read_text() == f"MINE={SECRET}-of-mine\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"environment": {"A-B": "x"}}, "'A-B' is not the name of an environment variable"),
        ({"environment": {"A": ["x"]}}, "environment.A is neither text nor a number"),
        ({"environment": {"VITE_KEY": "x"}}, "VITE_KEY is in environment and in secret_environment"),
        ({"environment": {"A": "postgresql://anna:geheim-geheim@db/shop"}}, "environment.A is a URL with a password"),
        ({"environment": {"A": "'\"`"}}, "A has a value that the reader 'dotenv' cannot be given"),
        ({"environment": {"A": "x\ry"}}, "environment.A holds a NUL or a carriage return"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is(options: dict[str, t.Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        write(tmp_path / ".env", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no folder '.*/nowhere'"):
        write(tmp_path / "nowhere" / ".env")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / ".env").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is no regular file"):
        write(tmp_path / ".env")


@pytest.mark.parametrize("added", ["export A=b\n", "A = b\n", "A='open\n", "just words\n"])
def test_what_somebody_added_by_hand_is_noticed(added: str) -> None:
    assert understand(render({"A": "b"}, {}, "dotenv") + added) is None
