"""Kind supabase against a project on loopback whose answers are checked against the vendor's description."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.health.lab import Checked, look, run
from tests.integration.health.supabase_project import KEY, REF, TOKEN, Project

if t.TYPE_CHECKING:
    from tests.integration.unruly_server import UnrulyServer


@pytest.fixture
def project() -> t.Iterator[Project]:
    with Project.running() as running:
        yield running


def ask(project: Project, **options: t.Any) -> Checked:
    """Both ways, unless options say otherwise."""
    both = {"access_token": TOKEN, "api_url": project.url, "api_key": KEY, "project_url": project.url}
    return look("supabase", project=REF, **{name: value for name, value in {**both, **options}.items() if value is not None})


def test_a_healthy_project_passes_both_ways(project: Project) -> None:
    check = ask(project)
    assert check["reason"] == (
        "Healthy are project, auth (managed), db (managed), pooler (managed), realtime (managed), rest (managed), storage (managed), "
        "auth, realtime, rest, storage."
    )
    assert (check["figures"]["services"], check["figures"]["healthy_services"]) == (11, 11)
    assert check["figures"]["slowest_ms"] > 0


def test_only_what_is_wanted_is_asked(project: Project) -> None:
    ask(project, services=["db"], api_key=None, project_url=None)
    ask(project, access_token=None, api_url=None, endpoints=["rest"], rest_table="orders")
    assert project.asked == [f"/v1/projects/{REF}", f"/v1/projects/{REF}/health?services=db", "/rest/v1/orders?limit=0"]


def test_every_service_that_is_not_well_is_named(project: Project) -> None:
    project.status = "RESTORING"
    project.sick = {"db": "UNHEALTHY", "realtime": "COMING_UP", "storage": "UNHEALTHY"}
    project.forgotten = {"pooler"}
    project.broken = {"rest"}
    check = ask(project)
    assert check["reason"] == (
        "project: its status is RESTORING; db (managed): its status is UNHEALTHY (connection refused); "
        "pooler (managed): the management API says nothing about it; realtime (managed): its status is COMING_UP; "
        "storage (managed): its status is UNHEALTHY (connection refused); realtime: it says that it is not healthy; "
        "rest: answered 503; storage: it says that it is not healthy."
    )


def test_a_service_that_answers_200_and_says_unhealthy_is_believed(project: Project) -> None:
    project.sick = {"storage": "UNHEALTHY"}
    check = ask(project, access_token=None, api_url=None, endpoints=["storage"])
    assert check["reason"] == "storage: it says that it is not healthy."
    assert check["evidence"]["status"] == 200


def test_too_many_requests_warn_because_they_say_nothing_about_health(project: Project) -> None:
    project.limit = True
    check = ask(project)
    assert check["status"] == "warn"
    assert "management API answered 429, too many requests; the next may come in 37 s" in check["reason"]


def test_nothing_but_refusals_is_no_health(project: Project) -> None:
    project.limit = True
    assert ask(project, api_key=None, project_url=None)["status"] == "warn"


@pytest.mark.parametrize("path", ["silent", "gigabyte", "gibberish", "resets", "good", "nothing-here"])
def test_an_api_that_misbehaves_is_named_and_ends_in_time(server: UnrulyServer, path: str) -> None:
    check = look("supabase", project=REF, access_token=TOKEN, api_url=f"{server.url}/{path}?", timeout=1)
    assert check["status"] == "fail"
    assert "project: " in check["reason"].lower()


def test_neither_token_nor_key_is_told_also_when_the_server_echoes_them(project: Project) -> None:
    wrong = TOKEN.replace("0", "f")
    check = {"name": "it", "kind": "supabase", "project": REF, "api_url": project.url, "project_url": project.url}
    found = run({**check, "access_token": wrong, "api_key": KEY}, secret_headers={})
    assert "project: answered 401: the key or token is not valid" in found["checks"][0]["reason"].lower()
    assert "Unauthorized: " in found["checks"][0]["evidence"]["body_head"]
    assert wrong not in found["raw"]
    assert KEY not in found["raw"]
