# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `vercel_deploy`: hash, look whether it is there already, send what is missing, wait until it can be used."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import typing as t
import uuid

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import Query
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import (
    archive,
    configuration,
    creating,
    deployments,
    differences,
    gitsource,
    laying,
    serving,
)
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import Params, open_api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.awaiting import saying_what_is_live, wait_ready
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.deployments import (
    ATTEMPT,
    COMMIT,
    DIGEST,
    OURS,
    SETTINGS,
    VERSION,
    Deployment,
)
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import Serving
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.tree import Tree, read_tree
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.uploading import Sent, Uploader, sources_of, sources_of_archive

# Settings of a project that a build depends on.
BUILD_SETTINGS = (
    *("buildCommand", "framework", "installCommand", "nodeVersion", "outputDirectory", "rootDirectory", "serverlessFunctionRegion"),
    "resourceConfig",
)
# What has to be the same for a deployment to be the same.
IDENTITY = (DIGEST, SETTINGS, VERSION)
# Vercel's limit of meta data is not published; its own CLI's users have been seen to pass values of this length.
LONGEST_VALUE = 500
WARNING_WITHHELD = "{count} files of secrets stay here ({names}). Name them in allow_env_files when Vercel is meant to have them."
NAMED = 5


@dataclasses.dataclass(frozen=True)
class Work:
    """One task: what it was asked for, and what it found before it did anything. `tree` is None for a source in git."""

    call: Call
    api: Api
    project: t.Mapping[str, t.Any]
    live: Serving
    tree: t.Optional[Tree]
    source: t.Optional[dict[str, t.Any]]
    meta: t.Mapping[str, str]

    @property
    def params(self) -> Params:
        return self.call.params


