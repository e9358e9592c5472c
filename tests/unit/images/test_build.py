"""The recipe of the image for the molecule scenario `hosts`."""

from __future__ import annotations

import re

import pytest

from tests.images import build


def test_comments_and_empty_lines_of_the_list_are_no_packages() -> None:
    assert build.packages("# why\nage\n\n  haproxy\n") == ["age", "haproxy"]


def test_the_list_holds_names_of_debian_packages_without_repetition() -> None:
    names = build.packages(build.PACKAGES.read_text())
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name) for name in names)
    assert len(names) == len(set(names))


def test_another_package_list_makes_another_image() -> None:
    assert build.image_name(b"age\n", b"script") != build.image_name(b"age\nhaproxy\n", b"script")


def test_the_same_recipe_has_the_same_name_every_time() -> None:
    assert build.image_name(b"age\n", b"script") == build.image_name(b"age\n", b"script")


def test_a_failed_program_is_named_with_its_last_words() -> None:
    with pytest.raises(build.ImageError, match=r"ended with 3:\nfirst\nno space left"):
        build._run(["sh", "-c", "echo first; echo no space left; exit 3"])


def test_a_missing_program_is_named_with_what_installs_it() -> None:
    with pytest.raises(build.ImageError, match="holdfast-no-such-program is missing; `make packages`"):
        build._run(["holdfast-no-such-program"])
