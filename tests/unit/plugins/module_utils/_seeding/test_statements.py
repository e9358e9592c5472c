"""The SQL that is sent: every name quoted, every value a parameter."""

from __future__ import annotations

import json

from ansible_collections.holdfast.webops.plugins.module_utils._seeding.documents import Seed, read_seed
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.statements import (
    comparing,
    groups_of,
    inserting,
    parameter,
    updating,
)
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.tables import Table

ODD = 'na"%me'
TABLE = Table(
    "shop", 'Pa"rt', {"id": "integer", ODD: "character varying(10)", "facts": "json"}, frozenset(), frozenset({frozenset({"id"})})
)
SOURCE = (
    "pg_catalog.json_array_elements(%(rows)s::json) WITH ORDINALITY AS element(value, number), "
    'LATERAL pg_catalog.json_to_record(element.value) AS seed("id" integer, "na""%%me" character varying(10))'
)


def seed_of(*rows: dict[str, object]) -> Seed:
    return read_seed('shop.Pa"rt', "a.json", json.dumps(rows), key=["id"], update=True)


def test_rows_are_grouped_by_the_columns_that_they_name() -> None:
    groups = groups_of(seed_of({"id": 1, ODD: "a"}, {"id": 2}, {ODD: "b", "id": 3}), TABLE)
    assert [(group.columns, [row.number for row in group.rows]) for group in groups] == [(("id", ODD), [1, 3]), (("id",), [2])]
    assert parameter(groups[0].rows) == {"rows": '[{"id": 1, "na\\"%me": "a"},{"na\\"%me": "b", "id": 3}]'}


def test_names_are_quoted_and_values_are_one_parameter() -> None:
    (group,) = groups_of(seed_of({"id": 1, ODD: "'; drop table x"}), TABLE)
    assert inserting(group).as_string(None) == (
        f'INSERT INTO "shop"."Pa""rt" ("id", "na""%%me") OVERRIDING SYSTEM VALUE SELECT "seed"."id", "seed"."na""%%me" FROM {SOURCE} '
        'ORDER BY element.number ON CONFLICT ("id") DO NOTHING'
    )
    assert updating(group).as_string(None) == (
        f'UPDATE "shop"."Pa""rt" AS present SET "na""%%me" = "seed"."na""%%me" FROM {SOURCE} WHERE "present"."id" = "seed"."id" '
        'AND pg_catalog.record_image_ne(ROW("present"."na""%%me"), ROW("seed"."na""%%me"))'
    )
    assert "drop table" not in comparing(group).as_string(None)


def test_a_row_of_its_key_alone_is_only_looked_for() -> None:
    (group,) = groups_of(seed_of({"id": 1}), TABLE)
    assert "ARRAY[]::text[]" in comparing(group).as_string(None)
    assert group.others == ()
