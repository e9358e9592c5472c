"""Deployments: created from files that are already there, looked up, listed, cancelled, deleted."""

from __future__ import annotations

import base64
import io
import json
import re
import stat
import tarfile
import typing as t

from tests.emulators.vercel import builds, env, wire
from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.errors import bad_request, forbidden, not_found
from tests.emulators.vercel.faults import OF_DEPLOYMENTS
from tests.emulators.vercel.projects import make_project
from tests.emulators.vercel.records import FOLDER, SYMLINK, Deployment, File, kind_of

if t.TYPE_CHECKING:
    from tests.emulators.vercel.call import Call
    from tests.emulators.vercel.records import Object, Project
    from tests.emulators.vercel.world import World

ARCHIVE = re.compile(r"^\.vercel/source\.tgz\.part(\d+)$")
REGULAR = 0o100644
NOT_KEPT = ("files", "env", "build", "meta")


def create(world: World, call: Call) -> Answer:
    """POST /deployments; 400 missing_files names what has to be uploaded first, and nothing is kept of the attempt."""
    given = call.given()
    project = _project_of(world, call, given)
    base = _redeployed(world, call, given)
    files = base.files if base is not None else _files(world, given)
    deployment = _make(world, call, project, given, files, base)
    world.add_deployment(deployment)
    builds.enqueue(world, deployment)
    return Answer(200, wire.deployment(world, deployment))


def show(world: World, call: Call) -> Answer:
    return Answer(200, wire.deployment(world, world.deployment(call.team, call.names[0])))


def cancel(world: World, call: Call) -> Answer:
    deployment = world.deployment(call.team, call.names[0])
    if deployment.is_over:
        raise bad_request(f"Cannot cancel the deployment in state {deployment.state}.")
    builds.cancel(world, deployment)
    return Answer(200, wire.deployment(world, deployment))


def delete(world: World, call: Call) -> Answer:
    """Refused while a domain serves it."""
    deployment = world.deployment(call.team, call.query.get("url") or call.names[0])
    hosts, release = world.hosts_of(deployment), world.projects[deployment.project_id].rolling
    if release is not None and release.state == "ACTIVE" and deployment.id in (release.base_id, release.canary_id):
        raise bad_request("The deployment is part of an active rolling release.", code="deployment_in_use")
    if hosts:
        raise bad_request(f"The deployment is aliased to {', '.join(hosts)}.", code="deployment_in_use")
    world.drop_deployment(deployment)
    return Answer(200, {"uid": deployment.id, "state": "DELETED"})


def index(world: World, call: Call) -> Answer:
    """GET /deployments, newest first; `until` and `since` are times of creation."""
    found = [deployment for deployment in _candidates(world, call) if _is_wanted(world, deployment, call)]
    found.sort(key=lambda deployment: deployment.created, reverse=True)
    limit = min(call.number("limit", 20), 100)
    page = found[:limit]
    more = page[-1].created if len(found) > limit else None
    pages = {"count": len(page), "next": more, "prev": page[0].created if page else None}
    return Answer(200, {"deployments": [wire.listed(world, deployment) for deployment in page], "pagination": pages})


def files_of(world: World, call: Call) -> Answer:
    """GET /deployments/{id}/files: the tree."""
    return Answer(200, wire.tree(world.deployment(call.team, call.names[0]).files))


def file_of(world: World, call: Call) -> Answer:
    """GET /deployments/{id}/files/{file}: its content, as the service wraps it."""
    deployment = world.deployment(call.team, call.names[0])
    if all(file.sha != call.names[1] for file in deployment.files.values()):
        raise not_found("File not found")
    return Answer(200, {"data": base64.b64encode(world.files.read(call.names[1])).decode()})


def _candidates(world: World, call: Call) -> list[Deployment]:
    """Those of the projects that are asked for, or of the team."""
    name = call.query.get("projectId") or call.query.get("app")
    chosen = [name] if name else [part for part in call.query.get("projectIds", "").split(",") if part]
    projects = [world.find_project(call.team, each) for each in chosen] if chosen else list(world.projects.values())
    own = [project for project in projects if project is not None and project.team_id == call.team.id]
    return [world.deployments[identity] for project in own for identity in project.deployments]


def _is_wanted(world: World, deployment: Deployment, call: Call) -> bool:
    query, created = call.query, deployment.created
    tests = (
        "target" not in query or (deployment.target or "preview") == query["target"],
        "state" not in query or deployment.state in query["state"].split(","),
        "until" not in query or created < call.number("until", 0),
        "to" not in query or created < call.number("to", 0),
        "since" not in query or created > call.number("since", 0),
        "from" not in query or created > call.number("from", 0),
        not call.flag("rollbackCandidate") or wire.is_candidate(world, deployment),
        "sha" not in query or wire.commit_of(deployment).get("sha") == query["sha"],
        "branch" not in query or wire.commit_of(deployment).get("ref") == query["branch"],
        all(deployment.meta.get(name[5:]) == value for name, value in query.items() if name.startswith("meta-")),
    )
    return all(tests)


# --- creation ---


def _project_of(world: World, call: Call, given: Object) -> Project:
    """The one named, made when there is none, as for a first `vercel` in a folder."""
    name = given.get("project") or given.get("name")
    if not isinstance(name, str) or not name:
        raise bad_request("Invalid request: missing required property `name`.")
    found, narrow = world.find_project(call.team, name), call.token.projects
    if narrow is not None and (found is None or not {found.id, found.name} & set(narrow)):
        raise forbidden("The token is limited to other projects.")
    if found is not None:
        return found
    if name.startswith("prj_"):
        raise not_found("Project not found.")
    return make_project(world, call.team, name, {})


