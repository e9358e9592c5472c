"""A development server that is started, looked at and ended, by the real module; and files by env_file as Ansible calls it."""

from __future__ import annotations

import contextlib
import functools
import http.client
import os
import sys
import threading
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.integration.module_child import fail, run_module, succeed
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# As npm does: a child that serves, in the foreground. Both write down who they are.
SERVER = """\
import http.server, os, pathlib, subprocess, sys
if sys.argv[1] == "parent":
    pathlib.Path("parent").write_text(str(os.getpid()))
    sys.exit(subprocess.call([sys.executable, __file__, "child", sys.argv[2]]))
pathlib.Path("child").write_text(str(os.getpid()))
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>the portal</html>")
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
Server(("127.0.0.1", int(sys.argv[2])), Page).serve_forever()
"""
SECRET = "correct-horse-battery"
PAGE = {"name": "application", "kind": "http", "url": "/", "expect_body": "the portal"}


def options(folder: Path, port: int, *command: str, **more: t.Any) -> dict[str, t.Any]:
    base = f"http://127.0.0.1:{port}"
    return {"directory": str(folder), "command": list(command), "base_url": base, "checks": [PAGE], "wait_timeout": 120, **more}


def is_gone(pid: int) -> bool:
    """Ended; whoever inherited it may not have taken notice yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_it_is_started_found_healthy_and_ended_with_its_children(tmp_path: Path, free_port: Callable[[], int]) -> None:
    (tmp_path / "serve.py").write_text(SERVER)
    port = free_port()
    result = succeed("development_server", **options(tmp_path, port, sys.executable, "serve.py", "parent", str(port)))
    assert (result["started"], result["verdict"], result["changed"]) == (True, "healthy", False)
    pids = [int((tmp_path / name).read_text()) for name in ("parent", "child")]
    assert os.getpid() not in pids
    for pid in pids:
        wait_for(functools.partial(is_gone, pid), f"process {pid} to be gone")


def test_check_mode_starts_nothing(tmp_path: Path, free_port: Callable[[], int]) -> None:
    (tmp_path / "serve.py").write_text(SERVER)
    result = succeed("development_server", check=True, **options(tmp_path, free_port(), sys.executable, "serve.py", "parent", "0"))
    assert (result["started"], result["verdict"], result["checks"]) == (False, None, [])
    assert not (tmp_path / "parent").exists()


def test_one_that_ends_by_itself_is_told_with_its_last_words_without_secrets(tmp_path: Path, free_port: Callable[[], int]) -> None:
    program = f"import sys; sys.exit('no such plugin; the key is {SECRET}')"
    result = fail(
        "development_server", **options(tmp_path, free_port(), sys.executable, "-c", program, secret_environment={"VITE_KEY": SECRET})
    )
    assert "ended with exit code 1: no such plugin; the key is ********" in result["msg"]
    assert SECRET not in result["raw"]


def test_one_that_never_serves_is_ended_and_told_with_its_last_words(tmp_path: Path, free_port: Callable[[], int]) -> None:
    program = "echo compiling; echo $$ > child; exec sleep 600"  # a shell has begun long before the deadline
    result = fail("development_server", **options(tmp_path, free_port(), "/bin/sh", "-c", program, wait_timeout=5))
    assert "did not serve within 5 s: critical: 0 of 1 check passed. application: " in result["msg"]
    assert "It said: compiling" in result["msg"]
    wait_for(lambda: is_gone(int((tmp_path / "child").read_text())), "the server to be gone")


@contextlib.contextmanager
def somebody_elses(body: bytes) -> Iterator[int]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def test_one_that_runs_already_is_looked_at_and_left_running(tmp_path: Path) -> None:
    with somebody_elses(b"the portal") as port:
        result = succeed("development_server", **options(tmp_path, port, "never-started"))
        assert (result["started"], result["verdict"]) == (False, "healthy")
        assert "answered on" in result["raw"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200


def test_something_else_on_the_port_is_not_taken_for_the_portal(tmp_path: Path) -> None:
    with somebody_elses(b"another program") as port:
        result = fail("development_server", **options(tmp_path, port, "never-started", wait_timeout=1))
    assert result["msg"].startswith("What answers there is not the portal: critical")


def test_wrong_options_are_refused_before_anything_is_started(tmp_path: Path, free_port: Callable[[], int]) -> None:
    wrong: list[tuple[dict[str, t.Any], str]] = [
        ({"command": []}, "The option command is empty."),
        ({"base_url": "localhost"}, "base_url is no address of a web server."),
        ({"directory": str(tmp_path / "nowhere")}, f"directory: there is no folder '{tmp_path / 'nowhere'}'."),
        ({"wait_timeout": 0}, "The wait_timeout is 0 s."),
        ({"command": ["no-such-program"]}, "The program 'no-such-program' was not found on this host."),
    ]
    for changed, message in wrong:
        result = fail("development_server", **options(tmp_path, free_port(), sys.executable, **changed))
        assert result["msg"].startswith(message)


def test_env_file_shows_no_secret_however_it_is_called(tmp_path: Path) -> None:
    given: dict[str, t.Any] = {
        "path": str(tmp_path / ".env.local"),
        "environment": {"VITE_DEBUG": True},
        "secret_environment": {"KEY": SECRET},
    }
    first = run_module("env_file", check=True, diff=True, **given)
    second = run_module("env_file", diff=True, **given)
    third = run_module("env_file", diff=True, **given)
    assert [result["changed"] for result in (first, second, third)] == [True, True, False]
    refused = fail("env_file", **{**given, "path": str(tmp_path / "nowhere" / ".env")})
    for result in (first, second, third, refused):
        assert SECRET not in result["raw"]
