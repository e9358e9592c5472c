"""TLS at a real router: what browsers are told, and a certificate that changes under open connections."""

from __future__ import annotations

import datetime
import http.client
import ssl
import typing as t

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.traffic_lab import Lab, open_lab
from tools.embedded.ports import free_port

if t.TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator


def write_certificate(path: pathlib.Path, serial: int, *, key_of_another: bool = False) -> None:
    """A certificate with its key in one file, as the role wants it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(serial)
    certificate = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    kept = ec.generate_private_key(ec.SECP256R1()) if key_of_another else key
    private = kept.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)


@pytest.fixture(scope="module")
def plain_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def lab(haproxy_binary: str, plain_port: int) -> Iterator[Lab]:
    """A router that ends TLS for its two slots."""
    with open_lab(haproxy_binary) as lab:
        write_certificate(lab.directory / "portal.pem", 1)
        lab.processes["router"].kill()
        lab.processes.pop("router").wait()
        lab.start_router(
            platform_host_tls_certificate=str(lab.directory / "portal.pem"),
            platform_host_tls_redirect_bind=f"127.0.0.1:{plain_port}",
            platform_host_tls_hsts=31536000,
        )
        yield lab


def connect(lab: Lab) -> http.client.HTTPSConnection:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", lab.port, timeout=30, context=context)
    connection.connect()
    return connection


def status(connection: http.client.HTTPSConnection) -> int:
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    return answer.status


def serial_shown(lab: Lab) -> int:
    """The number of the certificate that a new connection is shown."""
    connection = connect(lab)
    shown = connection.sock.getpeercert(binary_form=True)
    connection.close()
    assert isinstance(shown, bytes)
    return x509.load_der_x509_certificate(shown).serial_number


def hand_over(lab: Lab, *, check: bool = False) -> dict[str, t.Any]:
    return lab.module("slot_router", certificate=str(lab.directory / "portal.pem"), state="configured", _ansible_check_mode=check)


def test_browsers_get_http2_and_are_told_to_stay_with_https(lab: Lab, plain_port: int) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    connection = http.client.HTTPSConnection("127.0.0.1", lab.port, timeout=30, context=context)
    connection.connect()
    assert connection.sock.selected_alpn_protocol() == "h2"
    connection.close()
    secure = connect(lab)
    secure.request("GET", "/")
    answer = secure.getresponse()
    assert (answer.status, answer.headers["Strict-Transport-Security"]) == (200, "max-age=31536000")
    secure.close()
    plain = http.client.HTTPConnection("127.0.0.1", plain_port, timeout=30)
    plain.request("POST", "/orders?id=1", headers={"Host": "shop.example.org"})
    moved = plain.getresponse()
    assert (moved.status, moved.headers["Location"]) == (308, "https://shop.example.org/orders?id=1")
    plain.close()


def test_a_new_certificate_is_shown_at_once_and_drops_no_connection(lab: Lab) -> None:
    write_certificate(lab.directory / "portal.pem", 1)
    hand_over(lab)
    before = connect(lab)
    assert (status(before), serial_shown(lab)) == (200, 1)
    socket_before = before.sock
    write_certificate(lab.directory / "portal.pem", 2)
    assert hand_over(lab, check=True)["changed"]
    assert serial_shown(lab) == 1
    assert hand_over(lab)["changed"]
    assert serial_shown(lab) == 2
    assert (status(before), before.sock is socket_before) == (200, True)
    assert not hand_over(lab)["changed"]
    before.close()


def test_a_certificate_without_its_key_is_refused_and_the_old_one_stays(lab: Lab) -> None:
    write_certificate(lab.directory / "portal.pem", 3)
    assert not hand_over(lab).get("failed")
    write_certificate(lab.directory / "portal.pem", 4, key_of_another=True)
    refused = hand_over(lab)
    assert refused["failed"]
    assert "It keeps the one it had" in refused["msg"]
    assert serial_shown(lab) == 3
    whole = (lab.directory / "portal.pem").read_text()
    (lab.directory / "portal.pem").write_text(whole[: whole.index("-----BEGIN PRIVATE KEY")])
    assert "holds no private key" in hand_over(lab)["msg"]
    assert serial_shown(lab) == 3
    write_certificate(lab.directory / "portal.pem", 5)
    assert not hand_over(lab).get("failed")
    assert serial_shown(lab) == 5