def _redeployed(world: World, call: Call, given: Object) -> Deployment | None:
    return world.deployment(call.team, str(given["deploymentId"])) if given.get("deploymentId") else None


def _make(world: World, call: Call, project: Project, given: Object, files: dict[str, File], base: Deployment | None) -> Deployment:
    target = _target(world, project, given)
    meta = {**(base.meta if base else {}), **{str(key): str(value) for key, value in (given.get("meta") or {}).items()}}
    slug = re.sub(r"[^a-z0-9]+", "-", project.name.lower()).strip("-")[:40]
    deployment = Deployment(
        id=world.new_id("dpl_"),
        name=project.name,
        url=f"{slug}-{world.new_id('', 9).lower()}-{call.team.slug}.vercel.app",
        project_id=project.id,
        team_id=call.team.id,
        target=target,
        created=_moment(world, project),
        files=files,
        env={},
        meta=meta,
        body={key: value for key, value in given.items() if key not in NOT_KEPT},
        auto_assign=given.get("autoAssignCustomDomains"),
        config=_config(world, files),
        faults=world.faults.each(OF_DEPLOYMENTS),
    )
    deployment.env = {**env.of_deployment(world, project, deployment), **(given.get("env") or {})}
    return deployment


def _target(world: World, project: Project, given: Object) -> str | None:
    """The first deployment of a project goes to production even without being asked to."""
    target = given.get("target")
    custom = given.get("customEnvironmentSlugOrId") or (target if target not in (None, "production", "staging", "preview") else None)
    if custom is not None:
        found = project.custom_environments.get(custom) or next(
            (one for one in project.custom_environments.values() if one["slug"] == custom), None
        )
        if found is None:
            raise bad_request(f"There is no environment {custom} in the project.")
        given["customEnvironmentId"] = found["id"]
        return None
    if target is None and not project.deployments:
        return "production"
    return None if target == "preview" else target


def _moment(world: World, project: Project) -> int:
    """Each deployment of a project has a time of its own: lists are paged by it."""
    last = world.deployments[project.deployments[-1]].created if project.deployments else 0
    return max(world.clock.now_ms, last + 1)


def _config(world: World, files: dict[str, File]) -> Object:
    file = files.get("vercel.json")
    if file is None:
        return {}
    try:
        found = json.loads(world.files.read(file.sha))
    except ValueError:
        return {"invalid": True}
    return found if isinstance(found, dict) else {"invalid": True}


def _files(world: World, given: Object) -> dict[str, File]:
    if given.get("gitSource"):
        return {}
    listed = given.get("files")
    if not isinstance(listed, list) or not listed:
        raise bad_request("Invalid request: `files` should be an array of at least one file.")
    if len(listed) > world.settings.max_files:
        raise bad_request(f"Invalid request: `files` should NOT have more than {world.settings.max_files} items.", code="too_many_files")
    missing = sorted({str(item["sha"]) for item in listed if item.get("sha") and world.files.size(str(item["sha"])) is None})
    if missing:
        raise bad_request("Missing files", code="missing_files", missing=missing)
    return _unpacked(world, {_path(item): _file(world, item) for item in listed})


def _path(item: Object) -> str:
    path = str(item.get("file", "")).removeprefix("./")
    if not path or path.startswith("/") or ".." in path.split("/"):
        raise bad_request(f"Invalid request: `file` {path!r} should be a relative path that stays inside.", code="invalid_path")
    return path


def _file(world: World, item: Object) -> File:
    mode = int(item.get("mode") or REGULAR)
    if "data" in item:
        encoded = item.get("encoding") == "base64"
        content = base64.b64decode(item["data"]) if encoded else str(item["data"]).encode()
        return File(world.files.put(content), len(content), mode)
    if not item.get("sha"):
        if kind_of(mode) == FOLDER:
            return File("", 0, mode)
        raise bad_request(f"Invalid request: the file {item.get('file')} has neither `sha` nor `data`.")
    return File(str(item["sha"]), world.files.size(str(item["sha"])) or 0, mode)


def _unpacked(world: World, files: dict[str, File]) -> dict[str, File]:
    """With what a `--archive=tgz` upload holds instead of its parts."""
    parts = sorted((int(match[1]), path) for path in files if (match := ARCHIVE.match(path)))
    if not parts:
        return files
    found = {path: file for path, file in files.items() if not ARCHIVE.match(path)}
    whole = b"".join(world.files.read(files[path].sha) for _number, path in parts)
    try:
        with tarfile.open(fileobj=io.BytesIO(whole), mode="r:gz") as archive:
            for member in archive:
                found |= _member(world, archive, member)
    except tarfile.TarError as exc:
        raise bad_request("The archive cannot be read.", code="invalid_archive") from exc
    return found


def _member(world: World, archive: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, File]:
    path = _path({"file": member.name})
    if member.issym():
        return {path: File(world.files.put(member.linkname.encode()), len(member.linkname), SYMLINK | 0o777)}
    content = archive.extractfile(member) if member.isfile() else None
    if content is None:
        return {}
    data = content.read()
    return {path: File(world.files.put(data), len(data), stat.S_IFREG | member.mode)}
