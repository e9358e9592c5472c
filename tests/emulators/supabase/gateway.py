"""What becomes of a request: who may ask, how often, what goes wrong, who answers."""

from __future__ import annotations

import copy
import time
import typing as t

import psycopg

from tests.emulators.http_server import Answer, CutError
from tests.emulators.supabase import api, data_plane, excerpt, keeping, network
from tests.emulators.supabase.call import Call, parsed
from tests.emulators.supabase.errors import ApiError, not_found
from tests.emulators.supabase.limits import too_many

if t.TYPE_CHECKING:
    from tests.emulators.faults import Fault
    from tests.emulators.http_server import Request
    from tests.emulators.supabase.call import Handler
    from tests.emulators.supabase.control import Control
    from tests.emulators.supabase.world import Token, World

CONTROL = "/__emulator/"
PREFIX = "/v1"
RESTORES = ("/backups/restore", "/backups/restore-pitr", "/backups/undo")


class Gateway:
    """One for all ports."""

    def __init__(self, world: World, control: Control) -> None:
        self._world, self._control = world, control

    def __call__(self, request: Request) -> Answer:
        if request.path.startswith(CONTROL) and not request.ref:
            name = request.path.removeprefix(CONTROL)
            return _answered(lambda: self._control.answer(request.method, name, request.query, request.read()))
        plane = "data" if request.ref else "api"
        fault = self._world.faults.of_request(request.method, request.path)
        try:
            answer = _answered(lambda: self._handled(request, fault))
            if fault is not None and fault.kind == "cut_after":
                raise CutError
        except CutError:
            self._control.log(plane, request, 0)
            raise
        self._control.log(plane, request, answer.status)
        if fault is not None and fault.kind == "empty_json":
            return Answer(answer.status, b"", {**answer.headers, "content-type": "application/json; charset=utf-8"})
        return answer

    def _handled(self, request: Request, fault: Fault | None) -> Answer:
        if fault is not None:
            _before(fault)
        if request.ref:
            project = self._world.projects.get(request.ref)
            if project is None:
                raise not_found("Project not found")
            return data_plane.answer(self._world, project, request)
        return self._called(request, is_futile=fault is not None and fault.kind == "unchanged")

    def _called(self, request: Request, *, is_futile: bool) -> Answer:
        raw = request.read()
        token = self._token(request.headers.get("authorization", ""))
        if not request.path.startswith(f"{PREFIX}/"):
            raise not_found(f"Cannot {request.method} {request.path}")
        path = request.path.removeprefix(PREFIX)
        route = api.find(request.method, path)
        limits = self._world.limits.count(token.secret, route.names[0] if route.names else "", route.pattern)
        call = Call(request.method, path, route.pattern, route.names, request.query, token, parsed(raw))
        try:
            answer = self._worked(route.handler, call, is_futile=is_futile)
        except ApiError as exc:
            self._control.saw(request.method, route.pattern, Answer(exc.status, exc.body))
            exc.headers = {**limits, **exc.headers}
            raise
        self._control.saw(request.method, route.pattern, answer)
        answer.headers = {**limits, **answer.headers}
        return answer

    def _worked(self, handler: Handler, call: Call, *, is_futile: bool) -> Answer:
        """A project is one request's at a time."""
        if not call.pattern.split(" ")[1].startswith("/projects/*"):
            excerpt.check(call.pattern, call.body)
            return handler(self._world, call)
        call.found = self._world.project(call.names[0], call.token)
        excerpt.check(call.pattern, call.body)
        with call.project.lock:
            answer = self._in_vain(handler, call) if is_futile else handler(self._world, call)
            if call.method != "GET":
                keeping.keep(call.project)
        return answer

    def _in_vain(self, handler: Handler, call: Call) -> Answer:
        """Answered as ever, and the configuration is as before."""
        if call.pattern.endswith(RESTORES):
            return Answer(201)
        project, before = call.project, copy.deepcopy(call.project.settings)
        answer = handler(self._world, call)
        project.settings = before
        project.database.override(before.postgres)
        network.enforce(self._world, project)
        return answer

    def _token(self, given: str) -> Token:
        if not given.startswith("Bearer "):
            raise ApiError(401, "Unauthorized")
        token = self._world.tokens.get(given.removeprefix("Bearer "))
        if token is None:
            raise ApiError(401, "JWT could not be decoded" if not given.startswith("Bearer sbp_") else "Unauthorized")
        return token


def _answered(work: t.Callable[[], Answer]) -> Answer:
    try:
        return work()
    except ApiError as exc:
        return Answer(exc.status, exc.body, dict(exc.headers))
    except psycopg.Error as exc:
        return Answer(500, {"message": f"The project's database does not answer: {exc}"})


def _before(fault: Fault) -> None:
    """What goes wrong before anything happens."""
    figures = fault.with_
    if fault.kind == "cut_before":
        raise CutError
    if fault.kind == "slow":
        time.sleep(float(figures.get("seconds", 1)))
    if fault.kind == "rate_limited":
        raise too_many(int(figures.get("total", 120)), float(figures.get("retry_after", 1)), told=figures.get("header") != "reset")
    if fault.kind == "status":
        told = {"retry-after": str(figures["retry_after"])} if "retry_after" in figures else {}
        raise ApiError(int(figures.get("code", 503)), str(figures.get("message", "Internal server error")), headers=told)
