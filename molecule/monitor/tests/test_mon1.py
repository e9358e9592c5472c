"""The host that watches, after an alert, its end, and a configuration that was refused."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest

testinfra_hosts = ["podman://holdfast-molecule-mon1"]

SERVICES = ("prometheus", "prometheus-alertmanager", "prometheus-blackbox-exporter", "prometheus-node-exporter", "holdfast-check.timer")
FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
SECRETS = ("slack_token", "mail_password", "routing_key", "signing_key")
RULE_TESTS = Path(__file__).parent / "alerts.yml"


def secret(name: str) -> str:
    """A secret of this run, without the salt that Ansible keeps beside it."""
    return (FOLDER / "secrets" / name).read_text().split()[0]


def told(host: t.Any, name: str) -> list[dict[str, t.Any]]:
    return [json.loads(line) for line in host.check_output("cat /var/lib/told/%s", name).splitlines()]


@pytest.mark.parametrize("service", SERVICES)
def test_it_runs_now_and_after_a_reboot(host: t.Any, service: str) -> None:
    assert host.service(service).is_running
    assert host.service(service).is_enabled


def test_the_alert_came_to_slack_with_its_reason(host: t.Any) -> None:
    posts = [post["body"] for post in told(host, "posts") if post["path"] == f"/services/{secret('slack_token')}"]
    down = [post for post in posts if "ApplicationDown firing" in post["attachments"][0]["title"]]
    assert "shop (molecule): application has not answered as it should for 2s." in down[0]["attachments"][0]["text"]


def test_the_alert_came_by_mail_over_tls_with_a_login(host: t.Any) -> None:
    mails = told(host, "mails")
    assert mails[0]["encrypted"]
    assert mails[0]["to"] == ["it@example.org"]
    assert not [mail for mail in mails if "BackupTooOld" in mail["content"]], "it wants critical ones only"


def test_pagerduty_got_one_key_from_the_trigger_to_the_resolve(host: t.Any) -> None:
    events = [post["body"] for post in told(host, "posts") if post["path"] == "/pagerduty"]
    # A machine that is too busy for a probe makes an alert more.
    assert [event["event_action"] for event in events] == [("trigger", "resolve")[number % 2] for number in range(len(events))]
    assert len({event["dedup_key"] for event in events}) == 1
    assert {event["routing_key"] for event in events} == {secret("routing_key")}


def test_the_rules_fire_when_they_should_and_not_before(host: t.Any) -> None:
    """The rules as a site gets them by default, judged by Prometheus' own tests of rules."""
    directory = "/root/rules"
    host.check_output("mkdir -p %s && cp /etc/prometheus/holdfast/alerts.yml %s/rules.yml", directory, directory)
    host.check_output("printf %%s %s > %s/tests.yml", RULE_TESTS.read_text(), directory)
    done = host.run("cd %s && promtool test rules tests.yml", directory)
    assert done.rc == 0, done.stdout + done.stderr


def test_a_refused_configuration_left_the_good_one_in_its_place(host: t.Any) -> None:
    assert "broken" not in host.file("/etc/prometheus/holdfast/alerts.yml").content_string
    assert "SUCCESS" in host.check_output("promtool check config /etc/prometheus/prometheus.yml")


def test_each_secret_is_in_a_file_that_only_its_service_reads(host: t.Any) -> None:
    for name in ("ops", "mail", "on-call"):
        file = host.file(f"/etc/prometheus/holdfast/secrets/{name}")
        assert (file.user, file.mode) == ("prometheus", 0o600)


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_where_others_read(host: t.Any, name: str) -> None:
    readable = "find /etc /var/lib /var/log -xdev -type f -perm -o+r -size -1M -print0 | xargs -0 grep -lF %s"
    assert "/etc/told/password" not in host.run(readable, secret(name)).stdout
    assert [line for line in host.run(readable, secret(name)).stdout.splitlines() if not line.startswith("/var/lib/told/")] == []
    seen = host.check_output("systemctl cat 'prometheus*' 'holdfast*'; ps -eo args; journalctl --no-pager; cat /etc/prometheus/*.yml")
    assert "holdfast-check" in seen
    assert secret(name) not in seen


@pytest.mark.parametrize("name", SECRETS)
def test_ansible_shows_no_secret(name: str) -> None:
    said = Path(os.environ["ANSIBLE_LOG_PATH"]).read_text()
    assert "Write the secrets of the channels" in said
    assert secret(name) not in said


def test_the_timer_runs_as_its_user_and_shows_what_it_saw(host: t.Any) -> None:
    (file,) = host.check_output("ls /var/lib/prometheus/node-exporter/*.prom").splitlines()
    assert host.file(file).user == "holdfast"
    assert 'holdfast_health_verdict{portal="shop",environment="molecule",verdict="degraded"} 1' in host.file(file).content_string
    assert host.check_output("systemctl show --property=User --value holdfast-check.service") == "holdfast"


def test_without_prometheus_the_timer_tells_by_itself(host: t.Any) -> None:
    events = [event for post in told(host, "posts") if post["path"] == "/timer" for event in post["body"]["data"]["events"]]
    assert {event["event"] for event in events} == {"check.degraded"}
    assert "backups" in events[0]["text"] + json.dumps(events[0]["facts"])


def test_nothing_listens_where_others_could_ask(host: t.Any) -> None:
    listening = host.check_output("ss -Hlnt").splitlines()
    assert listening
    assert [line for line in listening if "127.0.0.1:" not in line and "[::1]:" not in line and ":5432" not in line] == []
