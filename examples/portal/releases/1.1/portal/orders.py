"""Orders: what a form must say, and how they are kept."""

from __future__ import annotations

import re
import secrets
import typing as t

if t.TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from psycopg import AsyncConnection

FIELDS = (
    ("customer", "Customer", "text"),
    ("email", "E-mail (optional)", "email"),
    ("item", "Item", "text"),
    ("quantity", "Quantity", "number"),
)
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
LONGEST = 100
LARGEST_QUANTITY = 1000
LONGEST_REFERENCE = 64

NEWEST = "SELECT id, number, reference, customer_name, customer_email, item, quantity, created_at FROM orders ORDER BY id DESC LIMIT %s"
ONE = "SELECT id, number, reference, customer_name, customer_email, item, quantity, created_at FROM orders WHERE id = %s"
INSERT = (
    "INSERT INTO orders (reference, customer_name, customer_email, item, quantity) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (reference) DO NOTHING RETURNING id"
)
BY_REFERENCE = "SELECT id FROM orders WHERE reference = %s"


class Draft(t.NamedTuple):
    """An order that somebody wants to place. The reference makes sending it twice the same as sending it once."""

    reference: str
    customer: str
    email: str | None
    item: str
    quantity: int


class Order(t.NamedTuple):
    id: int
    number: int
    reference: str
    customer: str
    email: str | None
    item: str
    quantity: int
    created_at: datetime.datetime

    def as_json(self) -> dict[str, t.Any]:
        return {**self._asdict(), "created_at": self.created_at.isoformat()}


def parse(form: Mapping[str, str]) -> tuple[Draft | None, dict[str, str]]:
    """(draft, {}) or (None, {field: what is wrong with it})."""
    errors = {}
    customer, item = (form.get(name, "").strip() for name in ("customer", "item"))
    for name, value in (("customer", customer), ("item", item)):
        if not 1 <= len(value) <= LONGEST:
            errors[name] = f"must have 1 to {LONGEST} characters"
    email = form.get("email", "").strip() or None
    if email and not EMAIL.fullmatch(email):
        errors["email"] = "must look like name@example.org, or be left empty"
    quantity = _whole_number(form.get("quantity", ""))
    if not 1 <= quantity <= LARGEST_QUANTITY:
        errors["quantity"] = f"must be a whole number from 1 to {LARGEST_QUANTITY}"
    reference = form.get("reference", "").strip() or new_reference()
    if len(reference) > LONGEST_REFERENCE:
        errors["reference"] = f"must have at most {LONGEST_REFERENCE} characters"
    return (None, errors) if errors else (Draft(reference, customer, email, item, quantity), {})


def new_reference() -> str:
    return secrets.token_hex(12)


async def place(connection: AsyncConnection[t.Any], draft: Draft) -> int:
    """Keep the order and return its id; an order with this reference that is there already is the same order."""
    row = await (await connection.execute(INSERT, draft)).fetchone()
    if row is None:
        row = await (await connection.execute(BY_REFERENCE, (draft.reference,))).fetchone()
    return int(t.cast("tuple[int]", row)[0])


async def newest(connection: AsyncConnection[t.Any], limit: int) -> list[Order]:
    cursor = await connection.execute(NEWEST, (limit,))
    return [Order(*row) for row in await cursor.fetchall()]


async def find(connection: AsyncConnection[t.Any], order_id: int) -> Order | None:
    row = await (await connection.execute(ONE, (order_id,))).fetchone()
    return Order(*row) if row else None


def _whole_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
