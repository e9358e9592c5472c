"""vercel_domain against the local Vercel."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.vercel.lab import HOST, Lab

TWO: list[dict[str, t.Any]] = [
    {"name": "www.shop.example.com", "redirect": "shop.example.com", "redirect_status": 308},
    {"name": "shop.example.com"},
]


def named(result: dict[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    return {domain["name"]: domain for domain in result["domains"]}


def test_domains_are_added_with_their_redirects_and_the_second_run_changes_nothing(lab: Lab) -> None:
    lab.live("one")
    predicted = lab.run("vercel_domain", domains=TWO, check=True)
    made = lab.run("vercel_domain", domains=TWO)
    assert made["changed"]
    assert predicted["diff"] == made["diff"]
    assert not lab.run("vercel_domain", domains=TWO)["changed"]
    assert named(made)["www.shop.example.com"]["redirect_status"] == 308
    answer = lab.vercel.visit("www.shop.example.com", "/x")
    assert (answer.status_code, answer.headers["location"]) == (308, "https://shop.example.com/x")


def test_a_redirect_is_changed_and_taken_away(lab: Lab) -> None:
    lab.run("vercel_domain", domains=TWO)
    plain = [{"name": "www.shop.example.com"}]
    assert lab.run("vercel_domain", domains=plain)["changed"]
    assert not lab.run("vercel_domain", domains=plain)["changed"]


def test_what_is_not_listed_goes_only_when_it_is_asked_for(lab: Lab) -> None:
    lab.run("vercel_domain", domains=TWO)
    assert not lab.run("vercel_domain", domains=TWO[1:])["changed"]
    assert named(lab.run("vercel_domain", domains=TWO[1:], purge=True)).keys() == {HOST, "shop.example.com"}
    assert named(lab.run("vercel_domain", domains=[{"name": "shop.example.com", "state": "absent"}])).keys() == {HOST}


def test_a_domain_that_has_to_be_proven_is_looked_at_again(lab: Lab) -> None:
    lab.run("vercel_domain", domains=TWO[1:])
    lab.vercel.control("PATCH", "domains", name="shop.example.com", verified=False)
    found = named(lab.run("vercel_domain", domains=TWO[1:], verify=False))["shop.example.com"]
    assert found["verified"] is False
    assert named(lab.run("vercel_domain", domains=TWO[1:]))["shop.example.com"]["verified"] is True


@pytest.mark.parametrize("cut", ["cut_before", "cut_after"])
def test_a_cut_at_every_request_is_mended(lab: Lab, cut: str) -> None:
    for number in range(5):
        lab.vercel.fault(cut, skip=number)
        lab.run("vercel_domain", domains=TWO)
        lab.vercel.control("DELETE", "faults")
        assert not lab.run("vercel_domain", domains=TWO)["changed"]
        lab.run("vercel_domain", domains=[{**domain, "state": "absent"} for domain in TWO])


@pytest.mark.parametrize(
    ("domain", "sentence"),
    [
        ({"name": "https://shop.example.com"}, "domains[0].name: 'https://shop.example.com' is no domain"),
        ({"name": "shop.example.com", "redirect": "a/b"}, "domains[0].redirect: 'a/b' is no domain"),
        ({"name": "shop.example.com", "redirect_status": 301}, "redirects nowhere"),
    ],
)
def test_what_is_no_domain_is_refused_before_anything_is_sent(lab: Lab, domain: dict[str, t.Any], sentence: str) -> None:
    before = lab.mark()
    assert sentence in lab.refused("vercel_domain", domains=[domain])
    assert lab.vercel.asked(before) == []
    assert "is listed twice" in lab.refused("vercel_domain", domains=[{"name": "a.example.com"}, {"name": "A.example.com"}])
