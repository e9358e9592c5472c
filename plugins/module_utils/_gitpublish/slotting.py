# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use cases of `git_publish` and `git_publish_info`: what the release engine does to a slot, as commits of a branch."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish import options, planning, record, repository, serving
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.building import Builder
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.contents import About
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.options import Settings
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.planning import Plan, Seen
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.publishers import Publisher, open_publisher
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.record import Record
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.repository import Heads, Repository, Update
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.serving import Proof, Site

LOOKING = 60.0


def look(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """What stands where."""
    place, site = options.read_place(call.params), options.read_site(call.params)
    with repository.open_repository(place, Commands()) as opened:
        seen = _see(opened, site, clock or SystemClock(), ())
    return Outcome({}, {}, {"platform": _status(seen)})


def reconcile(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Bring a slot into a state of the contract."""
    place, site, settings = options.read_place(call.params), options.read_site(call.params), options.read_settings(call.params)
    return _Task(call, settings, site, place, clock or SystemClock()).run()


class _Task:
    """One run of `git_publish`."""

    def __init__(self, call: Call, settings: Settings, site: Site, place: repository.Place, clock: Clock) -> None:
        self._call = call
        self._settings = settings
        self._site = site
        self._place = place
        self._clock = clock

    def run(self) -> Outcome:
        with repository.open_repository(self._place, Commands()) as opened:
            before = _see(opened, self._site, self._clock, self._known())
            record.refuse_overtaken(before.record, self._settings.fencing)
            plan = planning.plan(before, self._settings)
            if plan.build is not None and plan.tree is None:
                self._refuse_untested(opened, before.heads, plan.build)
            publisher = open_publisher(self._settings, self._clock, self._call.progress.show)
            made = Builder(opened, self._settings, self._site, self._clock).commit(before, plan, plan.build) if plan.build else None
            wanted = self._recorded(plan, made)
            if self._call.check_mode:
                return _outcome(before, _foreseen(before, plan, wanted), None, plan.warnings)
            self._push(opened, before, plan, wanted, made)
            preview = self._show(publisher, wanted, plan)
            if plan.prove is not None:
                self._publish(opened, publisher, plan.prove, str(wanted.slots[plan.slot].published))
            after = _see(opened, self._site, self._clock, self._known())
        return _outcome(before, after, preview, plan.warnings)

    def _known(self) -> tuple[str, ...]:
        """What may be in the published branch besides what we put there: all that the tested commit builds upon."""
        about = self._settings.about
        return (about.commit,) if about and about.commit and self._settings.content == "commit" else ()

    def _refuse_untested(self, opened: Repository, heads: Heads, about: About) -> None:
        """A dirty work tree, a commit that nobody has, a commit of another branch."""
        if self._settings.checkout:
            problem = repository.said_of_work_tree(self._settings.checkout, about.commit, Commands(), self._place.timeout)
            if problem:
                raise InputError(
                    f"checkout: {self._settings.checkout} {problem}. Nothing was pushed.", hint="Release what was tested and committed."
                )
        if self._settings.content == "commit" and not (heads.source and opened.builds_upon(heads.source, about.commit)):
            raise InputError(
                f"release.commit: {about.commit[:12]} is not in the branch {self._place.source} of {self._place.url}. Nothing was pushed.",
                hint="Push it there first, or name the branch that holds it in source_branch.",
            )

    def _recorded(self, plan: Plan, made: t.Optional[str]) -> Record:
        """The record that goes with the push."""
        wanted = dataclasses.replace(plan.record, fence=self._settings.fencing)
        if plan.promote:
            wanted = dataclasses.replace(wanted, tip=plan.promote)
        if not made:
            return wanted
        on_preview = self._settings.publisher == "branch" and self._settings.state == "staged"
        wanted = dataclasses.replace(wanted, preview=made) if on_preview else dataclasses.replace(wanted, tip=made)
        return wanted.with_slot(plan.slot, dataclasses.replace(wanted.slots[plan.slot], published=made))

    def _push(self, opened: Repository, before: Seen, plan: Plan, wanted: Record, made: t.Optional[str]) -> None:
        """Branch and record, together or not at all."""
        updates = []
        branch = f"refs/heads/{self._place.branch}"
        if made and wanted.preview == made:
            updates.append(Update(f"refs/heads/{self._place.preview}", made, before.heads.preview))
        elif made or plan.promote:
            updates.append(Update(branch, str(made or plan.promote), before.heads.branch))
        if wanted != before.record:
            seconds = int(self._clock.now().timestamp())
            title = f"{self._settings.state} {self._settings.slot}"
            # What it names stays reachable, also where somebody has moved the branch.
            parents = [commit for commit in (before.heads.record, made) if commit]
            kept = opened.commit_record(wanted.text(), parents, title, seconds)
            updates.append(Update(record.ref_of(self._place.branch), kept, before.heads.record))
        if updates:
            self._call.progress.show(f"pushes to {self._place.url}")
            opened.push(updates)

    def _show(self, publisher: Publisher, wanted: Record, plan: Plan) -> t.Optional[str]:
        """Wait until the preview shows what was staged; its address."""
        if not plan.await_preview:
            return None
        held = wanted.slots[plan.slot]
        deadline = Deadline(self._clock, self._settings.sync_timeout)
        if self._settings.publisher == "branch" and held.published != wanted.preview:
            return self._site.url  # users have it
        publisher.await_commit(str(held.published), deadline)
        preview = publisher.preview_url()
        there = dataclasses.replace(self._site, url=preview, edges=())
        Proof(there, str(held.release_id), 1, self._clock).wait(deadline, self._call.progress.show)
        return preview

    def _publish(self, opened: Repository, publisher: Publisher, about: About, commit: str) -> None:
        """Have everybody get it, and see that they do."""
        proof = Proof(self._site, about.id, self._settings.proof_requests, self._clock)
        if proof.problem(Deadline(self._clock, LOOKING)) is not None:
            publisher.await_commit(commit, Deadline(self._clock, self._settings.sync_timeout))
            publisher.publish(commit)
            proof.wait(Deadline(self._clock, publisher.seconds), self._call.progress.show)
        present = opened.heads().branch
        if present != commit:
            raise ConflictError(
                f"Somebody pushed to {self._place.branch} in between: it is at {str(present)[:12]}, not at {commit[:12]} of {about.id}.",
                hint="What users have now may hold it: it has to be tested and released, or reverted.",
            )


def _see(opened: Repository, site: Site, clock: Clock, known: t.Sequence[str]) -> Seen:
    heads = opened.fetch()
    text = opened.file(heads.record, record.FILE) if heads.record else None
    kept = record.parse(text.decode("utf-8", "replace"), opened.place.branch) if text is not None else record.EMPTY
    served = serving.look(site, Deadline(clock, LOOKING))
    published = {name: slot.published for name, slot in kept.slots.items()}
    return Seen(
        record=kept,
        heads=heads,
        served=served,
        strangers=_strangers(opened, heads.branch, (kept.tip, *known)),
        preview_strangers=_strangers(opened, heads.preview, (kept.preview, heads.branch, *known)),
        on_top=frozenset(name for name, commit in published.items() if commit and opened.builds_upon(commit, heads.branch)),
    )


def _strangers(opened: Repository, head: t.Optional[str], known: t.Sequence[t.Optional[str]]) -> tuple[str, ...]:
    """The commits of a branch that none of the known ones builds upon; none where nothing is known: others filled it before us."""
    vouching = [commit for commit in known if commit]
    if head is None or not vouching or any(opened.builds_upon(commit, head) for commit in vouching):
        return ()
    return tuple(opened.between(head, [commit for commit in vouching if opened.has(commit)]))


def _status(seen: Seen) -> dict[str, t.Any]:
    strange = (f"The branch holds commits of others: {'; '.join(seen.strangers)}.",) if seen.strangers and seen.record.tip else ()
    return record.status(seen.record, seen.served.release, [*seen.served.disagreements, *strange])


def _foreseen(before: Seen, plan: Plan, wanted: Record) -> Seen:
    """What a real run would leave."""
    served = dataclasses.replace(before.served, release=plan.prove.id, disagreements=()) if plan.prove else before.served
    return Seen(wanted, before.heads, served)


def _counted(seen: Seen) -> dict[str, t.Any]:
    """What counts as a change: not the fencing number, which only remembers who was here, nor ids of commits."""
    shown = _status(seen)
    slots = {name: {key: value for key, value in slot.items() if key != "published"} for name, slot in shown["slots"].items()}
    return {"weights": shown["weights"], "slots": slots}


def _outcome(before: Seen, after: Seen, preview: t.Optional[str], warnings: tuple[str, ...]) -> Outcome:
    return Outcome(_counted(before), _counted(after), {"platform": _status(after), "preview_url": preview}, warnings)
