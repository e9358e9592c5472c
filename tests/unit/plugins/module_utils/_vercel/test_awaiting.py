"""When a deployment can be used, and when it never will."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._vercel.awaiting import failure_of, has_addresses, is_built, needs_addresses

READY: dict[str, t.Any] = {"readyState": "READY", "target": "production"}


@pytest.mark.parametrize(
    ("deployment", "built"),
    [
        ({"readyState": "BUILDING"}, False),
        ({**READY, "readySubstate": "STAGED"}, True),
        ({**READY, "checksState": "running"}, False),
        ({**READY, "checksState": "completed"}, True),
    ],
)
def test_a_build_is_over_with_its_checks(deployment: dict[str, t.Any], built: bool) -> None:
    assert is_built(deployment) is built


@pytest.mark.parametrize(
    ("deployment", "staged", "needs"),
    [
        (READY, True, False),
        (READY, False, True),
        ({**READY, "autoAssignCustomDomains": False}, False, False),
        ({"readyState": "READY", "target": None}, False, False),
    ],
)
def test_only_what_serves_production_by_itself_needs_its_addresses(deployment: dict[str, t.Any], staged: bool, needs: bool) -> None:
    assert needs_addresses(deployment, staged=staged) is needs


def test_addresses_are_there_when_vercel_says_so_or_users_get_it() -> None:
    assert has_addresses({**READY, "aliasAssigned": True})
    assert has_addresses({**READY, "aliasAssigned": False, "readySubstate": "PROMOTED"})
    assert not has_addresses({**READY, "aliasAssigned": False, "readySubstate": "STAGED"})


@pytest.mark.parametrize(
    ("deployment", "reason"),
    [
        ({"readyState": "ERROR", "errorMessage": "npm run build exited with 1."}, "failed: npm run build exited with 1"),
        ({"readyState": "ERROR", "aliasAssigned": True}, "failed"),
        ({"readyState": "CANCELED"}, "was canceled"),
        ({"readyState": "BLOCKED", "seatBlock": {"message": "no seat"}}, "is blocked by Vercel: no seat"),
        ({**READY, "checksConclusion": "failed"}, "was built, but its checks ended as failed"),
        (
            {**READY, "checks": {"deployment-alias": {"state": "failed"}}},
            "was built, but the checks before its domains are assigned failed",
        ),
        (
            {**READY, "aliasError": {"code": "cert", "message": "no certificate"}},
            "was built, but its addresses could not be assigned: no certificate",
        ),
        ({**READY, "aliasError": None}, None),
        ({"readyState": "QUEUED"}, None),
    ],
)
def test_what_never_will_be_ready_says_why(deployment: dict[str, t.Any], reason: str | None) -> None:
    assert failure_of(deployment) == reason
