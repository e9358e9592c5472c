# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the destinations hold before a backup of any kind, and whether it is whole there afterwards."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, list_backups, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import needed
from ansible_collections.holdfast.webops.plugins.module_utils._backup.publishing import Written
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store, StoreError

# The moment of a backup may be another host's, such as the database server's; the age is by this host's clock.
SKEW = datetime.timedelta(minutes=5)


@dataclasses.dataclass(frozen=True)
class Survey:
    """Backup ids by store; stores that could not be read are in `errors` alone."""

    ids: dict[str, set[str]]
    errors: dict[str, str]

    @property
    def counts(self) -> dict[str, int]:
        return {url: len(ids) for url, ids in self.ids.items()}


def distinct_stores(destinations: t.Sequence[t.Mapping[str, t.Any]]) -> tuple[Store, ...]:
    """The stores of the option `destinations`; InputError where one is named twice."""
    stores = open_destinations(destinations)
    urls = [store.url for store in stores]
    twice = sorted({url for url in urls if urls.count(url) > 1})
    if twice:
        raise InputError(f"destinations names {twice[0]} twice.", hint="Name each store once.")
    return tuple(stores)


def survey(stores: t.Sequence[Store], require: str, portal: str, kind: str = naming.DATABASE) -> Survey:
    """What is there. A store that cannot be read counts as failed, and enough must be left."""
    ids: dict[str, set[str]] = {}
    errors: dict[str, str] = {}
    for store in stores:
        try:
            ids[store.url] = set(list_backups(store, portal, kind))
        except WebopsError as exc:
            errors[store.url] = str(exc)
    if len(ids) < needed(require, len(stores)):
        raise StoreError(f"Too few destinations can be read. {' '.join(errors.values())}", failed_destinations=sorted(errors))
    return Survey(ids, errors)


def is_young(backup: Backup, max_age: float, now: datetime.datetime) -> bool:
    """Whether it is not older than so many seconds; one of the future proves nothing about its age."""
    return -SKEW <= now - backup.at <= datetime.timedelta(seconds=max_age)


def look_again(stores: t.Sequence[Store], written: Written) -> Backup:
    """Read back what was written, from the stores that took it."""
    manifest = written.manifest
    took = [store for store in stores if store.url not in written.failures]
    found = read_catalog(took, manifest["portal"], naming.kind_of(manifest), only=manifest["id"])
    if not found or found[0].state != "complete":
        raise StoreError(f"The backup {manifest['id']} was written without an error, but is not whole when looked at.")
    return dataclasses.replace(found[0], missing=tuple(written.failures))


def warnings_of(written: Written) -> tuple[str, ...]:
    """What a task says of a backup that exists."""
    missing = [f"Not stored in {url}: {error}" for url, error in written.failures.items()]
    return (*missing, *written.manifest["warnings"], *written.warnings)
