"""Migrations to measure with, as many as one likes, in the folders of both formats."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from pathlib import Path

MIGRATION = """-- Customers may have several addresses; the first one is the invoice's.
create table addresses_{number} (
    id bigint generated always as identity primary key,
    street text not null check (length(street) between 1 and 200),
    "postal code" varchar(12) not null default '',
    price numeric(10, 2)
);
create index on addresses_{number} (street);
comment on table addresses_{number} is 'Where the customer''s parcels go';
"""
FUNCTION = """create function touch_{number}() returns trigger language plpgsql set search_path = '' as $$
begin
  -- nobody cuts here; or here
  new.updated_at := now();
  return new;
end;
$$;
"""


def supabase_files(root: Path, count: int) -> Path:
    """A project in `root` with so many migrations of three statements; the folder that holds them."""
    folder = root / "supabase" / "migrations"
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{20260101000000 + number}_addresses_{number}.sql").write_text(MIGRATION.format(number=number))
    return folder


def prisma_files(root: Path, count: int) -> Path:
    """The same as a project of Prisma."""
    folder = root / "prisma" / "migrations"
    for number in range(count):
        path = folder / f"{20260101000000 + number}_addresses_{number}" / "migration.sql"
        path.parent.mkdir(parents=True)
        path.write_text(MIGRATION.format(number=number))
    (folder / "migration_lock.toml").write_text('provider = "postgresql"\n')
    return folder


def sql_text(length: int) -> str:
    """One long file of the same statements and functions, of at least so many characters."""
    both = MIGRATION * 2 + FUNCTION
    return "".join(both.format(number=number) for number in range(length // len(both) + 1))
