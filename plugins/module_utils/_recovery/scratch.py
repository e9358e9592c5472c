# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module rehearsal_scratch: remove what a rehearsal keeps while it runs, also one that was killed.

First the application, then its database: a server that was started for it ends, a scratch database elsewhere is dropped.
"""

from __future__ import annotations

import contextlib
import re
import signal
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._backup.filling import APPLICATION
from ansible_collections.holdfast.webops.plugins.module_utils._backup.rehearsing import REHEARSAL
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.lasting import end_lasting, lasting
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import derived_secrets
from ansible_collections.holdfast.webops.plugins.module_utils._host import scratch_application
from ansible_collections.holdfast.webops.plugins.module_utils._postgres import kept_server
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import at_database, drop_database
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.claim import claim_file, give_back, is_open_to, refuse_others, take
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal

ARGUMENTS: dict[str, t.Any] = {
    "portal": {"type": "str", "required": True},
    "scratch_dirs": {"type": "list", "elements": "path", "default": []},
    "maintenance_database": {"type": "str", "default": "postgres"},
    "state": {"type": "str", "choices": ["absent", "claimed", "released"], "default": "absent"},
    "run": {"type": "str", "default": ""},
    "ended": {"type": "str", "default": ""},
    "keep_for": {"type": "float", "default": 14400},
}
# A database of any other name is none of ours.
OURS = re.compile(rf".*_{REHEARSAL}_\d{{8}}t\d{{6}}z_[0-9a-f]{{6}}(?:[0-9a-f]{{4}})?", re.DOTALL)


def remove_scratch(call: Call) -> Outcome:
    """Look, end what is there, look again. What another run keeps is none of ours."""
    portal, clock = check_portal(call.params["portal"]), SystemClock()
    places = list(dict.fromkeys(call.params["scratch_dirs"])) or [None]
    claim, run = claim_file(places[0], portal), call.params["run"]
    _check(call.params)
    if call.params["state"] == "claimed":
        _claim(call, claim, run, clock)
    releases = call.params["state"] == "released" and not call.check_mode
    if releases and not is_open_to(claim, run):
        return Outcome({}, {}, {"removed": []}, ("Another run took over what this one kept, and removes it.",))
    outcome = _removed(call, places, portal, clock)
    if releases:  # last, because whoever claims it next keeps folders of the same names
        give_back(claim, run)
    return outcome


def _check(params: t.Mapping[str, t.Any]) -> None:
    if params["state"] != "absent" and not params["run"]:
        raise InputError(f"run is missing, and state is {params['state']}.", hint="Name the run; in a playbook its action plugin does.")
    if params["keep_for"] <= 0:
        raise InputError(f"keep_for is {params['keep_for']:g}.", hint="Give seconds, more than 0.")


def _claim(call: Call, path: str, run: str, clock: Clock) -> None:
    if call.check_mode:
        refuse_others(path, run, call.params["ended"], clock)
    else:
        take(path, run, call.params["ended"], call.params["keep_for"], clock)


def _removed(call: Call, places: t.Sequence[str | None], portal: str, clock: Clock) -> Outcome:
    before = _there(places, portal)
    if not call.check_mode:
        for folder in before["applications"]:
            end_lasting(clock, folder, signal.SIGTERM)
        for folder in before["databases"]:
            _remove_database(call, clock, folder)
    after = {"applications": [], "databases": []} if call.check_mode else _there(places, portal)
    removed = [folder for kind in ("applications", "databases") for folder in before[kind] if folder not in after[kind]]
    return Outcome(before, after, {"removed": removed})


def _there(places: t.Sequence[str | None], portal: str) -> dict[str, list[str]]:
    return {
        "applications": [folder for place in places for folder in lasting(place, scratch_application.PURPOSE, portal)],
        "databases": [folder for place in places for folder in lasting(place, kept_server.PURPOSE, portal)],
    }


def _remove_database(call: Call, clock: Clock, folder: str) -> None:
    url = kept_server.read_url(folder)
    for secret in (url, *derived_secrets(url)):
        call.mask(secret)
    if url and not kept_server.is_own(folder):
        _drop(url, call.params["maintenance_database"])
    end_lasting(clock, folder, signal.SIGQUIT)


def _drop(url: str, maintenance_database: str) -> None:
    name = urllib.parse.unquote(urllib.parse.urlsplit(url).path.lstrip("/"))
    if not OURS.fullmatch(name):
        raise WebopsError(f"'{name}' is not called like a database of a rehearsal, and is left alone.")
    with contextlib.closing(connect(at_database(url, maintenance_database), application_name=APPLICATION)) as connection:
        drop_database(connection, name)
