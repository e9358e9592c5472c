"""The S3 protocol of the storage server, in front of a real S3 server: it checks the signature with the project's keys, holds the bucket's
limits, and passes the request on, signed anew."""

from __future__ import annotations

import hmac
import http.client
import typing as t
import urllib.parse
import xml.sax.saxutils

import psycopg
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.emulators.http_server import Answer
from tests.emulators.supabase import buckets, storage_config
from tests.emulators.supabase.errors import ApiError
from tools.embedded.ports import HOST

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulators.http_server import Request
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

PREFIX = "/storage/v1/s3"
CHUNK = 1024 * 1024
TIMEOUT = 120
HOP: t.Final = frozenset(("connection", "keep-alive", "transfer-encoding", "host", "authorization", "expect", "date", "server"))
"""Headers of one connection, or of its signature."""


class S3Error(ApiError):
    """A refusal in XML."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, message)
        told = xml.sax.saxutils.escape(message)
        self.xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{told}</Message></Error>'


def answer(world: World, project: Project, request: Request) -> Answer:
    try:
        return _answer(world, project, request)
    except S3Error as exc:
        return Answer(exc.status, exc.xml.encode(), {"content-type": "application/xml"})


def _answer(world: World, project: Project, request: Request) -> Answer:
    if not storage_config.current(project)["features"]["s3Protocol"]["enabled"]:
        raise S3Error(403, "AccessDenied", "The S3 protocol is disabled for this project.")
    _verify(project, request)
    path = request.raw_path.removeprefix(PREFIX).strip("/")
    if not path:
        return _list(project)
    name, _slash, key = path.partition("/")
    name = urllib.parse.unquote(name)
    found = _bucket(project, name)
    if not key and request.method in ("PUT", "DELETE") and not request.query_string:
        return _change_bucket(world, project, name, request.method, found)
    if found is None:
        raise S3Error(404, "NoSuchBucket", "Bucket not found")
    if request.method == "PUT" and key and "x-amz-copy-source" not in request.headers:
        _hold_limits(project, found, request)
    return _passed_on(world, project, name, key, request)


def _bucket(project: Project, name: str) -> Object | None:
    try:
        return buckets.row(project, name)
    except psycopg.Error as exc:
        raise S3Error(500, "InternalError", "Database connection error") from exc


def _verify(project: Project, request: Request) -> None:
    """The signature, version 4, made again with the secret that belongs to the key; ApiError when it differs."""
    given = request.headers.get("authorization", "")
    parts = dict(part.strip().partition("=")[::2] for part in given.partition(" ")[2].split(","))
    access_key, _slash, scope = parts.get("Credential", "").partition("/")
    if not given.startswith("AWS4-HMAC-SHA256 ") or scope.count("/") != 3:
        raise S3Error(403, "AccessDenied", "Missing signature")
    if access_key != project.s3_keys[0]:
        raise S3Error(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
    _day, region, service, _end = scope.split("/")
    signer = S3SigV4Auth(Credentials(*project.s3_keys), service, region)
    names = parts.get("SignedHeaders", "").split(";")
    again = _as_signed(request, names)
    text = signer.string_to_sign(again, _canonical(signer, again, names))
    if not hmac.compare_digest(signer.signature(text, again), parts.get("Signature", "")):
        raise S3Error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")


def _as_signed(request: Request, names: list[str]) -> AWSRequest:
    made = AWSRequest(request.method, f"http://{request.headers.get('host', '')}{request.raw_path}?{request.query_string}")
    for name in names:
        made.headers[name] = request.headers.get(name, "")
    made.context["timestamp"] = request.headers.get("x-amz-date", "")
    return made


def _canonical(signer: S3SigV4Auth, again: AWSRequest, names: list[str]) -> str:
    """RFC-like canonical form of AWS: the path is taken as it came."""
    url = urllib.parse.urlsplit(again.url)
    query = sorted(tuple(part.partition("=")[::2]) for part in url.query.split("&") if part)
    lines = [f"{name}:{' '.join(again.headers[name].split())}" for name in names]
    body = again.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    shown = "&".join(f"{name}={value}" for name, value in query)
    return "\n".join([again.method, url.path, shown, *lines, "", ";".join(names), body])


def _list(project: Project) -> Answer:
    rows = "".join(
        f"<Bucket><Name>{xml.sax.saxutils.escape(row['name'])}</Name><CreationDate>{row['created_at']}</CreationDate></Bucket>"
        for row in buckets.rows(project)
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Owner><ID>{project.ref}</ID></Owner><Buckets>{rows}</Buckets></ListAllMyBucketsResult>"
    )
    return Answer(200, text.encode(), {"content-type": "application/xml"})


def _change_bucket(world: World, project: Project, name: str, method: str, found: Object | None) -> Answer:
    """CreateBucket and DeleteBucket, which are rows of the database first of all."""
    try:
        if method == "PUT":
            buckets.create(world, project, {"name": name})
            return Answer(200, b"", {"location": f"/{name}"})
        if found is None:
            raise S3Error(404, "NoSuchBucket", "Bucket not found")
        buckets.delete(world, project, name)
    except buckets.StorageError as exc:
        code = {"Duplicate": "BucketAlreadyExists", "InvalidRequest": "BucketNotEmpty"}.get(str(exc.body["error"]), "InvalidBucketName")
        raise S3Error(400 if code == "InvalidBucketName" else 409, code, str(exc)) from exc
    return Answer(204)


def _hold_limits(project: Project, bucket: Object, request: Request) -> None:
    """The sizes and kinds that the bucket takes."""
    limit = bucket["file_size_limit"] or storage_config.current(project)["fileSizeLimit"]
    size = int(request.headers.get("x-amz-decoded-content-length") or request.headers.get("content-length") or 0)
    if size > limit:
        raise S3Error(413, "EntityTooLarge", "The object exceeded the maximum allowed size")
    allowed = bucket["allowed_mime_types"]
    if allowed and "partNumber" not in request.query_string:
        kind = request.headers.get("content-type", "application/octet-stream").partition(";")[0].strip()
        if kind not in allowed and f"{kind.partition('/')[0]}/*" not in allowed:
            raise S3Error(400, "InvalidMimeType", f"mime type {kind} is not supported")


def _passed_on(world: World, project: Project, bucket: str, key: str, request: Request) -> Answer:
    """The same request to the real server; its answer comes in pieces."""
    server = world.objects.server
    world.objects.make(project.ref, bucket)
    inner = urllib.parse.quote(world.objects.name_of(project.ref, bucket), safe="")
    target = f"/{inner}/{key}" if key else f"/{inner}"
    target += f"?{request.query_string}" if request.query_string else ""
    made = AWSRequest(request.method, f"{server.endpoint}{target}")
    for name, value in request.headers.items():
        if name not in HOP:
            made.headers[name] = _inner_source(world, project, value) if name == "x-amz-copy-source" else value
    S3SigV4Auth(Credentials(server.access_key, server.secret_key), "s3", server.region).add_auth(made)
    connection = http.client.HTTPConnection(HOST, server.port, timeout=TIMEOUT)
    try:
        connection.request(request.method, target, body=_body(request), headers=dict(made.headers.items()))
        came = connection.getresponse()
    except OSError as exc:
        connection.close()
        raise S3Error(503, "ServiceUnavailable", f"The storage backend does not answer: {exc}") from exc
    status, headers = _status_and_headers(came)
    return Answer(status, None, headers, pieces=_pieces(connection, came))


def _status_and_headers(came: http.client.HTTPResponse) -> tuple[int, dict[str, str]]:
    """A part of an object has a status of its own, and not the checksum of the whole: rclone means it otherwise."""
    headers = {name.lower(): value for name, value in came.getheaders() if name.lower() not in HOP}
    if "content-range" not in headers:
        return came.status, headers
    return http.HTTPStatus.PARTIAL_CONTENT, {name: value for name, value in headers.items() if not name.startswith("x-amz-checksum-")}


def _inner_source(world: World, project: Project, source: str) -> str:
    """`bucket/key` of a copy, as the real server has it."""
    bucket, _slash, key = source.lstrip("/").partition("/")
    name = urllib.parse.unquote(bucket)
    if _bucket(project, name) is None:
        raise S3Error(404, "NoSuchBucket", "Bucket not found")
    return f"{urllib.parse.quote(world.objects.name_of(project.ref, name), safe='')}/{key}"


def _body(request: Request) -> Iterator[bytes] | None:
    return iter(lambda: request.read(CHUNK), b"") if request.left else None


def _pieces(connection: http.client.HTTPConnection, came: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while piece := came.read(CHUNK):
            yield piece
    finally:
        connection.close()
