# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the ledger of another environment shows of a release. Pure.

A release may be promoted when exactly that artefact was found good there and stayed so: the same SHA-256, or for platforms
that build by themselves the same version and commit.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

Record = t.Mapping[str, t.Any]
LATEST = "latest"


@dataclasses.dataclass(frozen=True)
class Finding:
    """Whether the other environment vouches for the release, in a sentence, and with which release of its own."""

    passed: bool
    says: str
    release: dict[str, t.Any] | None = None


def is_same_artifact(release: Record, wanted: Record) -> bool:
    """By SHA-256 where the wanted release has one, else by version and, where it is known, commit."""
    if wanted.get("artifact_sha256"):
        return bool(release.get("artifact_sha256") == wanted["artifact_sha256"])
    return bool(release.get("version") == wanted["version"] and release.get("commit") == (wanted.get("commit") or release.get("commit")))


def describe(wanted: Record) -> str:
    """A release by what makes it that one, for messages."""
    version = str(wanted["version"])
    if wanted.get("artifact_sha256"):
        return f"{version} (artefact {wanted['artifact_sha256'][:12]})"
    return f"{version} (commit {wanted['commit']})" if wanted.get("commit") else version


def found_good(other: Record, wanted: Record) -> Finding:
    """What the ledger `other` (environment, state, chain) says of `wanted`."""
    environment = other["environment"]
    if other["chain"]["problem"]:
        return Finding(False, f"The ledger of {environment} is damaged and vouches for nothing: {other['chain']['problem']}")
    if not (wanted.get("artifact_sha256") or wanted.get("commit")):
        return Finding(
            False, f"{wanted['version']} has neither artefact nor commit, so nobody can tell that {environment} verified the same."
        )
    known = [release for release in other["state"]["releases"] if is_same_artifact(release, wanted)]
    good = [release for release in known if release["status"] == "good"]
    if good:
        newest = good[-1]
        return Finding(True, f"{environment} found {describe(wanted)} good at {newest['completed_at']}: {newest['id']}.", dict(newest))
    if known:
        return Finding(False, f"{environment} did not find {describe(wanted)} good: {_fate(known[-1])}.")
    return Finding(False, f"{environment} never had {describe(wanted)}; {_shown_instead(other['state'], wanted)}.")


def choose(other: Record, which: str) -> dict[str, t.Any]:
    """The good release of another environment that is to be promoted: `latest`, an id or a version; InputError when there is none.

    `latest` is the one that is live there, when it was found good: who went back from a newer one had a reason.
    """
    environment, state = other["environment"], other["state"]
    if other["chain"]["problem"]:
        raise InputError(f"The ledger of {environment} is damaged and vouches for nothing: {other['chain']['problem']}")
    good = [release for release in state["releases"] if release["status"] == "good"]
    if which == LATEST:
        live = [release for release in good if state["live"] and release["id"] == state["live"]["id"]]
        named = live or good
    else:
        named = [release for release in good if which in (release["id"], release["version"])]
    if named:
        return dict(named[-1])
    known = [release for release in state["releases"] if which in (release["id"], release["version"])]
    why = f"{known[-1]['id']}: {_fate(known[-1])}" if known else _shown_instead(state, {"version": which})
    what = "no release" if which == LATEST else f"no release '{which}'"
    raise InputError(f"{environment} has {what} that was found good; {why}.", hint="Deploy it there first.")


def _fate(release: Record) -> str:
    """What became of a release that is not good, as the end of a sentence."""
    because = f" ({release['reason']})" if release["reason"] else ""
    return {
        "opened": f"it is under way there, last at {release['last_event']} {release['last_at']}",
        "live": f"it is live there since {release['live_at']}, but was not found good yet",
        "failed": f"it failed there at {release['ended_at']}{because}",
        "rolled_back": f"it was rolled back there at {release['ended_at']}{because}",
    }[release["status"]]


def _shown_instead(state: Record, wanted: Record) -> str:
    """What the other ledger has in its place."""
    namesakes = [release for release in state["releases"] if release["version"] == wanted["version"]]
    if namesakes:
        return f"its {namesakes[-1]['id']} is {describe(namesakes[-1])}"
    live = state["live"]
    return f"live there is {live['id']}, {live['status']}" if live else "no release is live there"
