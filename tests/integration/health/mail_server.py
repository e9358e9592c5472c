"""A mail server on loopback that takes no mail; its mood says how it misbehaves. Threads, one per connection."""

from __future__ import annotations

import base64
import contextlib
import socketserver
import ssl
import threading
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER, PASSWORD = "portal", "m4ilp4ssword"


class MailServer(socketserver.ThreadingTCPServer):
    """`heard` are the verbs of all connections."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, certificate: Path, mood: str) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.port = self.server_address[1]
        self.mood = mood
        self.heard: list[str] = []
        self.stopping = threading.Event()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)

    @classmethod
    @contextlib.contextmanager
    def running(cls, certificate: Path, mood: str = "good") -> Iterator[MailServer]:
        with cls(certificate, mood) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield server
            finally:
                server.stopping.set()
                server.shutdown()
                thread.join()


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            if self.server.mood == "implicit":
                self._encrypt()
            self._greet()
            while line := self.rfile.readline():
                verb, _blank, rest = line.decode("latin-1").strip().partition(" ")
                self.server.heard.append(verb.upper())
                self._answer(verb.upper(), rest)

    def _greet(self) -> None:
        greetings = {
            "busy": "421 come back later",
            "other": "HTTP/1.1 400 Bad Request",
        }
        if self.server.mood == "silent":
            self.server.stopping.wait()
        while self.server.mood == "drips" and not self.server.stopping.wait(0.05):
            self.wfile.write(b"2")
        while self.server.mood == "endless":
            self._say("220-welcome " + "x" * 500)
        self._say(greetings.get(self.server.mood, "220 mail.example ready"))

    def _answer(self, verb: str, rest: str) -> None:
        encrypted = isinstance(self.request, ssl.SSLSocket)
        if verb == "EHLO":
            offers = ["mail.example", *([] if encrypted or self.server.mood == "plain" else ["STARTTLS"]), "AUTH PLAIN"]
            for offer in offers[:-1]:
                self._say(f"250-{offer}")
            self._say(f"250 {offers[-1]}")
        elif verb == "STARTTLS":
            self._say("220 go ahead")
            self._encrypt()
        elif verb == "AUTH":
            sent = base64.b64decode(rest.partition(" ")[2]).decode()
            right = sent == f"\0{USER}\0{PASSWORD}"
            self._say("235 welcome" if right else f"535 5.7.8 {rest.partition(' ')[2]} is wrong")
        else:
            self._say("221 bye" if verb == "QUIT" else "502 not here")

    def _encrypt(self) -> None:
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
