"""A project's domains."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._vercel import domains

PLAIN = {"redirect": None, "redirect_status": None, "git_branch": None}


def test_a_domain_that_is_not_proven_comes_with_the_records_to_set() -> None:
    record = {"type": "TXT", "domain": "_vercel.example.com", "value": "vc-domain-verify=x", "reason": "pending"}
    shown = domains._shown("shop.example.com", {"verified": False, "verification": [record]}, PLAIN)
    assert shown["records"] == [{"type": "TXT", "name": "_vercel.example.com", "value": "vc-domain-verify=x"}]


def test_a_redirect_without_a_status_is_vercels_own() -> None:
    found = {"www.example.com": {"redirect": "example.com", "redirectStatusCode": None}}
    assert domains._settings(found) == {"www.example.com": {**PLAIN, "redirect": "example.com", "redirect_status": 307}}


def test_vercels_own_address_is_never_purged() -> None:
    before = {"shop.vercel.app": PLAIN, "old.example.com": PLAIN}
    params = {"domains": [{"name": "New.example.com", "state": "present", **PLAIN}], "purge": True}
    assert domains._wanted(params, before) == {"shop.vercel.app": PLAIN, "new.example.com": PLAIN}
