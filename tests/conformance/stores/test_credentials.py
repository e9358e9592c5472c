"""Where credentials come from when a store's options hold none: each cloud's ordinary chain, tried with real signatures where a server
here checks them (rclone for S3, Azurite for Azure)."""

from __future__ import annotations

import concurrent.futures
import json
import os
import secrets
import socket
import typing as t

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._stores import clouds
from ansible_collections.holdfast.webops.plugins.module_utils._stores.gcs import default_credentials
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoreError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store
from ansible_collections.holdfast.webops.plugins.module_utils._stores.s3_profile import profile_credentials
from tests.conformance.stores.identities import TOKEN, Identities

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conformance.stores.servers import Azurite
    from tools.embedded.objects import RcloneS3

CLOUDS = ("AWS_", "AZURE_", "GOOGLE_", "GCE_", "CLOUDSDK_", "IDENTITY_", "MSI_")
TLS_HANDSHAKE = b"\x16"
CREDENTIALS = "[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has no credentials of any cloud."""
    for name in list(os.environ):
        if name.startswith(CLOUDS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".aws").mkdir()
    return tmp_path


@pytest.fixture
def identities(rclone_s3: RcloneS3) -> Iterator[Identities]:
    with Identities(rclone_s3.access_key, rclone_s3.secret_key) as service:
        yield service


def write_and_read(server: RcloneS3) -> None:
    """rclone refuses a wrong signature, which other cases show."""
    options = {name: value for name, value in server.store_options.items() if name in ("endpoint", "region", "allow_http")}
    store = open_store(f"s3://{server.bucket}/credentials-{secrets.token_hex(4)}", options)
    store.create("a", b"mine")
    assert store.read("a")[0] == b"mine"


def test_keys_from_the_environment_of_aws(rclone_s3: RcloneS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", rclone_s3.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", rclone_s3.secret_key)
    write_and_read(rclone_s3)


