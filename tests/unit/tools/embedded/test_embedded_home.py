from __future__ import annotations

import configparser
import os
import re
import typing as t

import pytest

from tools.embedded import credentials, lock, supervision
from tools.embedded.__main__ import arguments
from tools.embedded.errors import EmbeddedError
from tools.embedded.home import Home, furnish, require_furnished
from tools.embedded.ports import Ports
from tools.embedded.processes import MARK

if t.TYPE_CHECKING:
    from pathlib import Path


def test_the_home_has_static_paths_to_every_tool(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    furnish(home)
    for tool in ("haproxy", "rclone", "supervisord", "supervisorctl"):
        assert os.access(home.bin / tool, os.X_OK)
    assert os.access(home.path / "tools" / "postgresql" / "bin" / "pg_dump", os.X_OK)


def test_furnishing_again_changes_nothing_and_a_wrong_link_is_replaced(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    furnish(home)
    inode, right = (home.bin / "rclone").lstat().st_ino, (home.bin / "haproxy").readlink()
    (home.bin / "haproxy").unlink()
    (home.bin / "haproxy").symlink_to("/nowhere")
    furnish(home)
    assert (home.bin / "rclone").lstat().st_ino == inode
    assert (home.bin / "haproxy").readlink() == right


def test_a_home_too_deep_for_a_unix_socket_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    home = Home.at(tmp_path / ("deep" * 30))
    with pytest.raises(EmbeddedError, match="too long for a unix socket"):
        furnish(home)
    assert not home.path.exists()


def test_a_folder_that_is_no_home_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="nothing was touched"):
        require_furnished(Home.at(tmp_path))


def test_the_supervisors_configuration_holds_no_secret(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    furnish(home)
    credentials.make_missing(home.secrets)
    text = supervision.configuration(home, Ports(18400))
    assert not [name for name in credentials.GENERATED if credentials.read(home.secrets, name) in text]


def test_the_supervisor_includes_the_programs_of_others_and_marks_its_children(tmp_path: Path) -> None:
    parsed = configparser.RawConfigParser()
    parsed.read_string(supervision.configuration(Home.at(tmp_path), Ports(18400)))
    assert parsed["include"]["files"] == "conf.d/*.conf"
    assert parsed["supervisord"]["environment"] == f'{MARK}="{tmp_path}"'
    assert "-c port=18404" in parsed["program:postgresql"]["command"]
    assert parsed["program:postgresql"]["stopsignal"] == "INT"


def test_a_percent_sign_in_the_path_is_not_expanded_by_the_supervisor(tmp_path: Path) -> None:
    text = supervision.configuration(Home.at(tmp_path / "100%"), Ports(18400))
    assert not re.search(r"(?<!%)%(?!%)", text.replace("%%", ""))
    assert f"{tmp_path}/100%%/log" in text


def test_two_runs_in_one_home_exclude_each_other_and_the_second_learns_who_is_first(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with lock.held(home), pytest.raises(EmbeddedError, match=rf"already running \(pid {os.getpid()}\)"), lock.held(home):
        pass
    with lock.held(home):
        assert home.lock.read_text().strip() == str(os.getpid())


def test_purge_only_goes_with_down(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["up", "--purge"])
    assert "--purge only goes with down" in capsys.readouterr().err
