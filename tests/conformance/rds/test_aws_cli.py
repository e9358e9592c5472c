"""AWS's own command line on the local RDS."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t

import pytest

from tests.bench import tools
from tests.emulators.rds.running import DATABASE, PASSWORD, USER, LocalRds, execute

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def aws(running_rds: LocalRds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[t.Callable[..., t.Any]]:
    """`aws rds ...`; returns what it prints, or with `fails` what it says against it."""
    program = tools.aws()
    home: Path = tmp_path_factory.mktemp("home")
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **running_rds.environment,
        "HOME": str(home),
    }
    running_rds.reset()

    def run(*words: str, fails: bool = False) -> t.Any:
        done = subprocess.run(
            [str(program), "rds", *words, "--output", "json"], env=env, capture_output=True, text=True, timeout=300, check=False
        )
        assert (done.returncode != 0) is fails, done.stderr
        if fails:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    yield run
    running_rds.reset()


def test_the_command_line_makes_an_instance_waits_for_it_and_reads_it(aws: t.Callable[..., t.Any], rds: LocalRds) -> None:
    words = ["--engine", "postgres", "--db-instance-class", "db.t4g.micro", "--allocated-storage", "20", "--db-name", DATABASE]
    words += ["--master-username", USER, "--master-user-password", PASSWORD, "--backup-retention-period", "0", "--tags", "Key=a,Value=1"]
    made = aws("create-db-instance", "--db-instance-identifier", "cli", *words)
    assert made["DBInstance"]["DBInstanceStatus"] == "creating"
    rds.wait_until("available", "cli")
    aws("wait", "db-instance-available", "--db-instance-identifier", "cli")
    (row,) = aws("describe-db-instances", "--db-instance-identifier", "cli")["DBInstances"]
    assert (row["DBInstanceStatus"], row["TagList"]) == ("available", [{"Key": "a", "Value": "1"}])
    assert execute(rds.database_url("cli"), "SELECT 1") == [(1,)]
    names = ["--source-db-instance-identifier", "cli", "--target-db-instance-identifier", "never"]
    told = aws("restore-db-instance-to-point-in-time", *names, "--use-latest-restorable-time", fails=True)
    retained = ["--filters", "Name=status,Values=retained", "Name=db-instance-id,Values=cli"]
    assert aws("describe-db-instance-automated-backups", *retained)["DBInstanceAutomatedBackups"] == []
    gone = ["--source-dbi-resource-id", "db-NONE", "--target-db-instance-identifier", "never", "--use-latest-restorable-time"]
    assert "(DBInstanceAutomatedBackupNotFound)" in aws("restore-db-instance-to-point-in-time", *gone, fails=True)
    assert "(PointInTimeRestoreNotEnabled) when calling the RestoreDBInstanceToPointInTime operation" in told
