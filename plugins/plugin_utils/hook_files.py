# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task files that an inventory names as hooks, looked at on the controller before anything is touched."""

from __future__ import annotations

import pathlib
import typing as t

import yaml


def hook_files(hooks: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The hooks that are set, each with the absolute path of its file; a relative one is meant from where the command runs."""
    return {name: str(pathlib.Path(str(path)).expanduser().absolute()) for name, path in hooks.items() if path}


def wrong_hooks(files: t.Mapping[str, str]) -> list[str]:
    """What is wrong with them, a sentence each. Tags such as !vault are left unread: nothing of a file is executed here."""
    return [f"{name} is '{path}': {wrong}." for name, path in files.items() for wrong in [_wrong(pathlib.Path(path))] if wrong]


def _wrong(path: pathlib.Path) -> str | None:
    if not path.is_file():
        return "there is no such file on the controller"
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as exc:
        return f"it cannot be read ({exc})"
    except yaml.YAMLError as exc:
        return f"it is not YAML ({' '.join(str(exc).split())})"
    tasks = node.value if isinstance(node, yaml.SequenceNode) else []
    if not tasks or not all(isinstance(task, yaml.MappingNode) for task in tasks):
        return "it is no list of tasks"
    return None
