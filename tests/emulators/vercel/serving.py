"""What visitors get: which deployment answers a host name, whether they may see it, and what it answers."""

from __future__ import annotations

import collections
import json
import mimetypes
import random
import re
import typing as t
import urllib.parse

from starlette.requests import cookie_parser

from tests.emulators.vercel import rolling
from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.sites import Function, Site, site

if t.TYPE_CHECKING:
    from tests.emulators.vercel.records import Deployment, Project
    from tests.emulators.vercel.world import World

BYPASS = "x-vercel-protection-bypass"
BUCKET = "_vercel_rr"
BUCKETS = 10_000
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
TEXT: t.Final = {"content-type": "text/plain; charset=utf-8"}


class Visit(t.NamedTuple):
    """A visitor's request; `query` by name."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def cookies(self) -> dict[str, str]:
        return cookie_parser(self.headers.get("cookie", ""))


class Visitors:
    """Answers visitors; remembers what it has worked out about a deployment."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sites: dict[str, Site] = {}
        self._invocations: collections.Counter[tuple[str, str]] = collections.Counter()

    def answer(self, visit: Visit) -> Answer:
        project, deployment, generated = self._found(visit.host)
        if project is None or deployment is None:
            return _refusal(404, "DEPLOYMENT_NOT_FOUND", "The deployment could not be found on Vercel.")
        if project.paused:
            return _refusal(503, "DEPLOYMENT_PAUSED", "This deployment is temporarily paused")
        domain = project.domains.get(visit.host)
        if domain is not None and domain.redirect is not None:
            return Answer(domain.redirect_status or 307, b"", {"location": f"https://{domain.redirect}{_with_query(visit)}"})
        cookies: list[str] = []
        if domain is not None and domain.is_production and not generated:
            deployment = self._of_visitor(visit, project, deployment, cookies)
        if not _may_see(visit, project, deployment, generated=generated):
            return _refusal(401, "DEPLOYMENT_PROTECTED", "Authentication Required")
        if deployment.state != "READY":
            return _refusal(404, "DEPLOYMENT_NOT_READY", f"The deployment is {deployment.state}.")
        return self._served(visit, project, deployment, cookies)

    def _found(self, host: str) -> tuple[Project | None, Deployment | None, bool]:
        """Whose host it is, what it serves, and whether it is a generated one."""
        world = self._world
        if host in world.hosts:
            deployment = world.deployments[world.hosts[host]]
            return world.projects[deployment.project_id], deployment, True
        alias = world.aliases.get(host)
        if alias is None:
            return None, None, False
        return world.projects[alias.project_id], world.deployments.get(alias.deployment_id), False

    def _of_visitor(self, visit: Visit, project: Project, deployment: Deployment, cookies: list[str]) -> Deployment:
        """On a production domain: the one that the visitor's page came from, or the visitor's side of a rolling release."""
        pinned = self._pinned(visit, project)
        if pinned is not None:
            return pinned
        release = project.rolling
        if release is None or release.state != "ACTIVE":
            return deployment
        bucket = visit.cookies.get(BUCKET, "")
        if not bucket.isdigit():
            bucket = str(random.randrange(BUCKETS))
            cookies.append(f"{BUCKET}={bucket}; Path=/; HttpOnly; SameSite=Lax")
        gets_canary = int(bucket) < rolling.percentage(self._world, release) * BUCKETS / 100
        return self._world.deployments[release.canary_id if gets_canary else release.base_id]

    def _pinned(self, visit: Visit, project: Project) -> Deployment | None:
        wanted = visit.query.get("dpl") or visit.headers.get("x-deployment-id") or visit.cookies.get("__vdpl")
        age = project.settings.get("skewProtectionMaxAge") or 0
        found = self._world.deployments.get(wanted or "")
        if found is None or found.project_id != project.id or found.state != "READY":
            return None
        oldest = max(self._world.clock.now_ms - age * 1000, project.settings.get("skewProtectionBoundaryAt") or 0)
        return found if age and found.created >= oldest else None

    def _served(self, visit: Visit, project: Project, deployment: Deployment, cookies: list[str]) -> Answer:
        known = self._sites.get(deployment.id)
        if known is None:
            known = self._sites[deployment.id] = site(self._world, deployment)
        answer = self._page(visit, deployment, known)
        for name, value in known.rules.headers_of(visit.path):
            answer.headers[name] = value
        answer.headers |= {"server": "Vercel", "x-vercel-id": f"iad1::{deployment.id[4:12]}", "x-emulator-deployment": deployment.id}
        release = project.rolling
        if release is not None and release.state == "ACTIVE" and project.template is not None and project.template.canary_header:
            answer.headers["x-vercel-canary"] = "true" if deployment.id == release.canary_id else "false"
        if visit.headers.get("x-vercel-set-bypass-cookie"):
            cookies.append(f"{BYPASS}={visit.headers.get(BYPASS, visit.query.get(BYPASS, ''))}; Path=/; HttpOnly; SameSite=Lax")
        if cookies:
            answer.headers["set-cookie"] = cookies[0]
        return answer

    def _page(self, visit: Visit, deployment: Deployment, known: Site) -> Answer:
        moved = known.rules.redirect_of(visit.path) or _tidied(known, visit.path)
        if moved is not None:
            return Answer(moved[0], b"", {"location": moved[1]})
        path = visit.path if _names_something(known, visit.path) else known.rules.rewrite_of(visit.path) or visit.path
        function = known.functions.get(path.rstrip("/"))
        if function is not None:
            self._invocations[deployment.id, path] += 1
            return _invoked(self._world, deployment, path, function, self._invocations[deployment.id, path])
        if visit.method not in ("GET", "HEAD"):
            return _refusal(405, "METHOD_NOT_ALLOWED", "The method is not allowed.")
        name = _file_name(known, path)
        status = 200
        if name is None:
            name, status = "404.html", 404
            if name not in known.static:
                return _refusal(404, "NOT_FOUND", "The page could not be found")
        return self._file(visit, known, name, status)

    def _file(self, visit: Visit, known: Site, name: str, status: int) -> Answer:
        file = known.static[name]
        etag = f'"{file.sha}"'
        headers = {"etag": etag, "cache-control": "public, max-age=0, must-revalidate", "content-type": _type(name)}
        if status == 200 and visit.headers.get("if-none-match") == etag:
            return Answer(304, None, headers)
        return Answer(status, self._world.files.read(file.sha), headers)


