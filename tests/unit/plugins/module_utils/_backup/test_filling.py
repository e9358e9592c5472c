"""What is set on a database while it is filled."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.filling import LOADING, loading_settings


@pytest.mark.parametrize(("jobs", "processors"), [(2, 2), (4, 2), (1, 1)])
def test_jobs_that_fill_all_processors_of_a_server_on_this_host_build_indexes_alone(jobs: int, processors: int) -> None:
    assert loading_settings(jobs, processors, here=True) == {**LOADING, "max_parallel_maintenance_workers": "0"}


@pytest.mark.parametrize(("jobs", "processors", "here"), [(2, 8, True), (2, 2, False)])
def test_elsewhere_and_where_processors_are_left_the_server_helps_itself(jobs: int, processors: int, *, here: bool) -> None:
    assert loading_settings(jobs, processors, here=here) == LOADING
