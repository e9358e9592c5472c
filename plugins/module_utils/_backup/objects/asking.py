# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks of object_backup, checked before anything is touched."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.checking import Given, check_positive
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_recipients
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import Digests
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SigningKey, signing_key
from ansible_collections.holdfast.webops.plugins.module_utils._backup.surveying import distinct_stores
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Bucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_bucket

MOST_JOBS = 64


@dataclasses.dataclass(frozen=True)
class BackupRequest:
    """What a task asks for, checked. `max_age` and `wait_timeout` in seconds; `recipients` is empty without encryption."""

    portal: str
    name: str
    source: Bucket
    stores: tuple[Store, ...]
    require: str
    recipients: tuple[str, ...]
    digests: Digests
    reuse: str
    jobs: int
    max_age: float | None
    wait_timeout: float
    signing_key: SigningKey | None


def read_request(params: Given, commands: Commands) -> BackupRequest:
    """Check every option; InputError before anything is touched."""
    stores = distinct_stores(params["destinations"])
    if not stores:
        raise InputError("destinations is empty.", hint="Name the stores that shall hold the backup.")
    check_positive(params, "max_age", "wait_timeout")
    check_jobs(params["jobs"])
    if params["digest_key"] is not None and len(params["digest_key"]) < 16:
        raise InputError("digest_key is too short.", hint="Give at least 16 letters that nobody can guess, or leave it out.")
    source = bucket_of(params["source"])
    portal = naming.check_portal(params["portal"])
    _check_apart(source.url, [store.url for store in stores], portal)
    return BackupRequest(
        portal=portal,
        name=check_name(params["name"]) if params["name"] is not None else name_of(params["source"]["store"]),
        source=source,
        stores=stores,
        require=params["require"],
        recipients=tuple(sorted(set(check_recipients(params["recipients"], params["encryption"])))),
        digests=Digests(params["digest_key"]),
        reuse=params["reuse"],
        jobs=params["jobs"],
        max_age=params["max_age"],
        wait_timeout=params["wait_timeout"],
        signing_key=signing_key(commands, params),
    )


def bucket_of(given: Given) -> Bucket:
    """The bucket that an option like `source` or `target` names."""
    return open_bucket(given["store"], {name: value for name, value in given.items() if name != "store"})


def check_jobs(jobs: int) -> None:
    if not 1 <= jobs <= MOST_JOBS:
        raise InputError(f"jobs is {jobs}.", hint=f"Give a number from 1 to {MOST_JOBS}.")


def check_name(name: str) -> str:
    try:
        return naming.check_portal(name)
    except InputError as exc:
        raise InputError(f"name '{name}' is not a name.", hint="Use letters, digits, '-' and '_', at most 63 of them.") from exc


def name_of(url: str) -> str:
    """What a bucket is called where nothing else was said; InputError where that is no name."""
    return check_name(naming.bucket_name(url))


def _check_apart(source: str, stores: t.Sequence[str], portal: str) -> None:
    """A backup that lies in the bucket that it is made of would grow with every run."""
    for url in stores:
        if f"{url}/{portal}/".startswith(f"{source}/"):
            raise InputError(
                f"The destination {url} lies in the source {source}.",
                hint="Name another bucket, or a prefix that the source does not have.",
            )
