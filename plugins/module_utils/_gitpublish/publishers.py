# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who makes a pushed commit what users get: Lovable's API, a person, or the host by itself."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import Access
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.contents import About
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.lovable import INTERVAL, Lovable
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.options import Settings
from ansible_collections.holdfast.webops.plugins.module_utils._release.approvals import standing
from ansible_collections.holdfast.webops.plugins.module_utils._release.promotion import is_same_artifact

Tell = t.Callable[[str], None]


class Publisher(t.Protocol):
    """What the hosts differ in."""

    @property
    def seconds(self) -> float:
        """How long everybody may take to get the release once it is published."""

    def preview_url(self) -> str:
        """Where a pushed release is shown before users see it."""

    def await_commit(self, commit: str, deadline: Deadline) -> None:
        """Wait until the host knows a commit."""

    def publish(self, commit: str) -> None:
        """Make the commit, which the host knows, what users get. Comes back when the host says so, or at once where it says nothing."""


class ByLovable:
    """Lovable publishes what is latest: so that is looked at before, and after."""

    def __init__(self, settings: Settings, access: Access, clock: Clock, tell: Tell) -> None:
        self.seconds = settings.publish_timeout
        self._api = Lovable(access, settings.project, clock, Deadline(clock, settings.sync_timeout + settings.publish_timeout))
        self._given_preview = settings.preview_url
        self._clock = clock
        self._tell = tell

    def preview_url(self) -> str:
        found = self._given_preview or self._api.project().preview_url.rstrip("/")
        if not found:
            raise ConflictError("Lovable tells no address of a preview for this project.", hint="Give it in preview_url.")
        return found

    def await_commit(self, commit: str, deadline: Deadline) -> None:
        while True:
            latest = self._api.project().latest
            if latest == commit:
                return
            if deadline.remaining() < INTERVAL:
                raise DeadlineError(
                    f"Lovable does not know the commit {commit[:12]} in time; the newest that it knows is {latest[:12] or 'none'}.",
                    hint="Look at the project's connection with its repository and branch. The same task run again goes on.",
                )
            self._tell(f"Lovable knows {latest[:12]}, waiting for {commit[:12]}")
            self._clock.sleep(INTERVAL)

    def publish(self, commit: str) -> None:
        self._expect(commit, "Nothing was published.")
        self._api.publish(self._tell)
        self._expect(commit, "What users have now may hold it.")

    def _expect(self, commit: str, so: str) -> None:
        latest = self._api.project().latest
        if latest != commit:
            raise ConflictError(
                f"Somebody was in between: Lovable's newest commit is {latest[:12] or 'none'}, not {commit[:12]} of this release. {so}",
                hint="Look at who works in the project's editor; what is there has to be tested and released, or reverted.",
                latest=latest,
            )


class ByHand:
    """A person does, who has promised it by an approval of this release; so long as that is good, it is waited for."""

    def __init__(self, settings: Settings, clock: Clock, tell: Tell) -> None:
        self._preview = settings.preview_url
        self._tell = tell
        self._promise = promise(settings.approvals, settings.about, clock.now()) if settings.state in ("staged", "shifted") else None
        self.seconds = _left(self._promise, clock.now()) if self._promise else settings.publish_timeout

    def preview_url(self) -> str:
        return self._preview

    def await_commit(self, commit: str, deadline: Deadline) -> None:
        """The preview tells."""

    def publish(self, commit: str) -> None:
        who = f"{self._promise['by']}, until {self._promise['expires_at']}" if self._promise else "whoever may publish"
        self._tell(f"waits for the commit {commit[:12]} to be published by {who}")


class ByPush:
    """The host publishes every push by itself."""

    def __init__(self, settings: Settings) -> None:
        self.seconds = settings.publish_timeout
        self._preview = settings.preview_url

    def preview_url(self) -> str:
        return self._preview

    def await_commit(self, commit: str, deadline: Deadline) -> None:
        """Its sites tell."""

    def publish(self, commit: str) -> None:
        """It was pushed."""


def open_publisher(settings: Settings, clock: Clock, tell: Tell) -> Publisher:
    """The one that the options name."""
    if settings.access is not None:
        return ByLovable(settings, settings.access, clock, tell)
    return ByHand(settings, clock, tell) if settings.publisher == "manual" else ByPush(settings)


def promise(approvals: t.Sequence[t.Mapping[str, t.Any]], about: t.Optional[About], now: datetime.datetime) -> t.Mapping[str, t.Any]:
    """The approval by which somebody has promised to publish a release. ConflictError where there is none. Pure."""
    wanted = dataclasses.asdict(about) if about else {}
    found = [approval for approval in standing(approvals, now) if about and is_same_artifact(approval, wanted)]
    if not found:
        raise ConflictError(
            f"publisher: manual: nobody has promised to publish {wanted.get('version')}: no approval of it stands in the ledger.",
            hint="Whoever will press Publish, Update at the host runs the playbook approve for this version first, then the deploy. "
            "The approval ends by itself, and so does the waiting.",
        )
    return max(found, key=lambda approval: parse_iso(str(approval["expires_at"])))


def _left(approval: t.Mapping[str, t.Any], now: datetime.datetime) -> float:
    return max((parse_iso(str(approval["expires_at"])) - now).total_seconds(), 1.0)
