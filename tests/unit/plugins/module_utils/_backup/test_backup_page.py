from __future__ import annotations

from tests.unit.plugins.module_utils._backup.backup_entries import DATABASE, days, grown, page_of, proof


def test_the_page_says_first_what_is_wrong_and_shows_each_policy_with_its_sizes() -> None:
    page = page_of(grown("The disk <is> full."))
    assert "<title>critical: Backups · shop</title>" in page
    assert "2 of 2 policies want something else than there is." in page
    assert page.index("grew: the newest backup") < page.index("<h2>database</h2>")
    assert "failed at 2026-11-22T06:00:00Z: The disk &lt;is&gt; full." in page
    assert "Size of database, since 2026-11-19: as stored from 90 MB to 400 MB, at most 400 MB" in page
    assert "12.0 GB in 4 min 0 s" in page


def test_without_an_alert_the_backups_are_healthy_and_one_backup_is_no_trend() -> None:
    page = page_of([*days(90), proof(3)], DATABASE)
    assert "<title>healthy: Backups · shop</title>" in page
    assert "All backups are as their policies want them." in page
    assert "<svg" not in page
