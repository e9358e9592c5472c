# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the result goes besides the task: the options, checked before anything is looked at."""

from __future__ import annotations

import dataclasses
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

FORMATS = ("json", "junit", "prometheus", "html")
LABEL_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
# What the metrics themselves say with labels.
OWN_LABELS = ("check", "critical", "figure", "kind", "status", "verdict")
# The textfile collector of node_exporter reads no other files.
METRICS_SUFFIX = ".prom"

OPTIONS: dict[str, t.Any] = {
    **{name: {"type": "path"} for name in (*FORMATS, "history")},
    "history_length": {"type": "int", "default": 100},
    "labels": {"type": "dict"},
}


@dataclasses.dataclass(frozen=True)
class Reports:
    """The files to write by format, and the labels (such as portal and environment) that stand in each of them."""

    paths: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    history: t.Optional[str] = None
    history_length: int = 100
    labels: t.Mapping[str, str] = dataclasses.field(default_factory=dict)


def reports_from(options: t.Optional[t.Mapping[str, t.Any]]) -> Reports:
    """What the option `reports` asks for. Raises InputError when a file could not be written or its reader would not find it."""
    if options is None:
        return Reports()
    named = {name: options[name] for name in (*FORMATS, "history") if options.get(name)}
    for name, path in named.items():
        _refuse_place(name, path)
    _refuse_twins(named)
    if "prometheus" in named and not named["prometheus"].endswith(METRICS_SUFFIX):
        raise InputError(
            f"The option reports.prometheus is '{named['prometheus']}', which the textfile collector would not read.",
            hint=f"Give it a name that ends in {METRICS_SUFFIX}.",
        )
    if options["history_length"] < 1:
        raise InputError(f"The option reports.history_length is {options['history_length']}.", hint="Give 1 or more verdicts.")
    history = named.pop("history", None)
    return Reports(named, history, options["history_length"], _labels(options.get("labels") or {}))


def _refuse_place(name: str, path: str) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        raise InputError(f"The option reports.{name} is '{path}', which is a directory.", hint="Name a file in it.")
    if not os.path.isdir(folder):
        raise InputError(f"The option reports.{name} is '{path}', but there is no directory '{folder}'.", hint="Make it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"The option reports.{name} is '{path}', but '{folder}' cannot be written to.", hint="Choose another place.")


def _refuse_twins(named: t.Mapping[str, str]) -> None:
    owner: dict[str, str] = {}
    for name, path in named.items():
        other = owner.setdefault(os.path.realpath(path), name)
        if other != name:
            raise InputError(f"The options reports.{other} and reports.{name} are the same file '{path}'.", hint="Name two files.")


def _labels(labels: t.Mapping[str, t.Any]) -> dict[str, str]:
    for name in labels:
        if not LABEL_NAME.fullmatch(str(name)) or name in OWN_LABELS:
            raise InputError(
                f"The option reports.labels has the name '{name}'.",
                hint=f"Use letters, digits and _, beginning with a letter, and none of {', '.join(OWN_LABELS)}.",
            )
    return {str(name): str(value) for name, value in labels.items() if str(value)}
