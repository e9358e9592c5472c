"""What the tests of object_backup, object_restore and object_backup_info share: a bucket in use, destinations, keys."""

from __future__ import annotations

import dataclasses
import http.server
import json
import threading
import typing as t

import boto3
import pyrage

from tests.integration.backups import destination, run

if t.TYPE_CHECKING:
    from pathlib import Path

PORTAL = "shop"
NAME = "documents"
LARGE = 9 << 20  # bytes: more than a part of an upload, and than what is held in memory


@dataclasses.dataclass
class BucketLab:
    """A bucket with objects of all kinds on one S3 server, a directory and a bucket of another server as destinations."""

    folder: Path
    server: t.Any
    bucket: str
    destinations: list[dict[str, t.Any]]
    identity_file: Path
    recipient: str

    @property
    def client(self) -> t.Any:
        keys = {"aws_access_key_id": self.server.access_key, "aws_secret_access_key": self.server.secret_key}
        return boto3.client("s3", endpoint_url=self.server.endpoint, region_name=self.server.region, **keys)

    @property
    def store(self) -> Path:
        """The directory of the first destination, below the portal."""
        return self.folder / "store" / PORTAL

    @property
    def source(self) -> dict[str, t.Any]:
        return self.place(self.bucket)

    def place(self, path: str) -> dict[str, t.Any]:
        """A bucket or prefix on the same server, as an option of a module."""
        return {"store": f"s3://{path}", **self.server.store_options}

    def put(self, key: str, content: bytes, **attributes: t.Any) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content, **attributes)

    def remove(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=key)

    def read(self, bucket: str) -> dict[str, bytes]:
        """Everything in a bucket of the server."""
        listed = self.client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {one["Key"]: self.client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in listed}

    def new_bucket(self, name: str) -> str:
        bucket = f"{self.bucket}-{name}"
        self.client.create_bucket(Bucket=bucket)
        return bucket

    def back_up(self, *, check: bool = False, env: t.Mapping[str, str] | None = None, **options: t.Any) -> dict[str, t.Any]:
        return run("object_backup", {**self.backup_options(), **options}, check=check, env=env)

    def backup_options(self) -> dict[str, t.Any]:
        given = {"portal": PORTAL, "name": NAME, "source": self.source, "destinations": self.destinations}
        return {**given, "recipients": [self.recipient]}

    def restore(self, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        given = {"portal": PORTAL, "name": NAME, "destinations": self.destinations, "identity_file": str(self.identity_file)}
        return run("object_restore", {**given, **options}, check=check)

    def catalog(self, **options: t.Any) -> dict[str, t.Any]:
        return run("object_backup_info", {"portal": PORTAL, "destinations": self.destinations, **options})

    def retain(self, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        given = {"portal": PORTAL, "kind": "objects", "destinations": self.destinations, "keep_last": 1}
        return run("backup_retention", {**given, **options}, check=check)

    def snapshots(self) -> list[str]:
        return sorted(path.parent.name for path in self.store.glob("objects/*/manifest.json"))

    def contents(self) -> list[str]:
        return sorted(str(path.relative_to(self.store / "contents")) for path in self.store.glob("contents/*/*"))

    def manifest(self, snapshot: str) -> dict[str, t.Any]:
        found: dict[str, t.Any] = json.loads((self.store / "objects" / snapshot / "manifest.json").read_bytes())
        return found


def make_lab(folder: Path, server: t.Any, other: t.Any) -> BucketLab:
    """Three small objects, two of them equal, a large one, and names that only object stores take."""
    identity = pyrage.x25519.Identity.generate()
    key = folder / "backup.key"
    key.write_text(f"{identity}\n")
    key.chmod(0o600)
    stores = [{"store": f"file://{folder}/store"}, destination(other, folder.name)]
    lab = BucketLab(folder, server, folder.name.replace("_", "-").lower()[:40], stores, key, str(identity.to_public()))
    lab.client.create_bucket(Bucket=lab.bucket)
    lab.put("a/one.txt", b"one", ContentType="text/plain", CacheControl="max-age=60", Metadata={"owner": "me"})
    lab.put("a/two.txt", b"two", ContentType="text/plain")
    lab.put("b/one again.txt", b"one")
    lab.put("b//.hidden/ä", b"odd name")
    lab.put("folder/", b"")
    lab.put("large.bin", bytes(range(256)) * (LARGE // 256))
    return lab


class StuckBucket:
    """An S3 server with two objects: `first` is given at once, `second` after `released`. So a run that reads both cannot end before."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked = threading.Event()
        bucket = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if "list-type" in self.path:
                    self.answer(LISTING, "application/xml")
                    return
                if self.path.endswith("/second"):
                    bucket.asked.set()
                    bucket.released.wait(120)
                self.answer(b"content", "text/plain")

            def answer(self, body: bytes, kind: str) -> None:
                self.send_response(200)
                for name, value in (
                    ("Content-Length", str(len(body))),
                    ("Content-Type", kind),
                    ("ETag", '"1"'),
                    ("Last-Modified", MODIFIED),
                ):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: t.Any) -> None:
                """Not in the tests' output."""

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *_request: t.Any) -> None:
                """Who was killed does not say goodbye."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def source(self) -> dict[str, t.Any]:
        endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        keys = {"access_key_id": "key", "secret_access_key": "not a real secret"}
        return {"store": "s3://stuck", "endpoint": endpoint, "allow_http": True, **keys}

    def __enter__(self) -> StuckBucket:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


MODIFIED = "Sat, 21 Nov 2026 03:00:00 GMT"
LISTING = b"".join(
    [
        b'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
        b"<Name>stuck</Name><IsTruncated>false</IsTruncated>",
        *(
            b"<Contents><Key>%s</Key><Size>7</Size><ETag>&quot;1&quot;</ETag><LastModified>2026-11-21T03:00:00Z</LastModified></Contents>"
            % key
            for key in (b"first", b"second")
        ),
        b"</ListBucketResult>",
    ]
)