def _tidied(known: Site, path: str) -> tuple[int, str] | None:
    """Where `cleanUrls` and `trailingSlash` send somebody."""
    if known.rules.clean_urls and path.endswith(".html") and path[1:] in known.static:
        return 308, path.removesuffix(".html").removesuffix("index") or "/"
    has_dot, slash = "." in path.rsplit("/", 1)[-1], known.rules.trailing_slash
    if slash is True and not path.endswith("/") and not has_dot:
        return 308, f"{path}/"
    if slash is False and path.endswith("/") and path != "/":
        return 308, path.rstrip("/")
    return None


def _names_something(known: Site, path: str) -> bool:
    return path.rstrip("/") in known.functions or _file_name(known, path) is not None


def _file_name(known: Site, path: str) -> str | None:
    """The static file that a path means."""
    name = path.strip("/")
    if name in known.static and not (path.endswith("/") and name):
        return name
    below = f"{name}/index.html".lstrip("/")
    if below in known.static:
        return below
    clean = f"{name}.html"
    return clean if known.rules.clean_urls and clean in known.static else None


def _type(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind in ("application/json", "text/javascript") else kind


def _invoked(world: World, deployment: Deployment, path: str, function: Function, number: int) -> Answer:
    """No code runs: the stand-in's text is filled from the deployment's environment. A name that is not set makes the function fail.

    `seconds` in it is how long each call takes, `fails_every` n makes each n-th one fail; `number` counts the calls.
    """
    if function.stand_in is None:
        facts = {"status": "ok", "function": path, "source": function.source, "deployment": deployment.id, "url": deployment.url}
        body = {**facts, "environment": deployment.env.get("VERCEL_ENV", ""), "meta": deployment.meta}
        return Answer(200, json.dumps(body).encode(), {"content-type": "application/json", "cache-control": "no-store"})
    known = {**deployment.env, **{f"META_{name}": value for name, value in deployment.meta.items()}}
    raw = world.files.read(function.stand_in.sha).decode()
    unset = sorted({name for name in PLACEHOLDER.findall(raw) if name not in known})
    if unset:
        return _refusal(500, "FUNCTION_INVOCATION_FAILED", f"{path}: not set: {', '.join(unset)}")
    stand_in = json.loads(PLACEHOLDER.sub(lambda match: json.dumps(known[match[1]])[1:-1], raw))
    body = stand_in.get("body", {})
    headers = {"content-type": "application/json", "cache-control": "no-store", **stand_in.get("headers", {})}
    status = 500 if stand_in.get("fails_every") and number % stand_in["fails_every"] == 0 else int(stand_in.get("status", 200))
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(status, content, headers, seconds=float(stand_in.get("seconds", 0)))


def _may_see(visit: Visit, project: Project, deployment: Deployment, *, generated: bool) -> bool:
    protection = project.settings.get("ssoProtection") or project.settings.get("passwordProtection")
    if not protection or not _covers(protection["deploymentType"], visit.host, deployment, generated=generated):
        return True
    secret = visit.headers.get(BYPASS) or visit.query.get(BYPASS) or visit.cookies.get(BYPASS)
    return secret in project.bypass


def _covers(kind: str, host: str, deployment: Deployment, *, generated: bool) -> bool:
    """Whether this kind of protection stands before this address."""
    if kind == "all":
        return True
    if kind == "preview":
        return deployment.target != "production"
    if kind == "all_except_custom_domains":
        return host.endswith(".vercel.app")
    return generated or deployment.target != "production"


def _with_query(visit: Visit) -> str:
    return visit.path + (f"?{urllib.parse.urlencode(visit.query)}" if visit.query else "")


def _refusal(status: int, code: str, message: str) -> Answer:
    """As the service's own pages say it."""
    body = f"{message}\n\n{code}\n".encode()
    return Answer(status, body, {**TEXT, "x-vercel-error": code, "cache-control": "public, max-age=0, must-revalidate"})
