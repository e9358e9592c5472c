"""The answers of HAProxy's runtime socket. The texts come from HAProxy 2.6.12 and 2.8.25."""

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import (
    RouterDownError,
    RuntimeSocket,
    Waiting,
    age_seconds,
    parse_servers,
    parse_table,
    parse_waiting,
)

SESSIONS_28 = """\
0x3e537100: proto=tcpv4 src=127.0.0.1:54714 fe=portal be=slot_blue srv=blue ts=00 epoch=0 age=3s calls=4 rate=0 cpu=0 lat=0 \
rq[f=1840000h,i=0,an=8000h,ax=] rp[f=80040101h,i=0,an=4000000h,ax=] scf=[8,482h,fd=12,rex=,wex=] scb=[8,1011h,fd=13,rex=29s,wex=] exp=27s
0x3e536760: proto=tcpv4 src=127.0.0.1:54732 fe=portal be=slot_green srv=green ts=00 epoch=0 age=1m3s calls=3 rate=1 cpu=0 lat=0 \
rq[f=1840000h,i=0,an=8000h,ax=] rp[f=80000000h,i=0,an=1400000h,ax=] scf=[8,482h,fd=16,rex=,wex=] scb=[8,1411h,fd=17,rex=27s,wex=] exp=27s
0x3e536b70: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> ts=00 epoch=0 age=0s calls=1 rate=0 cpu=0 lat=0 \
rq[f=808000h,i=0,an=00h,ax=] rp[f=80008001h,i=0,an=00h,ax=] scf=[8,400h,fd=15,rex=1m,wex=] scb=[8,1h,fd=-1,rex=,wex=] exp=1m rc=0 c_exp=
"""
SESSIONS_26 = """\
0x561eee5ab1e0: proto=tcpv4 src=127.0.0.1:59228 fe=portal be=slot_blue srv=blue ts=00 epoch=0 age=3s calls=3 rate=1 cpu=0 lat=0 \
rq[f=49c40000h,i=0,an=8000h,rx=,wx=,ax=] rp[f=80400000h,i=0,an=1400000h,rx=27s,wx=,ax=] scf=[8,80h,fd=12] scb=[8,11h,fd=15] exp=27s
0x561eee5af960: proto=tcpv4 src=127.0.0.1:59246 fe=portal be=slot_blue srv=blue ts=00 epoch=0 age=3s calls=4 rate=0 cpu=0 lat=0 \
rq[f=49c40080h,i=0,an=8000h,rx=,wx=,ax=] rp[f=80040202h,i=0,an=4000000h,rx=29s,wx=,ax=] scf=[8,80h,fd=13] scb=[8,11h,fd=16] exp=27s
"""


@pytest.mark.parametrize(
    ("text", "waiting"), [(SESSIONS_28, [Waiting("slot_green", "green", 63)]), (SESSIONS_26, [Waiting("slot_blue", "blue", 3)])]
)
def test_only_requests_without_an_answer_wait(text: str, waiting: list[Waiting]) -> None:
    assert parse_waiting(text) == waiting


@pytest.mark.parametrize(("text", "seconds"), [("0s", 0), ("59s", 59), ("1m5s", 65), ("2h3m", 7380), ("1d4h", 100800)])
def test_haproxys_durations_are_read(text: str, seconds: int) -> None:
    assert age_seconds(text) == seconds


def test_a_map_is_read_with_its_values() -> None:
    assert parse_table("0x4738b50 green_pct 0\n0x4738be0 maint 0\n") == {"green_pct": "0", "maint": "0"}


def test_servers_are_read_without_frontends_and_backends() -> None:
    text = (
        "# pxname,svname,scur,stot,wretr,wredis,status,chkdown,hrsp_5xx,\n"
        "portal,FRONTEND,1,3,,,OPEN,,0,\nslot_blue,blue,1,3,0,2,UP 1/2,1,4,\nslot_blue,BACKEND,1,3,0,0,UP,0,4,\n"
    )
    (server,) = parse_servers(text)
    assert (server.backend, server.name, server.current, server.redispatches, server.downs, server.errors) == (
        "slot_blue",
        "blue",
        1,
        2,
        1,
        4,
    )
    assert server.is_up


def test_nobody_on_the_socket_is_said_with_its_path(tmp_path: pathlib.Path) -> None:
    socket = RuntimeSocket(str(tmp_path / "no.sock"))
    assert not socket.is_running()
    with pytest.raises(RouterDownError, match=r"No router answers on .*no\.sock.*No such file"):
        socket.ask("show stat")


def test_something_that_is_no_socket_is_said(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WebopsError, match="No router answers"):
        RuntimeSocket(str(tmp_path / "file")).ask("show stat")


@pytest.mark.usefixtures("router")
def test_a_socket_that_this_user_may_not_use_is_said_and_is_no_router_that_is_down(tmp_path: pathlib.Path) -> None:
    (tmp_path / "router.sock").chmod(0o000)
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(WebopsError, match="this user may not use") as refused:
            RuntimeSocket(str(tmp_path / "router.sock")).is_running()
    finally:
        os.seteuid(os.getuid())
    assert not isinstance(refused.value, RouterDownError)
    assert "as the router's user or as root" in str(refused.value)
