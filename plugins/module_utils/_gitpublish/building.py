# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commit of a release: the tested files, what is generated beside them, and what open tabs of the release before still need."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish import contents, serving
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.contents import About
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.options import Settings
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.planning import Plan, Seen
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.record import slot_of
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.repository import Change, Repository
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.serving import Site
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import GoneError

# Seconds in which the files that open tabs need are fetched from the site.
FETCHING = 120.0


class Builder:
    """Makes release commits in a repository."""

    def __init__(self, repository: Repository, settings: Settings, site: Site, clock: Clock) -> None:
        self._repository = repository
        self._settings = settings
        self._generated = settings.generated
        self._site = site
        self._clock = clock

    def commit(self, seen: Seen, plan: Plan, about: About) -> str:
        """The commit, on top of the published branch; not pushed."""
        tested = about.commit if self._settings.content == "commit" and plan.tree is None else ""
        change = self._without_older_extras(self._base(seen, plan, about))
        kept = self._kept(seen, about, change) if self._generated.keep_assets else {}
        change = Change(change.tree, {**change.added, **self._made(about, change, kept)}, change.removed)
        parents = self._parents(seen.heads.branch, tested)
        return self._repository.commit(change, parents, self._message(seen, plan, about), int(self._clock.now().timestamp()))

    def _message(self, seen: Seen, plan: Plan, about: About) -> str:
        name = about.version or about.id
        if plan.tree is not None:
            return contents.message(f"Revert to {name}", about)
        again = self._repository.released(seen.heads.branch, f"{contents.TRAILER}: {about.id}")
        return contents.message(f"Release {name}{' again' if again else ''}", about)

    def _parents(self, head: t.Optional[str], tested: str) -> list[str]:
        if head is None:
            return [tested] if tested else []
        if not tested or self._repository.builds_upon(head, tested):
            return [head]
        return [tested] if self._repository.builds_upon(tested, head) else [head, tested]

    def _base(self, seen: Seen, plan: Plan, about: About) -> Change:
        """The files that were tested, or those of the release that comes back."""
        if plan.tree:
            return Change(plan.tree, {})
        if self._settings.content == "commit":
            return Change(about.commit, {})
        if self._settings.path:
            return Change(None, {self._generated.at(path): content for path, content in _files_in(self._settings.path)})
        trailer = f"{contents.TRAILER}: {about.id}"
        found = self._repository.released(seen.heads.branch, trailer) or self._repository.released(seen.heads.preview, trailer)
        if found is None:
            raise NotFoundError(
                f"No commit of the branch is the release {about.id}, and no built site was given.", hint="Deploy its artefact again."
            )
        return Change(found, {})

    def _without_older_extras(self, change: Change) -> Change:
        """What an earlier release left for its open tabs is in its release file."""
        if change.tree is None:
            return change
        older = contents.read_release_file(self._repository.file(change.tree, self._generated.at(self._generated.release_file)) or b"")
        extras = {self._generated.at(path.lstrip("/")) for path in (older or {"kept": []})["kept"]}
        return Change(change.tree, change.added, tuple(sorted(extras & set(self._assets_of(change.tree)))))

    def _kept(self, seen: Seen, about: About, change: Change) -> dict[str, bytes]:
        """Files that users' open tabs may ask for and that this release has not: path in the branch by content."""
        if seen.served.shows(about.id):
            return {}
        found = self._built_assets(seen) if not self._generated.public_dir else self._assets_on_site()
        own = {*change.added, *(set(self._assets_of(change.tree)) - set(change.removed) if change.tree else ())}
        return {path: content for path, content in found.items() if path not in own}

    def _assets_on_site(self) -> dict[str, bytes]:
        """Where the host builds, only the site has them."""
        try:
            found = serving.files_of_page(self._site, Deadline(self._clock, FETCHING))
        except GoneError as exc:
            raise ConflictError(
                f"The files that open tabs need could not be fetched from {self._site.url}: {exc}.",
                hint="Look at the site, or switch keep_assets off where the host keeps them.",
            ) from None
        return {self._generated.at(path.lstrip("/")): content for path, content in found.items()}

    def _built_assets(self, seen: Seen) -> dict[str, bytes]:
        live = slot_of(seen.record, seen.served.release)
        commit = seen.record.slots[live].published if live else None
        if commit is None:
            return {}
        about = contents.read_release_file(self._repository.file(commit, self._generated.release_file) or b"") or {"kept": []}
        own = set(self._assets_of(commit)) - {path.lstrip("/") for path in about["kept"]}
        return {path: self._repository.file(commit, path) or b"" for path in own}

    def _assets_of(self, commit: str) -> list[str]:
        return self._repository.files_below(commit, self._generated.at(self._generated.assets_dir))

    def _made(self, about: About, change: Change, kept: t.Mapping[str, bytes]) -> dict[str, bytes]:
        """What is generated."""
        made = dict(kept)
        prefix = len(self._generated.at(""))
        paths = [f"/{path[prefix:]}" for path in kept]
        made[self._generated.at(self._generated.release_file)] = contents.release_file(about, iso(self._clock.now()), paths)
        if self._generated.environment is not None:
            made[self._generated.environment_file] = self._generated.environment
        if self._generated.index:
            made[self._generated.index] = contents.with_meta(self._page(change), about.id, self._generated.index).encode()
        return made

    def _page(self, change: Change) -> str:
        path = self._generated.index
        content = change.added.get(path) or (self._repository.file(change.tree, path) if change.tree else None)
        if content is None:
            raise InputError(f"index: the release has no {path}, so it can get no meta tag.", hint="Name another page, or none.")
        return content.decode("utf-8", "replace")


def _files_in(folder: str) -> t.Iterator[tuple[str, bytes]]:
    """All files of a built site. What git keeps for itself, and links, stay out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {".git"})
        for name in sorted(names):
            path = os.path.join(place, name)
            if not os.path.islink(path):
                with open(path, "rb") as file:
                    yield os.path.relpath(path, folder), file.read()
