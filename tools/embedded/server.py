"""A server in a child process, which a `with` block or somebody by hand starts and ends."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from tools.embedded.child import Child


class Server:
    """What all embedded servers have in common; `start` returns when the server answers."""

    _child: Child

    @property
    def pid(self) -> int:
        return self._child.pid

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """End it; its data stays."""
        self._child.stop()

    def __enter__(self) -> t.Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
