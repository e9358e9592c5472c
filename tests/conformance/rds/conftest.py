"""The local RDS, asked by clients that we did not write."""

from __future__ import annotations

import typing as t

import pytest

from tests.emulators.rds.running import LocalRds

if t.TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS: t.Final = {"transition_seconds": 0}


@pytest.fixture(scope="session")
def running_rds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRds]:
    with LocalRds(tmp_path_factory.mktemp("rds"), **SETTINGS) as server:
        yield server


@pytest.fixture
def rds(running_rds: LocalRds) -> Iterator[LocalRds]:
    """Settings and faults as just started; whatever instances there are stay."""
    running_rds.control("DELETE", "faults")
    yield running_rds
    running_rds.control("DELETE", "faults")
    running_rds.settle(**SETTINGS, acceptance_seconds=0, restorable_lag_seconds=0, records_per_page=100, default_group_is_closed=False)


@pytest.fixture(scope="module")
def portal(running_rds: LocalRds) -> Iterator[LocalRds]:
    """With one instance, `portal`, whose backups go back seven days; all instances go with the module."""
    running_rds.reset()
    running_rds.create("portal", BackupRetentionPeriod=7)
    yield running_rds
    running_rds.reset()


class Refused(t.Protocol):
    def __call__(self, operation: str, /, **given: t.Any) -> tuple[str, str]:
        """The error's code and message."""


@pytest.fixture
def refused(rds: LocalRds) -> Refused:
    """Asks for something that is refused."""
    client = rds.client()

    def ask(operation: str, /, **given: t.Any) -> tuple[str, str]:
        with pytest.raises(client.exceptions.ClientError) as caught:
            getattr(client, operation)(**given)
        error = caught.value.response["Error"]
        return str(error["Code"]), str(error["Message"])

    return ask
