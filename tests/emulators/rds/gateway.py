"""What becomes of a request: who asks, what goes wrong, who answers."""

from __future__ import annotations

import time
import typing as t
import urllib.parse

import psycopg

from tests.emulators.http_server import Answer, CutError
from tests.emulators.rds import api, signing, wire
from tests.emulators.rds.errors import RdsError, not_here
from tools.embedded.errors import EmbeddedError

if t.TYPE_CHECKING:
    from tests.emulators.faults import Fault
    from tests.emulators.http_server import Request
    from tests.emulators.rds.control import Control
    from tests.emulators.rds.world import World

CONTROL = "/__emulator/"
# Whose request it is, for the log and for faults.
NAMED: t.Final = (
    "DBInstanceIdentifier",
    "SourceDBInstanceIdentifier",
    "TargetDBInstanceIdentifier",
    "DBSnapshotIdentifier",
    "ResourceName",
)


class Gateway:
    """Of the API's port."""

    def __init__(self, world: World, control: Control) -> None:
        self._world, self._control = world, control

    def __call__(self, request: Request) -> Answer:
        if request.path.startswith(CONTROL):
            return self._control.answer(request.method, request.path.removeprefix(CONTROL), request.query, request.read())
        body = request.read()
        form = dict(urllib.parse.parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        action = form.get("Action", "")
        name = next((form[key] for key in NAMED if key in form), "").rpartition(":")[2]
        fault = self._world.faults.of_request(action, name)
        try:
            answer = self._answered(request, body, form, fault)
            if fault is not None and fault.kind == "cut_after":
                raise CutError
        except CutError:
            self._control.log(action, name, 0)
            raise
        self._control.log(action, name, answer.status)
        return answer

    def _answered(self, request: Request, body: bytes, form: dict[str, str], fault: Fault | None) -> Answer:
        headers = {"content-type": "text/xml"}
        try:
            if fault is not None:
                _before(fault)
            signing.check(request, body, f"http://{request.headers.get('host', '')}{request.raw_path}", self._world.region)
            return Answer(200, self._worked(form), headers)
        except RdsError as exc:
            return Answer(exc.status, wire.refusal(exc), headers)
        except (EmbeddedError, psycopg.Error) as exc:
            self._world.note(f"{form.get('Action')}: {exc}")
            return Answer(500, wire.refusal(RdsError("InternalFailure", "The database does not answer.", status=500)), headers)

    def _worked(self, form: dict[str, str]) -> bytes:
        if "Action" not in form:
            raise RdsError("MissingAction", "The request is missing an action or a required parameter.")
        model = wire.operation(form["Action"], form.get("Version", ""))
        handler = api.ACTIONS.get(model.name)
        if handler is None:
            raise not_here(f"the action {model.name}")
        given = wire.read(model, form)
        with self._world.lock:
            return wire.written(model, handler(self._world, given))


def _before(fault: Fault) -> None:
    """What goes wrong before anything happens."""
    figures = fault.with_
    if fault.kind == "cut_before":
        raise CutError
    if fault.kind == "slow":
        time.sleep(float(figures.get("seconds", 1)))
    if fault.kind == "throttled":
        raise RdsError("Throttling", "Rate exceeded")
    if fault.kind == "unavailable":
        code = str(figures.get("code", "ServiceUnavailable"))
        raise RdsError(code, "The request has failed due to a temporary failure of the server.", status=int(figures.get("status", 503)))
    if fault.kind == "access_denied":
        message = f"User: arn:aws:iam::{signing.ACCOUNT}:user/portal is not authorized to perform: rds:{fault.method}"
        raise RdsError("AccessDenied", message, status=403)
    if fault.kind == "expired_token":
        raise RdsError("ExpiredToken", "The security token included in the request is expired", status=403)
