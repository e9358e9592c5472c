from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain


class Lazy(dict):  # type: ignore[type-arg]
    """Stands for the templar's containers: a dict that cannot be made like a dict."""

    def __init__(self, content: dict[str, object], key: object) -> None:
        super().__init__(content)
        assert key


def test_the_copy_has_ordinary_containers_all_the_way_down() -> None:
    copied = plain({"release": Lazy({"steps": ("a", Lazy({"b": 1}, "k"))}, "k")})
    assert copied == {"release": {"steps": ["a", {"b": 1}]}}
    assert [kind.__name__ for kind in (type(copied["release"]), type(copied["release"]["steps"][1]))] == ["dict", "dict"]
