"""The S3 server behind the storage servers of all projects: rclone, each bucket a folder of the home."""

from __future__ import annotations

import typing as t

import boto3
import botocore.config

from tests.emulators import lasting
from tools.embedded.objects import RcloneS3, missing

if t.TYPE_CHECKING:
    from pathlib import Path

PROBE = "holdfast"


class Objects:
    """A bucket of a project is `<ref>--<name>` there. Folders are made and removed by the server: it remembers what there was."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._home = home / "s3"
        self.server = RcloneS3(home, bucket=PROBE)
        self._client = boto3.client(
            "s3",
            endpoint_url=self.server.endpoint,
            region_name=self.server.region,
            aws_access_key_id=self.server.access_key,
            aws_secret_access_key=self.server.secret_key,
            config=botocore.config.Config(s3={"addressing_style": "path"}, proxies={}, retries={"max_attempts": 0}),
        )

    def start(self) -> None:
        lasting.start(self.server.start)

    def stop(self) -> None:
        self.server.stop()

    def missing(self) -> str | None:
        """None when it answers."""
        return missing(self.server.endpoint, PROBE, self.server.access_key, self.server.secret_key)

    @staticmethod
    def name_of(ref: str, bucket: str) -> str:
        return f"{ref}--{bucket}"

    def make(self, ref: str, bucket: str) -> None:
        """Unless it is there: a recovery of the database brings back rows of buckets whose folders were removed."""
        name = self.name_of(ref, bucket)
        if not (self._home / name).exists():
            self._client.create_bucket(Bucket=name)

    def empty(self, ref: str, bucket: str) -> None:
        name = self.name_of(ref, bucket)
        for key in self._keys(name):
            self._client.delete_object(Bucket=name, Key=key)

    def keys(self, ref: str, bucket: str) -> list[str]:
        """The paths of all objects in a bucket."""
        return self._keys(self.name_of(ref, bucket))

    def drop(self, ref: str, bucket: str) -> bool:
        """False, and nothing done, when something is in it."""
        name = self.name_of(ref, bucket)
        if not (self._home / name).exists():
            return True
        if self._keys(name):
            return False
        self._client.delete_bucket(Bucket=name)
        return True

    def _keys(self, name: str) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=name)
        return [str(row["Key"]) for page in pages for row in page.get("Contents", [])]
