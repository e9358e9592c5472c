"""People with a websocket open: each says a word now and then and waits for the echo."""

from __future__ import annotations

import asyncio
import collections
import threading
import typing as t

import aiohttp

if t.TYPE_CHECKING:
    from collections.abc import Coroutine

ECHO_WITHIN = 60.0
PAUSE = 0.1
FOR_EVER = 1_000_000_000


class Chatters:
    """`with Chatters(url, 10) as chatters:`, in a thread; who is cut off, or hung up after so many `words`, comes back at once.

    `failures` are sockets that could not be opened, and echoes that were wrong or never came; `cut` are sockets that the other side ended.
    """

    def __init__(self, url: str, number: int, *, words: int = FOR_EVER) -> None:
        self._url = f"{url}/echo"
        self._number = number
        self._words = words
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.failures: list[str] = []
        self.cut = 0
        self.echoes: collections.Counter[str] = collections.Counter()

    def __enter__(self) -> Chatters:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stopped.set()
        self._thread.join()

    def report(self) -> dict[str, t.Any]:
        return {"echoes": self.echoes.total(), "cut": self.cut, "failures": list(self.failures)}

    async def _run(self) -> None:
        async with aiohttp.ClientSession() as session:
            people: list[Coroutine[t.Any, t.Any, None]] = [self._person(session, number) for number in range(self._number)]
            await asyncio.gather(*people)

    async def _person(self, session: aiohttp.ClientSession, number: int) -> None:
        while not self._stopped.is_set():
            try:
                async with session.ws_connect(self._url) as line:
                    await self._chat(line, number)
            except (aiohttp.ClientError, OSError) as exc:
                self.failures.append(f"person {number} could not connect: {type(exc).__name__} {exc}")
                await asyncio.sleep(PAUSE)

    async def _chat(self, line: aiohttp.ClientWebSocketResponse, number: int) -> None:
        for turn in range(self._words):
            if self._stopped.is_set():
                return
            word = f"{number}-{turn}"
            try:
                await line.send_str(word)
                answer = await line.receive(ECHO_WITHIN)
            except TimeoutError:
                self.failures.append(f"person {number} heard nothing for {ECHO_WITHIN:g} s")
                return
            except (aiohttp.ClientError, OSError):
                self.cut += 1
                return
            if answer.type is not aiohttp.WSMsgType.TEXT:
                self.cut += 1
                return
            name, _space, echo = str(answer.data).partition(" ")
            self.echoes[name] += 1
            if echo != word:
                self.failures.append(f"person {number} said {word} and heard {echo}")
            await asyncio.sleep(PAUSE)
