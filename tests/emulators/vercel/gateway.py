"""The ASGI application: one port for the API, for visitors of every deployment and domain, for blobs, and for who rehearses."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import pathlib
import time
import typing as t
import urllib.parse

from tests.emulators.vercel import api, blob_api, control
from tests.emulators.vercel.blobs import DOMAIN
from tests.emulators.vercel.call import Answer, Call
from tests.emulators.vercel.errors import ApiError, forbidden
from tests.emulators.vercel.limits import Limits, too_many
from tests.emulators.vercel.serving import Visit, Visitors
from tests.emulators.vercel.storage import Body

if t.TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from tests.emulators.faults import Fault
    from tests.emulators.vercel.records import Team, Token
    from tests.emulators.vercel.world import World

API_HOSTS = frozenset(("127.0.0.1", "localhost", "api.vercel.com", "vercel.com"))
CONTROL = "/__emulator/"
BLOB = "/api/blob"
CHUNK = 1024 * 1024
LONGEST_CUT = 5.0


@dataclasses.dataclass
class Request:
    """What came in. `path` is plain for the API, as it is for everybody else."""

    plane: str
    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


class CutError(Exception):
    """The connection is to be cut instead of answered."""


class Gateway:
    """Answers everything, one request after the other as far as state goes."""

    def __init__(self, get_world: t.Callable[[], World], control_: control.Control, fronts: t.Mapping[int, str]) -> None:
        """`fronts`: ports of their own, each for the visitors of one host."""
        self._get_world = get_world
        self._fronts = fronts
        self._control = control_
        self._take_over(get_world())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        self._settle()
        request = _request(scope, self._fronts.get(scope["server"][1]))
        body = Body(self._world.files.incoming, os.urandom(8).hex())
        try:
            answer = await self._answer(request, receive, body)
            self._control.log(request.plane, request.method, request.host, request.path, answer.status)
            await asyncio.sleep(answer.seconds)
            await _send(answer, request.method, send)
        except CutError:
            self._control.log(request.plane, request.method, request.host, request.path, 0)
            await _cut(scope, receive)
        finally:
            body.discard()

    def _take_over(self, world: World) -> None:
        self._world, self._visitors, self._limits = world, Visitors(world), Limits(world)

    def _settle(self) -> None:
        """Take over a world that a reset has made, and let happen what is due."""
        world = self._get_world()
        if world is not self._world:
            self._take_over(world)
        world.clock.catch_up()

    async def _answer(self, request: Request, receive: Receive, body: Body) -> Answer:
        world = self._world
        fault = world.faults.of_request(request.method, request.path) if request.plane in ("api", "blob") else None
        try:
            if fault is not None:
                await self._before(fault)
            await _read(receive, body)
            world.clock.catch_up()
            answer = self._handled(request, body)
        except ApiError as exc:
            answer = Answer(exc.status, exc.body, dict(exc.headers))
        if fault is not None and fault.kind == "cut_after":
            raise CutError
        if fault is not None and fault.kind == "empty_json":
            return Answer(answer.status, b"", {"content-type": "application/json"})
        return answer

    async def _before(self, fault: Fault) -> None:
        figures = fault.with_
        if fault.kind == "cut_before":
            raise CutError
        if fault.kind == "slow":
            await asyncio.sleep(float(figures.get("seconds", 1)))
        if fault.kind == "rate_limited":
            name = "api-upload-paid" if fault.path.startswith("/files") else "api-requests"
            raise too_many(name, int(figures.get("total", 6)), float(figures.get("retry_after", 1)), self._world.clock.now)
        if fault.kind == "status":
            code = int(figures.get("code", 503))
            told = {"retry-after": str(figures["retry_after"])} if "retry_after" in figures else {}
            raise ApiError(code, "internal_server_error", str(figures.get("message", "An unexpected error happened.")), headers=told)

    def _handled(self, request: Request, body: Body) -> Answer:
        world = self._world
        if request.plane == "control":
            return self._control.answer(request.method, request.path.removeprefix(CONTROL), request.query, body)
        if request.plane == "visitor":
            return self._visited(world, request)
        if request.plane == "blob":
            return blob_api.answer(world, request.method, request.path.removeprefix(BLOB), request.query, request.headers, body)
        return self._called(world, request, body)

    def _visited(self, world: World, request: Request) -> Answer:
        visit = Visit(request.method, request.host, request.path, request.query, request.headers)
        store = world.stores.of_host(request.host) if request.host.endswith(DOMAIN) else None
        return blob_api.serve(world.stores, store, visit) if store is not None else self._visitors.answer(visit)

    def _called(self, world: World, request: Request, body: Body) -> Answer:
        token = _token(world, request.headers)
        route = api.find(request.method, request.path)
        limits = self._limits.count(token.secret, route.pattern)
        team = _team(world, token, request.query)
        call = Call(request.method, request.path, route.names, request.query, request.headers, body, token, team)
        _refuse_other_projects(world, call)
        try:
            answer = route.handler(world, call)
        except ApiError as exc:
            self._control.saw(request.method, route.pattern, Answer(exc.status, exc.body))
            raise
        if answer.lines is None:
            self._control.saw(request.method, route.pattern, answer)
        answer.headers = {**limits, **answer.headers}
        return answer


def _token(world: World, headers: dict[str, str]) -> Token:
    given = headers.get("authorization", "")
    if not given.startswith("Bearer "):
        raise ApiError(401, "forbidden", "The request is missing an authentication token", missingToken=True)
    token = world.tokens.get(given.removeprefix("Bearer "))
    if token is None:
        raise forbidden("Not authorized", invalidToken=True)
    return token


def _team(world: World, token: Token, query: dict[str, str]) -> Team:
    """The one that the request names, otherwise the token's first."""
    named = query.get("teamId") or query.get("slug")
    if not named:
        return world.teams[token.teams[0]]
    team = world.team_named(named)
    if team is None or team.id not in token.teams:
        message = f'Not authorized: Trying to access resource under scope "{named}".'
        raise forbidden(
            f"{message} You must re-authenticate to this scope or use a token with access to this scope.",
            saml=False,
            teamId=named,
            scope=named,
        )
    return team


