"""The environment file and the command line of a program."""

from __future__ import annotations

import subprocess
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import (
    absolute,
    check_environment,
    render_environment,
    secrets_in,
)

AWKWARD = [
    "plain",
    "two words",
    "",
    "a\"b'c",
    "$HOME ${HOME} $(id) `id`",
    "back\\slash \\n",
    "one\ntwo",
    "#no comment",
    "ü€",
    "%h %%",
    "trailing\\",
]


@pytest.mark.parametrize("value", AWKWARD)
def test_a_shell_reads_the_value_that_was_written(value: str, tmp_path: t.Any) -> None:
    file = tmp_path / "environment"
    file.write_bytes(render_environment({"VALUE": value}))
    script = 'set -a; . "$1"; exec env -0'
    shown = subprocess.run(["/bin/sh", "-c", script, "sh", str(file)], capture_output=True, check=True, timeout=60).stdout
    assert f"VALUE={value}".encode() in shown.split(b"\0")


@pytest.mark.parametrize("value", AWKWARD)
def test_systemd_reads_the_value_that_was_written(value: str) -> None:
    """By the rules of parse_env_file() in systemd: in double quotes a backslash goes before one of the four, else it stays."""
    text = render_environment({"VALUE": value}).decode()
    assert text.startswith('VALUE="')
    assert text.endswith('"\n')
    assert read_like_systemd(text[len('VALUE="') : -2]) == value


def read_like_systemd(quoted: str) -> str:
    read, characters = "", iter(quoted)
    for character in characters:
        following = next(characters) if character == "\\" else None
        assert character != '"', "the quotes end too early"
        read += character if following is None else following if following in '"\\`$' else character + following
    return read


def test_variables_are_written_in_order_so_that_the_same_ones_give_the_same_file() -> None:
    assert render_environment({"B": "2", "A": "1"}) == b'A="1"\nB="2"\n'


def test_numbers_and_booleans_become_text() -> None:
    assert check_environment({"A": 1, "B": 1.5, "C": True, "D": False}, {}) == {"A": "1", "B": "1.5", "C": "true", "D": "false"}


@pytest.mark.parametrize(
    ("plain", "secret", "said"),
    [
        ({"A-B": "x"}, {}, "environment.A-B"),
        ({"": "x"}, {}, "is not the name of an environment variable"),
        ({"A": None}, {}, "environment.A is neither text nor a number"),
        ({"A": {}}, {}, "environment.A is neither text nor a number"),
        ({"A": "x\0y"}, {}, "NUL"),
        ({"A": "x\ry"}, {}, "carriage return"),
        ({"A": "postgresql://u:pass@h/d"}, {}, "environment.A is a URL with a password"),
        ({}, {"A": "12345"}, "secret_environment.A is shorter than 6"),
        ({"A": "x"}, {"A": "123456"}, "A is in environment and in secret_environment"),
    ],
)
def test_what_cannot_be_an_environment_is_refused(plain: dict[str, t.Any], secret: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        check_environment(plain, secret)
    assert said in str(caught.value)
    assert "12345" not in str(caught.value)


def test_values_of_plain_variables_with_telling_names_are_to_be_masked() -> None:
    assert secrets_in({"API_TOKEN": "abcdefgh", "TOKEN_TTL": 5, "LEVEL": "information"}) == ["abcdefgh"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["./bin/start", "-x"], ("/slot/current/bin/start", "-x")),
        (["bin/start"], ("/slot/current/bin/start",)),
        (["/usr/bin/env", "./x"], ("/usr/bin/env", "./x")),
        (["node", "server.js"], ("node", "server.js")),
    ],
)
def test_a_program_of_the_release_is_found_in_it(command: list[str], expected: tuple[str, ...]) -> None:
    assert absolute(command, "/slot/current") == expected