@pytest.mark.parametrize("name", ["default", "backups"])
def test_keys_from_a_profile_of_aws(rclone_s3: RcloneS3, home: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = CREDENTIALS.format(name=name, key=rclone_s3.access_key, secret=rclone_s3.secret_key)
    (home / ".aws/credentials").write_text(content)
    if name != "default":
        monkeypatch.setenv("AWS_PROFILE", name)
    write_and_read(rclone_s3)


@pytest.mark.parametrize(("variables", "region"), [({}, "eu-central-1"), ({"AWS_REGION": "eu-west-1"}, "eu-west-1")])
def test_the_region_of_a_profile_counts_where_the_environment_names_none(
    home: Path, variables: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".aws/config").write_text("[default]\nregion = eu-central-1\naws_access_key_id = a\naws_secret_access_key = b\n")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = profile_credentials(os.environ)
    assert found is not None
    assert found.config == {"region": region}


def test_keys_from_a_program_that_a_profile_names(rclone_s3: RcloneS3, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"Version": 1, "AccessKeyId": rclone_s3.access_key, "SecretAccessKey": rclone_s3.secret_key}
    (home / "keys.json").write_text(json.dumps(said))
    (home / "profiles").write_text(f"[profile by-program]\ncredential_process = cat {home}/keys.json\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "profiles"))
    monkeypatch.setenv("AWS_PROFILE", "by-program")
    write_and_read(rclone_s3)


def test_a_profile_that_is_not_there_is_named(rclone_s3: RcloneS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(InputError, match=r"AWS's profile cannot be used: .*nobody"):
        write_and_read(rclone_s3)


def test_the_role_of_a_container(rclone_s3: RcloneS3, identities: Identities, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "token").write_text(TOKEN)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{identities.url}/container")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(home / "token"))
    write_and_read(rclone_s3)
    assert ("/container", TOKEN) in identities.asked


def test_the_role_of_an_instance(rclone_s3: RcloneS3, identities: Identities, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", identities.url)
    write_and_read(rclone_s3)
    assert "/latest/meta-data/iam/security-credentials/backup-role" in [path for path, _authorization in identities.asked]


def test_a_role_by_web_identity_asks_the_token_service_by_tls(rclone_s3: RcloneS3, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "token").write_text("a-token-of-the-cluster")
    monkeypatch.setattr(clouds, "RETRIES", 0)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(home / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/backup")
    with socket.create_server(("127.0.0.1", 0)) as service, concurrent.futures.ThreadPoolExecutor(1) as pool:
        service.settimeout(60)
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"https://127.0.0.1:{service.getsockname()[1]}")
        first = pool.submit(first_byte, service)
        with pytest.raises(StoreError):
            write_and_read(rclone_s3)
        assert first.result() == TLS_HANDSHAKE


def first_byte(service: socket.socket) -> bytes:
    """What the first who calls begins with; then it is hung up."""
    caller, _address = service.accept()
    with caller:
        return caller.recv(1)


def test_a_role_by_web_identity_in_a_profile(
    rclone_s3: RcloneS3, identities: Identities, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "token").write_text("a-token-of-the-cluster")
    profile = f"[default]\nrole_arn = arn:aws:iam::123456789012:role/backup\nweb_identity_token_file = {home}/token\n"
    (home / ".aws/config").write_text(profile)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"{identities.url}/sts")
    write_and_read(rclone_s3)
    assert [path for path, _authorization in identities.asked] == ["/sts"]


def test_the_account_and_its_key_from_the_environment_of_azure(azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", azurite.account)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", azurite.key)
    options = {"endpoint": azurite.store_options["endpoint"], "allow_http": True}
    store = open_store(f"{azurite.url}/credentials-{secrets.token_hex(4)}", options)
    store.create("a", b"mine")
    assert store.read("a")[0] == b"mine"


def azure_read(identities: Identities) -> list[str]:
    """The Authorization headers that the storage service gets. Azurite takes tokens over HTTPS only, so the stand-in is that too."""
    store = open_store("az://holdfast", {"account": "backups", "endpoint": f"{identities.url}/blobs", "allow_http": True})
    store.read("a")
    return [authorization for path, authorization in identities.asked if path.startswith("/blobs")]


def test_the_managed_identity_of_azure(identities: Identities, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{identities.url}/identity")
    monkeypatch.setenv("IDENTITY_HEADER", "a-header-of-this-machine")
    assert azure_read(identities) == [f"Bearer {TOKEN}"]


def test_the_workload_identity_of_azure(identities: Identities, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "token").write_text("a-token-of-the-cluster")
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(home / "token"))
    monkeypatch.setenv("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000001")
    monkeypatch.setenv("AZURE_TENANT_ID", "00000000-0000-0000-0000-000000000002")
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", identities.url)
    assert azure_read(identities) == [f"Bearer {TOKEN}"]


def test_whoever_is_logged_in_with_the_azure_cli(identities: Identities, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"accessToken": TOKEN, "expiresOn": "2099-01-01 00:00:00.000000", "expires_on": 4070908800, "tokenType": "Bearer"}
    said |= {"subscription": "s", "tenant": "t"}
    (home / "az").write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(said)}\nEND\n")
    (home / "az").chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:{os.environ['PATH']}")
    monkeypatch.setenv("AZURE_USE_AZURE_CLI", "true")
    assert azure_read(identities) == [f"Bearer {TOKEN}"]


def google_token() -> str:
    """What would go out with a request. It does not go to our stand-in of the storage service: never without encryption."""
    credentials = default_credentials()
    credentials.refresh(need("google.auth.transport.requests").Request())
    return str(credentials.token)


def test_the_service_account_of_google_that_the_environment_names(
    identities: Identities, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    account = {"type": "service_account", "client_email": "backup@example.iam", "private_key": text, "token_uri": f"{identities.url}/oauth"}
    (home / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(home / "account.json"))
    assert google_token() == TOKEN


def test_the_service_account_of_a_machine_of_google(identities: Identities, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCE_METADATA_HOST", identities.host)
    monkeypatch.setenv("GCE_METADATA_IP", identities.host)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "backups")
    assert google_token() == TOKEN


def test_nobody_at_all_is_said_in_a_sentence(rclone_s3: RcloneS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clouds, "RETRIES", 0)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(StoreError, match="No credentials for s3://"):
        write_and_read(rclone_s3)
