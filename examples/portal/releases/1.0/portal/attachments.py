"""Files that belong to an order: the bytes in an object storage or a folder, the rest in the database."""

from __future__ import annotations

import asyncio
import hashlib
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from portal.settings import ObjectStorage
    from psycopg import AsyncConnection

LARGEST = 5 * 1024 * 1024
LONGEST_NAME = 200

INSERT = (
    "INSERT INTO attachments (order_id, filename, content_type, size, sha256, object_key) "
    "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (object_key) DO NOTHING"
)
OF_ORDER = "SELECT id, order_id, filename, content_type, size, sha256, object_key FROM attachments WHERE order_id = %s ORDER BY id"
ONE = "SELECT id, order_id, filename, content_type, size, sha256, object_key FROM attachments WHERE order_id = %s AND id = %s"


class Upload(t.NamedTuple):
    filename: str
    content_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class Attachment(t.NamedTuple):
    id: int
    order_id: int
    filename: str
    content_type: str
    size: int
    sha256: str
    object_key: str


class Storage(t.Protocol):
    async def write(self, key: str, content: bytes) -> None: ...

    async def read(self, key: str) -> bytes: ...


class Folder:
    """Files below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    async def write(self, key: str, content: bytes) -> None:
        await asyncio.to_thread(self._write, key, content)

    async def read(self, key: str) -> bytes:
        return await asyncio.to_thread((self._root / key).read_bytes)

    def _write(self, key: str, content: bytes) -> None:
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}")
        temporary.write_bytes(content)
        temporary.replace(path)


class Bucket:
    """Objects in an S3-compatible storage. botocore blocks, so it works in threads: uploads are rare."""

    def __init__(self, settings: ObjectStorage) -> None:
        import botocore.config
        import botocore.session

        self._name = settings.bucket
        self._client = botocore.session.get_session().create_client(
            "s3",
            region_name="us-east-1",
            endpoint_url=settings.endpoint,
            aws_access_key_id=settings.access_key,
            aws_secret_access_key=settings.secret_key,
            config=botocore.config.Config(s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=15),
        )

    async def write(self, key: str, content: bytes) -> None:
        await asyncio.to_thread(self._client.put_object, Bucket=self._name, Key=key, Body=content)

    async def read(self, key: str) -> bytes:
        return await asyncio.to_thread(self._read, key)

    def _read(self, key: str) -> bytes:
        return bytes(self._client.get_object(Bucket=self._name, Key=key)["Body"].read())


def open_storage(settings: ObjectStorage | Path) -> Storage:
    return Folder(settings) if isinstance(settings, Path) else Bucket(settings)


def object_key(order_id: int, upload: Upload) -> str:
    """The same file sent twice for the same order is one object."""
    return f"orders/{order_id}/{upload.sha256}"


async def attach(connection: AsyncConnection[t.Any], order_id: int, upload: Upload) -> None:
    """Record a file whose bytes are in the storage already."""
    row = (order_id, upload.filename, upload.content_type, len(upload.content), upload.sha256, object_key(order_id, upload))
    await connection.execute(INSERT, row)


async def of_order(connection: AsyncConnection[t.Any], order_id: int) -> list[Attachment]:
    cursor = await connection.execute(OF_ORDER, (order_id,))
    return [Attachment(*row) for row in await cursor.fetchall()]


async def find(connection: AsyncConnection[t.Any], order_id: int, attachment_id: int) -> Attachment | None:
    row = await (await connection.execute(ONE, (order_id, attachment_id))).fetchone()
    return Attachment(*row) if row else None
