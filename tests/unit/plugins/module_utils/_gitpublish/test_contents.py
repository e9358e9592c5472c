"""What a release commit holds beside the tested files."""

from __future__ import annotations

import json

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish import contents
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.contents import About

ABOUT = About("1.4.0-20261121T223000Z", "1.4.0", "8843d7f92416211de9ebb963ff4ce28125932878", "")
PAGE = "<!doctype html>\n<html><head>\n<title>Shop</title>\n</HEAD><body></body></html>\n"


def test_the_release_file_says_release_commit_and_time_and_is_read_again() -> None:
    text = contents.release_file(ABOUT, "2026-11-21T22:31:00Z", ["/assets/b.js", "/assets/a.js"])
    assert json.loads(text) == {
        "release": ABOUT.id,
        "version": "1.4.0",
        "commit": ABOUT.commit,
        "time": "2026-11-21T22:31:00Z",
        "kept": ["/assets/a.js", "/assets/b.js"],
    }
    assert contents.read_release_file(text) == json.loads(text)


@pytest.mark.parametrize("text", ["<!doctype html><html></html>", "", "[]", "{}", '{"release": 4}', "null"])
def test_what_is_no_release_file_names_no_release(text: str) -> None:
    assert contents.read_release_file(text) is None


def test_a_page_gets_the_tag_once_however_often_it_is_put_there() -> None:
    once = contents.with_meta(PAGE, "1.0-a", "index.html")
    twice = contents.with_meta(once, "1.1-b", "index.html")
    assert (contents.meta_of(once), contents.meta_of(twice)) == ("1.0-a", "1.1-b")
    assert twice.count("holdfast-release") == 1
    assert twice.replace('<meta name="holdfast-release" content="1.1-b">\n', "") == PAGE


@pytest.mark.parametrize(
    "tag",
    [
        '<meta content="1.0-a" name="holdfast-release"/>',
        "<META name=holdfast-release content=1.0-a>",
        "<meta name='holdfast-release' content='1.0-a'>",
    ],
)
def test_the_tag_is_found_however_a_build_has_written_it(tag: str) -> None:
    assert contents.meta_of(f'<head><meta charset="utf-8">{tag}</head>') == "1.0-a"


def test_a_page_without_a_tag_is_of_no_release_and_one_without_a_head_gets_none() -> None:
    assert contents.meta_of(PAGE) is None
    with pytest.raises(InputError, match="no </head>"):
        contents.with_meta("<p>", "1.0-a", "index.html")


def test_an_environment_is_written_as_dotenv_reads_it() -> None:
    text = contents.environment_file({"VITE_URL": "https://a.example.org/x?y=1&z=$1", "VITE_ON": True, "VITE_NAME": "VZ Portal"}, ["VITE_"])
    assert text.decode().splitlines()[1:] == ["VITE_NAME='VZ Portal'", "VITE_ON=true", "VITE_URL='https://a.example.org/x?y=1&z=$1'"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [({"SERVICE_KEY": "x"}, "SERVICE_KEY begins with none"), ({"VITE-X": "x"}, "no name"), ({"VITE_X": "it's"}, "VITE_X holds")],
)
def test_a_name_that_may_be_a_secret_and_a_value_that_no_file_keeps_are_refused(variables: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        contents.environment_file(variables, ["VITE_"])
