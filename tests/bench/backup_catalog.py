"""The catalog of 1,000 backups in S3, as pg_backup_info shows it, and how often it asks the server for a listing."""

from __future__ import annotations

import contextlib
import datetime
import json
import socket
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical
from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import new_id
from tests.bench.figures import Figure, Goal, by_turns
from tests.bench.processes import cost_of_process
from tests.bench.tools import aws
from tests.integration.backups import arguments, argv, environment
from tests.unit.plugins.module_utils._backup.manifests import some_manifest
from tools.embedded.objects import RcloneS3

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BACKUPS = 1000
TABLES = 30
PROVEN_EVERY = 10
PEER = "aws s3 ls --recursive s3://bucket/bench/"
_A_LIST = b"list-type=2"


def measure(home: Path, runs: int) -> Iterator[Figure]:
    """Wall clock of the module's process, and list requests; the peer only lists the names."""
    store = RcloneS3(home / "catalog")
    fill(home / "catalog" / "s3" / store.bucket / "bench")
    with store, Relay(store.port) as relay:
        given = _arguments(store, store.endpoint)
        listing = [str(aws()), "s3", "ls", "--recursive", f"s3://{store.bucket}/bench/", "--endpoint-url", store.endpoint]
        keys = {"AWS_ACCESS_KEY_ID": store.access_key, "AWS_SECRET_ACCESS_KEY": store.secret_key, "AWS_DEFAULT_REGION": store.region}

        ours, peer = by_turns(
            lambda: cost_of_process(argv("pg_backup_info"), env=environment(), stdin=given),
            lambda: cost_of_process(listing, env=environment(keys)),
            runs,
        )
        # Apart from the others: a relay takes its time.
        cost_of_process(argv("pg_backup_info"), env=environment(), stdin=_arguments(store, f"http://127.0.0.1:{relay.port}"))
        lists = float(relay.lists)
    yield Figure("backups", "catalog_1000", "s", ours["wall"], peer["wall"], Goal(2.0, of="ours"), runs, PEER)
    yield Figure("backups", "catalog_1000_lists", "requests", lists, 0, Goal(4, of="ours"), 1, "none")


def _arguments(store: RcloneS3, endpoint: str) -> str:
    options = {**store.store_options, "endpoint": endpoint}
    return arguments({"portal": "shop", "destinations": [{"store": f"s3://{store.bucket}/bench", **options}]})


def fill(top: Path) -> None:
    """An archive, a signed manifest, and every tenth time a proof."""
    now = datetime.datetime.now(datetime.UTC)
    tables = {f"public.table_{number}": {"rows": number, "hash": "1" * 20, "method": "record"} for number in range(TABLES)}
    for number in range(BACKUPS):
        moment = now - datetime.timedelta(hours=number)
        manifest = some_manifest(new_id(moment)) | {"at": moment.isoformat()}
        manifest["fingerprint"]["tables"] = tables
        folder = top / "shop" / "backups" / manifest["id"]
        folder.mkdir(parents=True)
        (folder / "database.dump").write_bytes(b"archive")
        (folder / "manifest.json").write_bytes(canonical(manifest))
        (folder / "manifest.json.sig").write_bytes(b"x" * 300)
        if number % PROVEN_EVERY == 0:
            (folder / f"proof-{new_id(now)}.json").write_text(json.dumps({"at": moment.isoformat(), "equal": True}))


class Relay:
    """Passes connections on to a port and counts the requests for a listing."""

    def __init__(self, target: int) -> None:
        self.lists = 0
        self._target = target
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])

    def __enter__(self) -> t.Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._socket.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 16):
                if piece.startswith(b"GET "):
                    self.lists += _A_LIST in piece.partition(b"\r\n")[0]
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
