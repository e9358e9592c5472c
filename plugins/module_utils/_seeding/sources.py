# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has the documents at hand on the controller: files from a folder or from the artefact of a release, and rows from the task.

They travel to the module as one opaque text, so that no option of it holds a value. Standard library only.
"""

from __future__ import annotations

import base64
import json
import os
import posixpath
import tarfile
import typing as t
import zlib

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.documents import Seed, place_of, read_seed

# Of all files together. Seeds are what a portal cannot begin without; more than this is a dump, which a restore is for.
LARGEST = 16 << 20

Entry = t.Mapping[str, t.Any]


def documents_of(tables: t.Sequence[t.Any], base: str | None) -> list[str]:
    """The JSON of each entry of `tables`, in their order. `base`: the folder or the archive that relative files lie in."""
    for number, entry in enumerate(tables, start=1):
        _check(number, entry)
    wanted = [_Wanted(_place(entry), str(entry["file"])) for entry in tables if entry.get("file")]
    contents = _read(wanted, base)
    if sum(len(content) for content in contents.values()) > LARGEST:
        raise InputError(
            f"The files of the tables are larger than {LARGEST >> 20} MiB together.", hint="Bring that much data in with a restore or COPY."
        )
    return [_text(_place(entry), contents[str(entry["file"])]) if entry.get("file") else _inline(entry["rows"]) for entry in tables]


def seeds_of(tables: t.Sequence[Entry], documents: t.Sequence[str]) -> list[Seed]:
    """The rows of each entry, checked as far as that needs no database."""
    seeds = []
    for entry, text in zip(tables, documents):
        key = entry.get("key")
        if not key:
            raise InputError(f"tables: the key of {entry['table']} is empty.", hint="Name the columns by which a row is recognised.")
        seeds.append(
            read_seed(
                entry["table"],
                entry.get("file"),
                text,
                key=key.split(",") if isinstance(key, str) else key,
                update=entry.get("update", True),
            )
        )
    return seeds


def without_rows(tables: t.Sequence[Entry]) -> list[dict[str, t.Any]]:
    """The entries as anybody may see them."""
    return [{name: value for name, value in entry.items() if name != "rows"} for entry in tables]


def parcel(documents: t.Sequence[str]) -> str:
    return base64.b64encode(zlib.compress(json.dumps(documents).encode(), 1)).decode()


def unpacked(contents: str) -> list[str]:
    """What `parcel` was given."""
    return t.cast("list[str]", json.loads(zlib.decompress(base64.b64decode(contents))))


class _Wanted(t.NamedTuple):
    place: str
    file: str


def _place(entry: Entry) -> str:
    return place_of(str(entry["table"]), entry.get("file"))


def _check(number: int, entry: t.Any) -> None:
    """Whatever is wrong is said here, where no value of a row gets into the message."""
    if not isinstance(entry, dict):
        raise InputError(f"tables: entry {number} is no dictionary.", hint="Give table, key, and file or rows.")
    if not isinstance(entry.get("table"), str) or not entry["table"].strip():
        raise InputError(f"tables: entry {number} names no table.", hint="Give it as table: schema.name.")
    file, rows = entry.get("file"), entry.get("rows")
    if (file in (None, "")) == (rows is None):
        which = "neither file nor rows" if rows is None else "both file and rows"
        raise InputError(f"tables: entry {number} ({entry['table']}) has {which}.", hint="Give one of them.")
    if rows is not None and not (isinstance(rows, (list, tuple)) and all(isinstance(row, dict) for row in rows)):
        raise InputError(
            f"tables: entry {number} ({entry['table']}): rows is no list of dictionaries.",
            hint="Give each row as its columns and their values.",
        )


def _inline(rows: t.Sequence[t.Any]) -> str:
    """Dates of YAML and what a vault holds become text."""
    return json.dumps(plain(rows), default=str)


def _text(place: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InputError(f"{place}: it is not UTF-8 (byte {exc.start + 1}).", hint="Save it as UTF-8.") from None


def _read(wanted: t.Sequence[_Wanted], base: str | None) -> dict[str, bytes]:
    """The bytes of the files by their names."""
    absolute = {each.file: _content(each, each.file) for each in wanted if os.path.isabs(each.file)}
    relative = [each for each in wanted if each.file not in absolute]
    if not relative:
        return absolute
    if not base:
        raise InputError(
            f"{relative[0].place}: the file is relative, and base names no folder.", hint="Give base, or the file with its whole path."
        )
    if os.path.isdir(base):
        return {**absolute, **{each.file: _content(each, _inside(each, base)) for each in relative}}
    return {**absolute, **_from_archive(relative, base)}


def _inside(wanted: _Wanted, base: str) -> str:
    """The real path of a file in a folder; a link in it may lead anywhere in it."""
    root = os.path.realpath(base)
    path = os.path.realpath(os.path.join(root, wanted.file))
    if os.path.commonpath([root, path]) != root:
        raise _outside(wanted, base)
    return path


def _outside(wanted: _Wanted, base: str) -> InputError:
    return InputError(
        f"{wanted.place}: the file lies outside of {base}.", hint="Name a file in it, without .. and without a link that leads out."
    )


def _content(wanted: _Wanted, path: str) -> bytes:
    try:
        with open(path, "rb") as handle:
            return handle.read(LARGEST + 1)
    except OSError as exc:
        raise InputError(f"{wanted.place}: {path} cannot be read: {exc.strerror}.", hint="Correct file or base.") from None


def _from_archive(wanted: t.Sequence[_Wanted], base: str) -> dict[str, bytes]:
    """The files out of an archive, which is read once."""
    missing = {}
    for each in wanted:
        name = posixpath.normpath(each.file)
        if name.split("/")[0] == "..":
            raise _outside(each, base)
        missing[name] = each
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(base, "r|*") as archive:
            for member in archive:
                meant = missing.get(posixpath.normpath(member.name))
                if meant:
                    found[meant.file] = _member(archive, member, meant, base)
                if len(found) == len(missing):
                    break
    except OSError as exc:
        raise InputError(
            f"base: {base} cannot be read: {exc.strerror or exc}.", hint="Give a folder or a .tar.gz archive on the controller."
        ) from None
    except (tarfile.TarError, EOFError, zlib.error) as exc:
        raise InputError(f"base: {base} is no archive that can be read: {exc}.", hint="Give a folder or a .tar.gz archive.") from None
    for each in wanted:
        if each.file not in found:
            raise InputError(f"{each.place}: there is no such file in {base}.", hint="Build the artefact with it, or correct file.")
    return found


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo, wanted: _Wanted, base: str) -> bytes:
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        raise InputError(
            f"{wanted.place}: in {base} that is no plain file.", hint="Build the artefact with the file itself instead of a link."
        )
    return content.read(LARGEST + 1)