def _refuse_other_projects(world: World, call: Call) -> None:
    """A token that is limited to projects sees nothing else; not even its own user."""
    if call.token.projects is None:
        return
    first = call.path.strip("/").split("/")[0]
    if first in ("user", "teams"):
        raise forbidden("The token is limited to projects and cannot be used for this.")
    if first == "projects" and call.names:
        project = world.find_project(call.team, call.names[0])
        if project is not None and not {project.id, project.name} & set(call.token.projects):
            raise forbidden("The token is limited to other projects.")


def _request(scope: Scope, front: str | None) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    host = front or headers.get("host", "").rsplit(":", 1)[0].lower()
    if host.endswith(".localhost"):
        host = host.removesuffix(".localhost")
    query = dict(urllib.parse.parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    path = scope["path"]
    if path.startswith(CONTROL):
        plane = "control"
    elif host not in API_HOSTS:
        plane = "visitor"
    elif path == BLOB or path.startswith(f"{BLOB}/"):
        plane = "blob"
    else:
        plane, path = "api", api.plain(path)
    return Request(plane, scope["method"], host, path, query, headers)


async def _read(receive: Receive, body: Body) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CutError
        body.add(message.get("body", b""))
        if not message.get("more_body", False):
            return


async def _send(answer: Answer, method: str, send: Send) -> None:
    headers, content = dict(answer.headers), b""
    if isinstance(answer.body, bytes):
        content = answer.body
    elif answer.body is not None and not isinstance(answer.body, pathlib.Path):
        content = json.dumps(answer.body).encode()
        headers["content-type"] = "application/json; charset=utf-8"
    if answer.lines is None and answer.status not in (204, 304):
        headers.setdefault("content-length", str(len(content)))
    wire = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": wire})
    if answer.lines is not None:
        async for line in answer.lines:
            await send({"type": "http.response.body", "body": line, "more_body": True})
    elif isinstance(answer.body, pathlib.Path) and method != "HEAD":
        await _send_file(answer.body, send)
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else content})


async def _send_file(path: pathlib.Path, send: Send) -> None:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _cut(scope: Scope, receive: Receive) -> None:
    """Close the connection under the client's feet, and wait until the server has noticed: it would answer 500 otherwise."""
    scope["state"]["abort"]()
    end = time.monotonic() + LONGEST_CUT
    while (await receive())["type"] != "http.disconnect" and time.monotonic() < end:
        await asyncio.sleep(0)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
