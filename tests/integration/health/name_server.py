"""A name server on loopback whose names say how it misbehaves. UDP and TCP on one port."""

from __future__ import annotations

import collections
import contextlib
import socketserver
import threading
import typing as t

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

if t.TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS = {
    ("portal.example.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("portal.example.", "AAAA"): ["2001:db8::1"],
    ("portal.example.", "MX"): ["10 Mail.portal.example."],
    ("portal.example.", "TXT"): ['"v=spf1 include:" "mail.example -all"'],
    ("www.portal.example.", "CNAME"): ["portal.example."],
}


class NameServer:
    """Counts the questions it got by name."""

    def __init__(self) -> None:
        self.asked: collections.Counter[str] = collections.Counter()
        self.stopping = threading.Event()
        self.port = 0

    @classmethod
    @contextlib.contextmanager
    def running(cls) -> Iterator[NameServer]:
        names = cls()
        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(names, _OverTcp)) as tcp:
            names.port = tcp.server_address[1]
            with socketserver.ThreadingUDPServer(("127.0.0.1", names.port), _handler(names, _OverUdp)) as udp:
                threads = [threading.Thread(target=each.serve_forever, args=(0.05,)) for each in (tcp, udp)]
                for thread in threads:
                    thread.start()
                try:
                    yield names
                finally:
                    names.stopping.set()
                    for each in (tcp, udp):
                        each.shutdown()
                    for thread in threads:
                        thread.join()

    def answer(self, wire: bytes, *, over_udp: bool) -> bytes:
        question = dns.message.from_wire(wire)
        name, kind = question.question[0].name.to_text(), dns.rdatatype.to_text(question.question[0].rdtype)
        self.asked[name] += 1
        answer = dns.message.make_response(question)
        if name == "silent.example.":
            self.stopping.wait()
        elif name == "broken.example.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name == "gibberish.example.":
            return b"\x00\xff" * 20
        elif name == "large.example." and over_udp:
            answer.flags |= dns.flags.TC
        elif name == "large.example.":
            answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", "A", [f"192.0.2.{number}" for number in range(1, 250)]))
        elif (name, kind) in RECORDS:
            answer.answer.append(dns.rrset.from_text_list(name, 300, "IN", kind, RECORDS[name, kind]))
        elif not any(known == name for known, _kind in RECORDS):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


class _OverUdp(socketserver.BaseRequestHandler):
    names: NameServer

    def handle(self) -> None:
        wire, socket = self.request
        socket.sendto(self.names.answer(wire, over_udp=True), self.client_address)


class _OverTcp(socketserver.StreamRequestHandler):
    names: NameServer

    def handle(self) -> None:
        size = int.from_bytes(self.rfile.read(2), "big")
        answer = self.names.answer(self.rfile.read(size), over_udp=False)
        self.wfile.write(len(answer).to_bytes(2, "big") + answer)


def _handler(names: NameServer, kind: type[socketserver.BaseRequestHandler]) -> type[socketserver.BaseRequestHandler]:
    return type("Handler", (kind,), {"names": names})
