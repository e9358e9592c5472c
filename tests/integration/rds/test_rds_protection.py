"""rds_protection against the local RDS."""

from __future__ import annotations

import typing as t

from tests.integration.rds.lab import Lab


def test_what_is_missing_is_said_changed_on_demand_and_left_alone_by_the_next_run(lab: Lab) -> None:
    seen = lab.run("rds_protection")
    assert (seen["changed"], seen["protection"]["deletion_protection"]) == (False, False)
    assert any("Deletion protection is off" in problem for problem in seen["warnings"])
    wanted: dict[str, t.Any] = {
        "backup_retention": 14,
        "backup_window": "02:00-02:30",
        "deletion_protection": True,
        "copy_tags_to_snapshot": True,
    }
    said = lab.run("rds_protection", check=True, **wanted)
    assert (said["changed"], said["protection"], lab.orders) == (True, wanted, [])
    done = lab.run("rds_protection", **wanted)
    assert (done["diff"], done["problems"]) == (said["diff"], said["problems"])
    found = lab.rds.describe()
    assert [found[name] for name in ("BackupRetentionPeriod", "PreferredBackupWindow", "DeletionProtection")] == [14, "02:00-02:30", True]
    assert lab.orders == ["ModifyDBInstance"]
    assert not lab.run("rds_protection", **wanted)["changed"]
    refused: list[tuple[dict[str, t.Any], str]] = [
        ({"backup_retention": 36}, "backup_retention is 36"),
        ({"backup_window": "at night"}, "backup_window is 'at night'"),
        ({"db_instance_identifier": "nobody"}, "RDS has no instance nobody"),
    ]
    for given, sentence in refused:
        assert sentence in lab.refused("rds_protection", **given)
    lab.rds.fault("access_denied", action="ModifyDBInstance")
    assert "Allow rds:ModifyDBInstance in the IAM policy" in lab.refused("rds_protection", deletion_protection=False)
    assert lab.orders == []
