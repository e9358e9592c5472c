"""When the lint can be spared."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.emptiness import nothing_to_harm
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import Job

from .fakes import FakeDatabase


def is_harmless(text: str, *, holds_relations: bool = False) -> bool:
    file = SqlFile("1", "x", "1_x.sql", text.encode())
    return nothing_to_harm(FakeDatabase({"SELECT EXISTS": [(holds_relations,)]}), [Job(file, file.script)])


@pytest.mark.parametrize("text", ["create table t ();\nALTER  TABLE t add n int;", "create index on t (n);", "-- nothing", "truncate t"])
def test_a_database_without_a_relation_has_nothing_to_harm(text: str) -> None:
    assert is_harmless(text)
    assert not is_harmless(text, holds_relations=True)


@pytest.mark.parametrize(
    "text", ["DROP TYPE mood", "alter type mood rename to m", "Alter\n function f() rename to g", "-- Holdfast: lint-ignore=truncate\n"]
)
def test_types_functions_schemas_and_the_comments_for_the_lint_are_looked_at_all_the_same(text: str) -> None:
    assert not is_harmless(text)