def deploy(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Have a deployment with this content."""
    params = call.params
    _check(params)
    api = open_api(params, clock or SystemClock(), connections=params["parallel_uploads"])
    tree = None
    if params["path"] is not None:
        call.progress.show("reading the files")
        tree = read_tree(
            params["path"], prebuilt=params["prebuilt"], allowed_env=params["allow_env_files"], largest=params["max_file_size"]
        )
    with saying_what_is_live(api, params["project"]):
        work = _look(call, api, tree)
        packed = work.tree is not None and archive.wanted(params["archive"], len(work.tree.entries))
        equal = None if params["force"] else _equal(work)
        if call.check_mode:
            return _outcome(work, equal, equal, Sent(), packed)
        if equal:  # what another run has made may still be building
            return _outcome(work, equal, _ready(work, deployments.id_of(equal)), Sent(), packed)
        deployment, sent = _make(work, packed=packed)
        return _outcome(work, None, deployment, sent, packed)


def _ready(work: Work, deployment_id: str) -> Deployment:
    return wait_ready(work.api, deployment_id, work.params["project"], staged=work.params["staged"], progress=work.call.progress)


def _look(call: Call, api: Api, tree: t.Optional[Tree]) -> Work:
    """Everything that is known before the decision."""
    params = call.params
    project = serving.read_project(api, params["project"])
    source = gitsource.source_of(params["git"], project) if params["git"] else None
    if tree and params["configuration"]:
        tree = laying.laid_over(tree, params["configuration"], project.get("rootDirectory"))
    variables = (api.get("list the environment variables", f"/v10/projects/{project['id']}/env") or {}).get("envs") or []
    meta = {
        **params["meta"],
        DIGEST: tree.digest() if tree else gitsource.digest(source or {}),
        SETTINGS: _settings_digest(params, project, variables),
        ATTEMPT: uuid.uuid4().hex,
    }
    commit = params["git_sha"] or (source or {}).get("sha")
    given = {VERSION: params["version"], COMMIT: commit}
    meta.update({name: value for name, value in given.items() if value})
    return Work(call, api, project, serving.serving_of(project), tree, source, meta)


def _settings_digest(params: Params, project: t.Mapping[str, t.Any], variables: t.Iterable[t.Mapping[str, t.Any]]) -> str:
    """Of all that changes what a build gives, besides its files: a variable that was set anew asks for a new deployment."""
    target = params["target"]
    settings = {name: project.get(name) for name in BUILD_SETTINGS}
    known = sorted(
        (str(variable.get("key")), str(variable.get("id")), str(variable.get("updatedAt")), str(variable.get("gitBranch")))
        for variable in variables
        if target in (variable.get("target") or []) or variable.get("customEnvironmentIds")
    )
    text = json.dumps([target, params["prebuilt"], settings, known], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _equal(work: Work) -> t.Optional[Deployment]:
    """A deployment that is what the task would make. A branch of git moves, so that only a commit can be compared."""
    if work.tree is None and not (work.source or {}).get("sha"):
        return None
    return creating.find_equal(work.api, work.live.project_id, work.params["target"], work.meta, IDENTITY)


def _make(work: Work, *, packed: bool) -> tuple[Deployment, Sent]:
    """Send what Vercel lacks, create, wait."""
    if work.tree is None:
        return _created(work, [], Uploader(work.api, {}, 1, work.call.progress))
    parallel = work.params["parallel_uploads"]
    if not packed:
        files = [{"file": entry.path, "sha": entry.sha1, "size": entry.size, "mode": entry.mode} for entry in work.tree.entries]
        return _created(work, files, Uploader(work.api, sources_of(work.tree), parallel, work.call.progress))
    work.call.progress.show(f"packing {len(work.tree.entries)} files")
    with archive.pack(work.tree) as file:
        parts = archive.parts_of(file)
        files = [{"file": part.path, "sha": part.sha1, "size": part.size, "mode": archive.MODE} for part in parts]
        return _created(work, files, Uploader(work.api, sources_of_archive(file, parts), parallel, work.call.progress))


def _created(work: Work, files: list[dict[str, t.Any]], uploader: Uploader) -> tuple[Deployment, Sent]:
    query: Query = {
        "skipAutoDetectionConfirmation": 1,
        "prebuilt": 1 if work.params["prebuilt"] else None,
        "forceNew": 1 if work.params["force"] else None,
    }
    made = creating.create(work.api, work.live.project_id, _body(work, files), query, uploader.send)
    return _ready(work, deployments.id_of(made)), uploader.sent


def _body(work: Work, files: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    params = work.params
    body: dict[str, t.Any] = {"name": work.live.name, "project": work.live.project_id, "meta": dict(work.meta), "version": 2}
    if params["target"] == "production":
        body["target"] = "production"
        if params["staged"]:
            # The only way to have a production build without traffic. Left out, the project's own setting counts.
            body["autoAssignCustomDomains"] = False
    elif params["target"] != "preview":
        body["customEnvironmentSlugOrId"] = params["target"]
    if work.source:
        body["gitSource"] = work.source
    else:
        body["files"] = files
    return body


def _check(params: Params) -> None:
    """What can be said before anything is read."""
    if params["prebuilt"] and params["path"] is None:
        raise InputError("prebuilt: what is built already is in a directory.", hint="Give 'path'.")
    if params["configuration"] and (params["git"] or params["prebuilt"]):
        raise InputError(
            f"configuration: {'a commit' if params['git'] else 'a prebuilt output'} brings its own, which cannot be replaced.",
            hint="It works with 'path' alone, where Vercel builds.",
        )
    configuration.check(params["configuration"])
    if not 1 <= params["parallel_uploads"] <= 64:
        raise InputError(f"parallel_uploads: {params['parallel_uploads']} is not between 1 and 64.")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", params["target"]):
        raise InputError(f"target: '{params['target']}' is no environment.", hint="production, preview, or the slug of a custom one.")
    for name, value in params["meta"].items():
        if str(name).startswith(OURS):
            raise InputError(f"meta: names that begin with '{OURS}' are the collection's own, such as {name}.")
        if not isinstance(value, str) or len(value) > LONGEST_VALUE:
            raise InputError(f"meta: the value of {name} is not a text of at most {LONGEST_VALUE} letters.", hint="Quote numbers.")


def _outcome(work: Work, equal: t.Optional[Deployment], made: t.Optional[Deployment], sent: Sent, packed: bool) -> Outcome:
    """What was there and what is there now. Files are compared with those of the live deployment, where somebody sees it."""
    before: dict[str, t.Any] = {"deployment": deployments.id_of(equal) if equal else None}
    after: dict[str, t.Any] = {"deployment": deployments.id_of(made) if made else "(a new one)"}
    comparison, upload = None, None
    if equal is None and work.tree is not None and (work.call.check_mode or work.call.diff_mode):
        here, live = differences.files_here(work.tree), _live_files(work)
        comparison = differences.compare(live, here)
        upload = len(set(here.values()) - set(live.values()))
        before["files"], after["files"] = differences.shortened(live, here), differences.shortened(here, live)
    values = {
        "deployment": deployments.shown(made),
        "live": work.live.current,
        "digest": work.meta[DIGEST],
        "files": len(work.tree.entries) if work.tree else None,
        "size": work.tree.size if work.tree else None,
        "archived": packed,
        "withheld": work.tree.withheld if work.tree else [],
        "uploaded_files": sent.files,
        "uploaded_bytes": sent.size,
        "comparison": comparison,
        "would_upload": upload if work.call.check_mode else None,
        "requests": work.api.sent,
    }
    return Outcome(before, after, values, _warnings(work))


def _live_files(work: Work) -> differences.Files:
    """Of an archive Vercel shows the archive; then nothing can be compared."""
    found = differences.files_of(work.api, work.live.current) if work.live.current else None
    return {path: sha1 for path, sha1 in (found or {}).items() if not path.startswith(".vercel/source.")}


def _warnings(work: Work) -> tuple[str, ...]:
    withheld = work.tree.withheld if work.tree else []
    if not withheld:
        return ()
    names = ", ".join(withheld[:NAMED]) + (", ..." if len(withheld) > NAMED else "")
    return (WARNING_WITHHELD.format(count=len(withheld), names=names),)
