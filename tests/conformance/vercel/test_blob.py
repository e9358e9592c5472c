"""The local Vercel's blob stores, by plain HTTP and by Vercel's own clients for JavaScript and Python."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t

import pytest

from tests.conformance.migrations.vendors import ToolMissingError
from tests.conformance.vercel.clients import LOCKED, NodeClients, node_clients

if t.TYPE_CHECKING:
    import requests

    from tests.emulators.vercel.running import LocalVercel

NEVER = 300


class Store:
    """A store and its token."""

    def __init__(self, vercel: LocalVercel, access: str = "private") -> None:
        made = vercel.control("POST", "stores", name="backups", access=access)
        self.vercel, self.id, self.token, self.host = vercel, made["id"], made["token"], made["host"]

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.vercel.call(method, f"/api/blob{path}", token=self.token, data=body, headers=named)

    def put(self, pathname: str, content: bytes, **headers: str) -> requests.Response:
        return self.call("PUT", f"/?pathname={pathname}", content, **headers)

    def read(self, pathname: str, **headers: str) -> requests.Response:
        return self.vercel.visit(self.host, f"/{pathname}", authorization=f"Bearer {self.token}", **headers)


@pytest.fixture
def store(vercel: LocalVercel) -> Store:
    return Store(vercel)


def test_a_blob_is_written_looked_at_read_and_deleted(store: Store) -> None:
    put = store.put("a/b.txt", b"text").json()
    assert put["url"] == f"https://{store.host}/a/b.txt"
    assert store.call("GET", "/?url=a/b.txt").json()["size"] == 4
    assert (store.read("a/b.txt").content, store.read("a/b.txt").headers["content-type"]) == (b"text", "text/plain")
    assert store.read("a/b.txt", if_none_match=put["etag"]).status_code == 304
    assert store.call("POST", "/delete", json.dumps({"urls": [put["url"]]}).encode()).json() == {}
    assert (store.read("a/b.txt").status_code, store.call("GET", "/?url=a/b.txt").json()["error"]["code"]) == (404, "not_found")


def test_what_is_private_needs_the_token_and_what_is_public_does_not(vercel: LocalVercel) -> None:
    for access, status in (("private", 403), ("public", 200)):
        store = Store(vercel, access)
        assert store.put("a.txt", b"text").status_code == 200
        assert vercel.visit(store.host, "/a.txt").status_code == status


def test_a_blob_is_replaced_only_when_that_is_wanted(store: Store) -> None:
    first = store.put("a.txt", b"1").json()
    assert store.put("a.txt", b"2").status_code == 400
    assert store.put("a.txt", b"2", x_allow_overwrite="1").status_code == 200
    assert store.put("a.txt", b"3", x_if_match=first["etag"]).json()["error"]["code"] == "precondition_failed"
    assert store.read("a.txt").content == b"2"


def test_the_parts_of_an_upload_may_be_completed_in_any_order(store: Store) -> None:
    upload = store.call("POST", "/mpu?pathname=big.bin", x_mpu_action="create").json()
    named = {"x_mpu_action": "upload", "x_mpu_key": upload["key"], "x_mpu_upload_id": upload["uploadId"]}
    etags = {
        number: store.call("POST", "/mpu?pathname=big.bin", body, x_mpu_part_number=str(number), **named).json()["etag"]
        for number, body in ((2, b"world"), (1, b"hello " * 200_000))
    }
    listed = json.dumps([{"partNumber": number, "etag": etag} for number, etag in etags.items()]).encode()
    assert store.call("POST", "/mpu?pathname=big.bin", listed, **{**named, "x_mpu_action": "complete"}).status_code == 200
    assert store.read("big.bin").content == b"hello " * 200_000 + b"world"


def test_lists_are_paged_and_folded(store: Store) -> None:
    for name in ("a/1", "a/2", "b", "c"):
        store.put(name, b"x")
    page = store.call("GET", "/?limit=3").json()
    rest = store.call("GET", f"/?cursor={page['cursor']}").json()
    assert [blob["pathname"] for blob in (*page["blobs"], *rest["blobs"])] == ["a/1", "a/2", "b", "c"]
    assert (page["hasMore"], rest["hasMore"]) == (True, False)
    folded = store.call("GET", "/?mode=folded").json()
    assert (folded["folders"], [blob["pathname"] for blob in folded["blobs"]]) == (["a/"], ["b", "c"])
    assert [blob["pathname"] for blob in store.call("GET", "/?prefix=a/").json()["blobs"]] == ["a/1", "a/2"]


@pytest.mark.parametrize("pathname", ["", "a//b", "x" * 951])
def test_path_names_that_the_service_refuses_are_refused(store: Store, pathname: str) -> None:
    assert store.put(pathname, b"x").json()["error"]["code"] == "bad_request"


def test_wrong_tokens_strange_stores_and_suspended_ones_are_refused(vercel: LocalVercel, store: Store) -> None:
    def code(token: str, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return str(vercel.call("GET", "/api/blob/", token=token, headers=named).json()["error"]["code"])

    assert code(f"{store.token}x") == "forbidden"
    assert code("vercel_blob_rw_nobody_secret") == "store_not_found"
    assert code("wrong", x_vercel_blob_store_id=store.id) == "forbidden"
    vercel.control("PATCH", "stores", id=store.id, suspended=True)
    assert code(store.token) == "store_suspended"


def test_a_team_makes_and_removes_stores_and_opens_them_with_its_own_token(vercel: LocalVercel) -> None:
    made = vercel.api("POST", "/v1/storage/stores/blob", {"name": "media", "region": "iad1", "access": "private"})["store"]
    listed = vercel.call("GET", "/api/blob/", headers={"x-vercel-blob-store-id": made["id"].removeprefix("store_")})
    assert listed.json() == {"blobs": [], "hasMore": False}
    assert vercel.api("GET", f"/v1/storage/stores/{made['id']}")["store"]["name"] == "media"
    assert [row["id"] for row in vercel.api("GET", "/v1/storage/stores")["stores"]] == [made["id"]]
    vercel.api("DELETE", f"/v1/storage/stores/blob/{made['id']}")
    assert vercel.call("GET", f"/v1/storage/stores/{made['id']}").status_code == 404


def test_requests_to_the_blob_api_can_fail_too(vercel: LocalVercel, store: Store) -> None:
    vercel.fault("rate_limited", method="PUT", path="/api/blob/", retry_after=3)
    limited = store.put("a.txt", b"1")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "3")
    assert store.put("a.txt", b"1").status_code == 200


@pytest.fixture(scope="session")
def clients() -> NodeClients:
    try:
        return node_clients()
    except ToolMissingError as exc:
        pytest.skip(str(exc))


def test_the_client_for_javascript_finds_what_it_expects(vercel: LocalVercel, store: Store, clients: NodeClients) -> None:
    script = clients.modules.parent / "blob.mjs"
    assert script.read_bytes() == (LOCKED / "blob.mjs").read_bytes()
    told = {"VERCEL_BLOB_API_URL": f"{vercel.url}/api/blob", "BLOB_READ_WRITE_TOKEN": store.token, "PATH": os.environ["PATH"]}
    done = subprocess.run([clients.node, script], env=told, capture_output=True, text=True, timeout=NEVER, check=False)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    left = facts.pop("left")
    assert (len(left), left[0], left[1].startswith("folder/a-")) == (2, "big.bin", True)
    assert facts == {
        "url": f"https://{store.host}/folder/a.txt",
        "size": 9 * 1024 * 1024,
        "suffixed": True,
        "copied": "copy.txt",
        "pages": [2, True, 2, False],
        "folders": ["folder/"],
        "again": facts["again"],
        "condition": "BlobPreconditionFailedError",
        "fits": "folder/a.txt",
        "nothing": "BlobNotFoundError",
        "stranger": "BlobAccessError",
    }
    assert "already exists" in facts["again"]


def test_the_clients_for_python_find_what_they_expect(vercel: LocalVercel, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import vercel.blob.sync as blob

    monkeypatch.setenv("VERCEL_BLOB_API_URL", f"{vercel.url}/api/blob")
    monkeypatch.setenv("BLOB_READ_WRITE_TOKEN", store.token)
    monkeypatch.setenv("NO_PROXY", "*")
    put = blob.put_blob("a/b.txt", b"text", access="private")
    assert blob.head_blob(put.url).size == 4
    with pytest.raises(blob.BlobPreconditionFailedError):
        blob.delete_blob("a/b.txt", if_match='"wrong"')
    assert blob.copy_blob("a/b.txt", "c.txt", access="private").pathname == "c.txt"
    assert sorted(found.pathname for found in blob.query_blobs(page_size=1)) == ["a/b.txt", "c.txt"]
    with blob.multipart_upload_blob("big.bin", access="private") as upload:
        upload.upload_part(b"x" * 100)
    blob.delete_blob(["a/b.txt", "c.txt"])
    with pytest.raises(blob.BlobNotFoundError):
        blob.head_blob("a/b.txt")
    assert store.read("big.bin").content == b"x" * 100


def test_the_official_client_for_python_makes_projects_and_deployments(vercel: LocalVercel) -> None:
    from vercel.deployments.client import DeploymentsClient
    from vercel.projects.client import ProjectsClient

    projects = ProjectsClient(vercel.token, base_url=vercel.url)
    made = projects.create_project(body={"name": "shop"}, team_id=vercel.team)
    deployments = DeploymentsClient(vercel.token, base_url=vercel.url)
    deployments.upload_file(content=b"hello", content_length=5, x_vercel_digest="aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d")
    listed = [{"file": "index.html", "sha": "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d", "size": 5}]
    created = deployments.create_deployment(body={"name": "shop", "files": listed, "target": "production"}, team_id=vercel.team)
    assert created["projectId"] == made["id"]
    vercel.later(60)
    vercel.later(60)
    assert vercel.visit("shop.vercel.app").text == "hello"
    assert [row["name"] for row in projects.get_projects(team_id=vercel.team)["projects"]] == ["shop"]
