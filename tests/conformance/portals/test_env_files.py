"""What env_file writes, read back by the tools that it is written for."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import typing as t

import dotenv
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._host.dotenv import Written, render, spelled, understand

if t.TYPE_CHECKING:
    from pathlib import Path

NEVER = 600
EVERYWHERE = {
    "EMPTY": "",
    "URL": "postgresql://anna@db.example.org:5432/shop?sslmode=require&x=1",
    "WORDS": " two  words ",
    "HASH": "before #behind",
    "QUOTE": "it's",
    "DOUBLE": '{"a": [1, "b"]}',
    "LINES": "-----BEGIN KEY-----\nMIIBOg==\nabc=def\n-----END KEY-----\n",
    "EQUALS": "a=b=c",
    "UNICODE": "Zürich €",
    "BANG": "p@ss!w(o)r&d;|<>*?[]{}~^%",
    "COMMENT": "#none",
}
# What each kind of reader can be given beyond that.
PARTLY = {
    "DOLLAR": "$2b$10$N9qo8uLOickgx2ZMRZoMye $HOME",
    "BRACES": "a${HOME}b",
    "BACKSLASH": "C:\\new\\readme \\n \\\\ 1",
    "LAST": "ends with \\",
    "BOTH": 'it\'s "both" \\d',
    "GRAVE": "`id` $(id)",
    "THREE": "'\"`",
}
REFUSED = {
    "dotenv": {"THREE"},
    "expanding": {"THREE"},
    "python": {"BRACES"},
    "shell": set(),
}
TOOLS = {"dotenv": ("dotenv", "dotenv 16", "node"), "expanding": ("vite", "next")}


def possible(reader: str) -> dict[str, str]:
    return {**EVERYWHERE, **{name: value for name, value in PARTLY.items() if name not in REFUSED[reader]}}


def read_by_javascript(portal_tools: Path, folder: Path) -> dict[str, dict[str, str]]:
    clean = {"PATH": os.environ["PATH"]}  # expanding readers prefer what the environment has
    done = subprocess.run(
        ["node", "--no-warnings", str(portal_tools / "read_env.cjs"), str(folder), ".env.local"],
        env=clean,
        capture_output=True,
        check=False,
        timeout=NEVER,
    )
    assert done.returncode == 0, done.stderr.decode()
    return t.cast("dict[str, dict[str, str]]", json.loads(done.stdout))


@pytest.mark.parametrize("reader", ["dotenv", "expanding"])
def test_the_tools_of_node_read_what_was_meant(reader: str, portal_tools: Path, tmp_path: Path) -> None:
    """One after the other too, so that no value reaches into the next one."""
    wanted = possible(reader)
    (tmp_path / ".env.local").write_text(render(wanted, {f"SECRET_{name}": value for name, value in wanted.items()}, reader))
    read = read_by_javascript(portal_tools, tmp_path)
    for tool in TOOLS[reader]:
        assert read[tool] == {**wanted, **{f"SECRET_{name}": value for name, value in wanted.items()}}, tool


@pytest.mark.parametrize("reader", ["dotenv", "expanding", "python", "shell"])
def test_values_without_anything_special_read_the_same_for_everybody(reader: str, portal_tools: Path, tmp_path: Path) -> None:
    (tmp_path / ".env.local").write_text(render(EVERYWHERE, {}, reader))
    read = read_by_javascript(portal_tools, tmp_path)
    assert {tool: read[tool] for tool in read if read[tool] != EVERYWHERE} == {}
    assert read_by_python(tmp_path / ".env.local") == EVERYWHERE
    assert read_by_a_shell(tmp_path / ".env.local", EVERYWHERE) == EVERYWHERE


@pytest.mark.parametrize("reader", ["dotenv", "expanding", "python", "shell"])
def test_two_thousand_awkward_values_are_read_as_they_are_or_refused(reader: str, portal_tools: Path, tmp_path: Path) -> None:
    wanted = {}
    for number, value in enumerate(awkward(2000)):
        with contextlib.suppress(InputError):
            spelled("X", value, reader)
            wanted[f"V{number}"] = value
    assert len(wanted) > 1000
    path = tmp_path / ".env.local"
    path.write_text(render(wanted, {}, reader))
    if reader in TOOLS:
        read = read_by_javascript(portal_tools, tmp_path)
        found = {tool: read[tool] for tool in TOOLS[reader]}
    else:
        found = {reader: read_by_python(path) if reader == "python" else read_by_a_shell(path, wanted)}
    for tool, values in found.items():
        assert [(name, wanted[name], values.get(name)) for name in wanted if values.get(name) != wanted[name]] == [], tool
    assert understand(path.read_text()) == Written({name: spelled(name, value, reader) for name, value in wanted.items()}, {})


def awkward(count: int) -> list[str]:
    """Short values of what means something to somebody; the same in each run."""
    chance = random.Random(7)
    return ["".join(chance.choices("'\"`\\$#={} \n\tanA_1", k=chance.randint(1, 7))) for _value in range(count)]


def test_python_dotenv_reads_what_was_meant(tmp_path: Path) -> None:
    wanted = possible("python")
    (tmp_path / ".env").write_text(render(wanted, {}, "python"))
    assert read_by_python(tmp_path / ".env") == wanted


def test_a_shell_reads_what_was_meant(tmp_path: Path) -> None:
    wanted = possible("shell")
    (tmp_path / ".env").write_text(render(wanted, {}, "shell"))
    assert read_by_a_shell(tmp_path / ".env", wanted) == wanted


@pytest.mark.parametrize(("reader", "name"), [(reader, name) for reader, names in REFUSED.items() for name in sorted(names)])
def test_what_a_reader_cannot_be_given_is_refused_by_its_name(reader: str, name: str) -> None:
    with pytest.raises(InputError, match=f"^{name} has a value that the reader '{reader}' cannot be given"):
        spelled(name, PARTLY[name], reader)


def read_by_python(path: Path) -> dict[str, str]:
    return {name: value or "" for name, value in dotenv.dotenv_values(path).items()}


def read_by_a_shell(path: Path, names: t.Iterable[str]) -> dict[str, str]:
    asked = "\n".join(f'printf "%s\\0" "${name}"' for name in names)
    done = subprocess.run(["/bin/sh", "-euc", f'. "$1"\n{asked}', "sh", str(path)], capture_output=True, check=True, timeout=NEVER, env={})
    return dict(zip(names, done.stdout.decode().split("\0")[:-1], strict=True))
