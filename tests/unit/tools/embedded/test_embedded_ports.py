from __future__ import annotations

import socket

import pytest

from tools.embedded.errors import EmbeddedError
from tools.embedded.ports import BASE_VARIABLE, DEFAULT_BASE, HOST, Ports, free_port, is_free, port_base, require_free


def test_the_base_is_the_option_else_the_environment_else_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BASE_VARIABLE, raising=False)
    assert port_base() == DEFAULT_BASE
    monkeypatch.setenv(BASE_VARIABLE, "19000")
    assert port_base() == 19000
    assert port_base("20000") == 20000


@pytest.mark.parametrize("text", ["abc", "-5", "80", "65535", "18400.5"])
def test_a_base_that_is_no_usable_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(EmbeddedError, match=f"the port base is '{text}'.*1024 to 65530"):
        port_base(text)


def test_no_two_purposes_share_a_port() -> None:
    ports = Ports(18400).by_purpose()
    assert len(set(ports.values())) == len(ports) == 5


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        assert not is_free(listener.getsockname()[1])
    assert is_free(free_port())


def test_a_taken_port_is_named_with_its_purpose_and_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = DEFAULT_BASE + 4
    monkeypatch.setattr("tools.embedded.ports.is_free", lambda port: port != taken)
    with pytest.raises(EmbeddedError, match=rf"port {taken} \(for PostgreSQL\) is taken.*make demo PORT_BASE=\d+"):
        require_free(Ports(DEFAULT_BASE))
