"""Bring the embedded environment up, take it down, say how it is."""

from __future__ import annotations

import json
import shutil
import typing as t

from tools.embedded import credentials, objects, postgres, supervision
from tools.embedded.errors import EmbeddedError
from tools.embedded.home import BUCKETS, Home, furnish, require_furnished
from tools.embedded.ports import HOST, Ports, require_free
from tools.embedded.waiting import wait_for

READY_SECONDS = 60.0


def up(home: Home, ports: Ports) -> dict[str, t.Any]:
    """Make the servers run and answer; the record of what runs where is returned and written."""
    furnish(home)
    credentials.make_missing(home.secrets)
    if supervision.is_running(home):
        _require_same_ports(home, ports)
        supervision.resume(home)
    else:
        _start(home, ports)
    _wait_until_ready(home, ports)
    return describe(home, ports)


def down(home: Home, *, remove: bool = False) -> None:
    """Stop everything; the data stays unless `remove`."""
    require_furnished(home)
    supervision.stop(home)
    if remove:
        shutil.rmtree(home.path)


def status(home: Home) -> dict[str, t.Any]:
    """The programs with their states, and the record of the last `up` (null when there was none)."""
    record = json.loads(home.record.read_text()) if home.record.exists() else None
    return {"home": str(home.path), "programs": supervision.program_states(home), "record": record}


def describe(home: Home, ports: Ports) -> dict[str, t.Any]:
    return {
        "port_base": ports.base,
        "portal": f"http://{HOST}:{ports.router}",
        "blue": f"http://{HOST}:{ports.blue}",
        "green": f"http://{HOST}:{ports.green}",
        "postgres_port": ports.postgres,
        "s3_endpoint": f"http://{HOST}:{ports.objects}",
        "buckets": list(BUCKETS),
        "secrets": str(home.secrets),
    }


def _start(home: Home, ports: Ports) -> None:
    supervision.stop(home)
    require_free(ports)
    postgres.initialise(home.postgres, credentials.read(home.secrets, "postgres_admin_password"))
    credentials.write_secret(home.record, json.dumps(describe(home, ports), indent=2) + "\n")
    supervision.start(home, ports)


def _require_same_ports(home: Home, ports: Ports) -> None:
    running = json.loads(home.record.read_text())["port_base"]
    if running != ports.base:
        raise EmbeddedError(
            f"the servers in {home.path} run with PORT_BASE={running}, not {ports.base}; end them first with `make demo-down`."
        )


def _wait_until_ready(home: Home, ports: Ports) -> None:
    secret = {name: credentials.read(home.secrets, name) for name in credentials.GENERATED}
    admin_url = postgres.url(ports.postgres, secret["postgres_admin_password"])
    endpoint = f"http://{HOST}:{ports.objects}"
    keys = (secret["s3_access_key"], secret["s3_secret_key"])
    try:
        wait_for(
            lambda: postgres.missing(admin_url), what="PostgreSQL", seconds=READY_SECONDS, is_hopeless=lambda: _fatal(home, "postgresql")
        )
        wait_for(
            lambda: objects.missing(endpoint, BUCKETS[0], *keys),
            what="the S3 server",
            seconds=READY_SECONDS,
            is_hopeless=lambda: _fatal(home, "objects"),
        )
    except BaseException:
        supervision.stop(home)
        raise


def _fatal(home: Home, program: str) -> str | None:
    state = supervision.program_states(home).get(program, "supervisord has ended")
    if state in ("RUNNING", "STARTING", "BACKOFF"):
        return None
    return f"{state}, see {home.log / program}.log"
