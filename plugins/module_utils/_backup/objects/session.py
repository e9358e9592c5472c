# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks of object_restore, and the snapshot that it means, checked before anything is touched."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.asking import CHOICES
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.checking import Given, check_choice, check_reading
from ansible_collections.holdfast.webops.plugins.module_utils._backup.choosing import choose_backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.asking import bucket_of, check_jobs, check_name
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.past import stored_contents
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.shelf import Shelf
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import verifier
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Bucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject


@dataclasses.dataclass(frozen=True)
class RestoreSession:
    """A checked request and the chosen snapshot. `target` is None for a proof in a folder of its own."""

    call: Call
    clock: Clock
    deadline: Deadline
    shelf: Shelf
    target: Bucket | None
    prefix: str
    jobs: int
    unread: tuple[str, ...] = ()

    @property
    def backup(self) -> Backup:
        return self.shelf.backup

    @property
    def doubts(self) -> tuple[str, ...]:
        """What is wrong with stores that could not be read, and with signatures of copies that are used all the same."""
        return (*self.unread, *self.backup.doubts)


@dataclasses.dataclass(frozen=True)
class Request:
    """Every option checked, and the snapshots of the bucket that there are."""

    call: Call
    clock: Clock
    deadline: Deadline
    target: Bucket | None
    portal: str
    name: str
    catalog: tuple[Backup, ...]
    unread: tuple[str, ...]

    @property
    def chosen(self) -> Backup:
        return _chosen(self.catalog, self.call.params["backup"], self.name)

    def session(self, backup: Backup) -> RestoreSession:
        """To restore this one; WebopsError when something of it is lost."""
        params = self.call.params
        key_file = check_identity_file(params["identity_file"]) if backup.manifest["encrypted"] else ""
        shelf = Shelf(backup, Commands(), key_file)
        _check_contents(shelf, self.portal)
        return RestoreSession(self.call, self.clock, self.deadline, shelf, self.target, params["prefix"], params["jobs"], self.unread)


def request_for(call: Call) -> Request:
    """Check every option and read what there is; the target is not asked yet."""
    params, clock = call.params, SystemClock()
    _check(params)
    portal, name = naming.check_portal(params["portal"]), check_name(params["name"])
    target = None if params["target"] is None else bucket_of(params["target"])
    signers, stores = verifier(Commands(), params), open_destinations(params["destinations"])
    if target is not None:
        _check_apart(target.url, params["target"], [(store.url, given) for store, given in zip(stores, params["destinations"])], portal)
    unread: list[str] = []
    catalog = read_catalog(stores, portal, naming.OBJECTS, verifier=signers, unread=unread)
    ours = tuple(one for one in catalog if one.manifest.get("name") == name)
    return Request(call, clock, Deadline(clock, params["wait_timeout"]), target, portal, name, ours, tuple(unread))


def session_for(call: Call) -> RestoreSession:
    """Check every option and choose the snapshot."""
    request = request_for(call)
    return request.session(request.chosen)


def present_in(bucket: Bucket) -> dict[str, StoredObject]:
    """What a target holds; a directory that is not there yet holds nothing."""
    try:
        return {seen.key: seen for seen in bucket.list()}
    except NotFoundError:
        return {}


def _check_contents(shelf: Shelf, portal: str) -> None:
    """Every content must lie somewhere in its full size."""
    held = [stored_contents(store, portal) for store in shelf.stores]
    lost = [one.name for one in shelf.index.contents.values() if all(sizes.get(one.name) != one.stored for sizes in held)]
    if lost:
        raise WebopsError(
            f"The snapshot {shelf.backup.id} cannot be restored: {len(lost)} contents, such as {min(lost)}, are whole in no destination.",
            hint="Name more destinations, or an earlier snapshot; object_backup_info lists them.",
        )


def _check(params: t.Mapping[str, t.Any]) -> None:
    check_reading(params, "proof_max_age")
    check_jobs(params["jobs"])
    check_choice(params["backup"], CHOICES)
    if params["fallbacks"] < 0:
        raise InputError(f"fallbacks is {params['fallbacks']}.", hint="Give how many older snapshots may be tried, 0 for none.")
    if params["state"] == "restored":
        _check_restore(params)
    elif params["prefix"] or params["remove_others"]:
        raise InputError("prefix and remove_others have no place in a proof, which is of a whole snapshot.", hint="Leave them out.")


def _check_restore(params: t.Mapping[str, t.Any]) -> None:
    if params["target"] is None:
        raise InputError("target is missing.", hint="Name the bucket or prefix to restore into; only a proof can do without.")
    confirmed = params["confirm"]
    if confirmed is not None and confirmed != params["target"]["store"]:
        raise InputError(
            f"confirm is '{confirmed}', the target is '{params['target']['store']}'.", hint="Write the target's URL if you mean it."
        )
    if params["remove_others"] and confirmed is None:
        raise InputError(
            "remove_others is true, and confirm is missing.", hint=f"If you mean it, set confirm to {params['target']['store']}."
        )


def _check_apart(target: str, given: Given, destinations: t.Sequence[tuple[str, Given]], portal: str) -> None:
    """Among the backups nothing is written or removed, whatever was confirmed. The same URL at two servers is two places."""
    for url, other in destinations:
        backups, wanted = f"{url}/{portal}/", f"{target}/"
        same_server = all(given.get(name) == other.get(name) for name in ("endpoint", "account"))
        if same_server and (backups.startswith(wanted) or wanted.startswith(backups)):
            raise InputError(
                f"The target {target} holds the backups of the destination {url}, or lies among them.",
                hint="Name another bucket or prefix.",
            )


def _chosen(catalog: t.Sequence[Backup], wanted: str, name: str) -> Backup:
    try:
        return choose_backup(catalog, wanted)
    except NotFoundError as exc:
        raise NotFoundError(f"{name}: {exc.message}", hint="object_backup_info lists them all with their states.") from exc
