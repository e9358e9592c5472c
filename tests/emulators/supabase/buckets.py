"""Buckets of the storage server: rows in the project's database, as on the service, and folders of the S3 server behind it."""

from __future__ import annotations

import contextlib
import typing as t

import psycopg
from psycopg.rows import dict_row

from tests.emulators.http_server import Answer
from tests.emulators.supabase import health, keys
from tests.emulators.supabase.call import parsed
from tests.emulators.supabase.errors import ApiError

if t.TYPE_CHECKING:
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

COLUMNS: t.Final = "id, name, coalesce(owner_id, '') AS owner, public, file_size_limit, allowed_mime_types, created_at, updated_at"
NAME_CHARACTERS: t.Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!-_.*'() &$@=;:+,?")
UNITS: t.Final = {"kb": 1024, "mb": 1024**2, "gb": 1024**3}


class StorageError(ApiError):
    """The storage server's own shape of a refusal: its status is 400 more often than what it says inside."""

    def __init__(self, said: int, error: str, message: str, *, status: int = 400) -> None:
        super().__init__(status, message)
        self.body = {"statusCode": str(said), "error": error, "message": message}


def answer(world: World, project: Project, method: str, path: str, headers: t.Mapping[str, str], raw: bytes) -> Answer:
    """`path` begins after `/storage/v1`."""
    if path == "/status":
        return Answer(200)
    if path == "/version":
        return Answer(200, b"1.48.10", {"content-type": "text/plain; charset=utf-8"})
    if path == "/health":
        return Answer(200, {"healthy": health.trouble(world, project, "storage") is None})
    _require_service_key(project, headers)
    with _storage_errors():
        return _routed(world, project, method, path.strip("/").split("/"), raw)


def rows(project: Project) -> list[Object]:
    """All buckets, as the wire shows them."""
    return _select(project, "SELECT " + COLUMNS + " FROM storage.buckets ORDER BY name")


def row(project: Project, name: str) -> Object | None:
    found = _select(project, "SELECT " + COLUMNS + " FROM storage.buckets WHERE id = %s", name)
    return found[0] if found else None


def _routed(world: World, project: Project, method: str, parts: list[str], raw: bytes) -> Answer:
    match method, parts:
        case "GET", ["bucket"]:
            return Answer(200, rows(project))
        case "POST", ["bucket"]:
            return create(world, project, _object(raw))
        case "GET", ["bucket", name]:
            return Answer(200, _found(project, name))
        case "PUT", ["bucket", name]:
            return _update(project, _found(project, name), _object(raw))
        case "DELETE", ["bucket", name]:
            return delete(world, project, _found(project, name)["id"])
        case "POST", ["bucket", name, "empty"]:
            world.objects.empty(project.ref, _found(project, name)["id"])
            return Answer(200, {"message": "Empty bucket has been queued. Completion may take up to an hour."})
        case "POST", ["object", "list", name]:
            return _listed(world.objects.keys(project.ref, _found(project, name)["id"]), _object(raw))
    raise StorageError(404, "Not Found", f"Route {method}:/{'/'.join(parts)} not found", status=404)


def create(world: World, project: Project, given: Object) -> Answer:
    name = given.get("name")
    if not isinstance(name, str) or not name or set(name) - NAME_CHARACTERS or name != given.get("id", name):
        raise StorageError(400, "Invalid Input", "Bucket name invalid")
    values = (name, bool(given.get("public")), _size(given.get("file_size_limit")), given.get("allowed_mime_types"))
    made = _select(
        project,
        "INSERT INTO storage.buckets (id, name, public, file_size_limit, allowed_mime_types) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING id",
        name,
        *values,
    )
    if not made:
        raise StorageError(409, "Duplicate", "The resource already exists")
    world.objects.make(project.ref, name)
    return Answer(200, {"name": name})


def _update(project: Project, before: Object, given: Object) -> Answer:
    """What the body does not name stays."""
    wanted = before | {name: given[name] for name in ("public", "file_size_limit", "allowed_mime_types") if name in given}
    _select(
        project,
        "UPDATE storage.buckets SET public = %s, file_size_limit = %s, allowed_mime_types = %s, updated_at = now()"
        " WHERE id = %s RETURNING id",
        bool(wanted["public"]),
        _size(wanted["file_size_limit"]),
        wanted["allowed_mime_types"],
        before["id"],
    )
    return Answer(200, {"message": "Successfully updated"})


def delete(world: World, project: Project, name: str) -> Answer:
    if not world.objects.drop(project.ref, name):
        raise StorageError(409, "InvalidRequest", "The bucket you tried to delete is not empty")
    _select(project, "DELETE FROM storage.buckets WHERE id = %s RETURNING id", name)
    return Answer(200, {"message": "Successfully deleted"})


def _listed(keys: list[str], given: Object) -> Answer:
    """One level below a prefix, as the service shows it: a folder is a row without an id."""
    prefix, offset = str(given.get("prefix", "")), int(given.get("offset", 0))
    below = [key.removeprefix(prefix).lstrip("/") for key in keys if key.startswith(prefix)]
    rows = {key.partition("/")[0]: None if "/" in key else key for key in sorted(below)}
    shown: list[Object] = [{"name": name, "id": identity, "metadata": None if identity is None else {}} for name, identity in rows.items()]
    return Answer(200, shown[offset : offset + int(given.get("limit", 100))])


def _found(project: Project, name: str) -> Object:
    found = row(project, name)
    if found is None:
        raise StorageError(404, "Bucket not found", "Bucket not found")
    return found


def _size(given: t.Any) -> int | None:
    """Bytes, or a text such as `20MB`."""
    if given is None or isinstance(given, int):
        return given
    text = str(given).strip().lower()
    number, unit = text.rstrip("abcdefghijklmnopqrstuvwxyz"), text.lstrip("0123456789. ")
    if not number or unit not in ("", *UNITS):
        raise StorageError(422, "Invalid Input", "File size limit must be in bytes or a size such as 20MB")
    return int(float(number) * UNITS.get(unit, 1))


def _object(raw: bytes) -> Object:
    given = parsed(raw)
    if not isinstance(given, dict):
        raise StorageError(400, "Invalid Input", "body must be object")
    return given


def _require_service_key(project: Project, headers: t.Mapping[str, str]) -> None:
    given = headers.get("authorization", "").removeprefix("Bearer ") or headers.get("apikey", "")
    role = keys.role_of(project, given)
    if role is None:
        raise StorageError(403, "Unauthorized", "Invalid Compact JWS")
    if role != "service_role":
        raise StorageError(403, "Unauthorized", "new row violates row-level security policy")


@contextlib.contextmanager
def _storage_errors() -> t.Iterator[None]:
    try:
        yield
    except psycopg.Error as exc:
        raise StorageError(500, "DatabaseError", "Database connection error", status=500) from exc


def _select(project: Project, statement: str, *values: t.Any) -> list[Object]:
    with psycopg.connect(project.database.admin_url, autocommit=True, row_factory=dict_row) as connection:
        found = connection.execute(statement, values or None).fetchall()
    return [{name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in one.items()} for one in found]
