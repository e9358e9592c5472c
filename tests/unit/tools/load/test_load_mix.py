from __future__ import annotations

import random
from collections import Counter
from urllib.parse import parse_qs

from tools.load.mix import BOUNDARY, Mix, Visit, multipart


def visits(count: int) -> list[Visit]:
    mix = Mix("127.0.0.1:18400", "load-1", source=random.Random(7))
    return [mix.draw() for _number in range(count)]


def test_every_kind_of_visit_happens() -> None:
    assert set(Counter(visit.kind for visit in visits(3000))) == set(Mix.WEIGHTS)


def test_no_two_orders_share_a_reference() -> None:
    references = [visit.reference for visit in visits(3000) if visit.reference]
    assert len(references) == len(set(references)) > 300


def test_an_order_is_a_form_with_its_reference_as_the_key_that_lets_it_be_sent_again() -> None:
    order = next(visit for visit in visits(100) if visit.kind == "order")
    assert parse_qs(order.body.decode())["item"] == ["Lamp"]
    assert order.expected == 303
    headers = dict(order.head.headers)
    assert headers[b"idempotency-key"] == f'"{order.reference}"'.encode()
    assert headers[b"content-length"] == str(len(order.body)).encode()


def test_reading_places_no_order() -> None:
    assert all(visit.reference is None and not visit.body for visit in visits(300) if visit.kind in ("list", "api", "form", "slow"))


def test_a_multipart_form_ends_with_the_closing_boundary() -> None:
    body = multipart({"item": "Lamp"}, b"\x00\xff")
    assert body.count(f"--{BOUNDARY}".encode()) == 3
    assert body.endswith(b"\x00\xff\r\n--" + BOUNDARY.encode() + b"--\r\n")
