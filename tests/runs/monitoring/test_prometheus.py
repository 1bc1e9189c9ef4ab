"""Figures as Prometheus reads them: its format, its token, and that counters never fall."""

import re
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.settings import environment
from runs.intake import answer_counts
from runs.models import AnswerCount, Heartbeat, Schedule
from runs.monitoring.exposition import Metric, rendered
from runs.monitoring.folding import fold
from tests.factories import make_run, make_workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

TOKEN = "a-token-for-prometheus"
# A line of a sample, by https://prometheus.io/docs/instrumenting/exposition_formats/.
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{({LABEL}(?:,{LABEL})*)\}})? ([-+0-9.e]+)")


def parsed(text: str) -> dict[str, float]:
    """Each sample by its name and labels; every line must be of the format, and typed before it is used."""
    assert text.endswith("\n")
    found: dict[str, float] = {}
    typed: set[str] = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _hash, _type, name, kind = line.split(" ")
            assert kind in ("counter", "gauge") and name not in typed
            assert (kind == "counter") == name.endswith("_total")
            typed.add(name)
        elif not line.startswith("# HELP "):
            match = SAMPLE.fullmatch(line)
            assert match is not None and match[1] in typed, line
            key = f"{match[1]}{{{match[2]}}}" if match[2] else match[1]
            assert key not in found
            found[key] = float(match[3])
    return found


@pytest.fixture
def asked(client: Client, settings: Any) -> Any:
    settings.METRICS_TOKEN = TOKEN
    settings.ROOT_URLCONF = django_settings.INTAKE_URLCONF

    def ask(header: str = f"Bearer {TOKEN}") -> Any:
        return client.get("/metrics", headers={"Authorization": header} if header else {})

    return ask


def figures_of(asked: Any) -> dict[str, float]:
    answer = asked()
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parsed(answer.content.decode())


def test_without_a_token_set_there_is_nothing(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"]
)
def test_wrong_token_is_refused(asked: Any, header: str) -> None:
    answer = asked(header)
    assert (answer.status_code, answer["WWW-Authenticate"], answer.content) == (401, "Bearer", b"")


def test_only_reading_is_allowed(client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = django_settings.INTAKE_URLCONF
    assert client.post("/metrics").status_code == 405


def test_runs_queue_and_schedules_are_told(asked: Any) -> None:
    workflow, now = make_workflow(), timezone.now()
    for status in ("success", "success", "failed", "skipped"):
        make_run(workflow, status=status, started_at=now, ended_at=now)
    make_run(workflow, status="success", is_test=True, started_at=now, ended_at=now)
    make_run(workflow, due_at=now - timedelta(minutes=5))
    make_run(workflow, status="held", due_at=None)
    hook = workflow.triggers.get(trigger_id="hook")
    Schedule.objects.create(trigger=hook, anchor=now, next_at=now - timedelta(minutes=2))
    Heartbeat.objects.create(name='w "1"\\', kind="worker", host="h", pid=1, started_at=now, beat_at=now)

    found = figures_of(asked)

    runs = {name: n for name, n in found.items() if name.startswith("signalbox_runs_")}
    assert runs['signalbox_runs_total{outcome="success"}'] == 2
    assert runs['signalbox_runs_total{outcome="failed"}'] == 1
    assert runs['signalbox_runs_total{outcome="skipped"}'] == 1
    assert runs['signalbox_runs_open{status="pending"}'] == 1
    assert runs['signalbox_runs_open{status="held"}'] == 1
    assert runs['signalbox_runs_open{status="waiting"}'] == 0
    assert 300 <= found["signalbox_queue_oldest_seconds"] < 400
    assert 120 <= found["signalbox_schedule_lag_seconds"] < 200
    assert found['signalbox_processes_alive{kind="worker"}'] == 1
    assert found['signalbox_processes_alive{kind="scheduler"}'] == 0
    assert 0 <= found[r'signalbox_heartbeat_age_seconds{process="w \"1\"\\",kind="worker"}'] < 100


def test_outcomes_are_the_same_before_and_after_the_fold(asked: Any) -> None:
    now = timezone.now()
    make_run(make_workflow(), status="success", started_at=now, ended_at=now)
    before = figures_of(asked)
    fold()
    assert figures_of(asked) == before | {
        name: figures_of(asked)[name] for name in before if name.endswith("_seconds")
    }


def test_queries_are_few_and_fixed(asked: Any) -> None:
    for _ in range(3):
        workflow, now = make_workflow(), timezone.now()
        make_run(workflow, status="success", started_at=now, ended_at=now)
    with CaptureQueriesContext(connection) as queries:
        asked()
    # PostgreSQL is asked for its clock too.
    assert len(queries) == 8 + (connection.vendor == "postgresql")


def test_database_that_does_not_answer_is_no_figure(asked: Any) -> None:
    with mock.patch("runs.views.metrics.metrics", side_effect=OperationalError):
        assert asked().status_code == 503


def test_webhook_answers_are_counted_on_the_way_and_written_later(client: Client, asked: Any) -> None:
    answer_counts.write()
    AnswerCount.objects.all().delete()
    hook = make_workflow().triggers.get(trigger_id="hook")
    for address in (hook.address, hook.address, "unknown"):
        with CaptureQueriesContext(connection) as queries:
            client.post(f"/hooks/{address}", "{}", content_type="application/json")
        assert not any("answercount" in query["sql"] for query in queries)
    assert not any("answers_total{" in name for name in figures_of(asked))

    answer_counts.write()
    answer_counts.write()

    found = figures_of(asked)
    assert found['signalbox_webhook_answers_total{code="202"}'] == 2
    assert found['signalbox_webhook_answers_total{code="404"}'] == 1


def test_counts_that_could_not_be_written_are_written_later() -> None:
    answer_counts.write()
    AnswerCount.objects.all().delete()
    answer_counts.count(202)
    broken = mock.patch.object(AnswerCount.objects, "filter", side_effect=OperationalError)
    with broken, pytest.raises(OperationalError):
        answer_counts.write()

    answer_counts.write()

    assert list(AnswerCount.objects.values_list("code", "answers")) == [(202, 1)]


def test_view_that_breaks_counts_as_a_server_error() -> None:
    answer_counts.write()
    AnswerCount.objects.all().delete()
    broken = answer_counts.counting_answers(mock.Mock(side_effect=ValueError, __name__="view"))

    with pytest.raises(ValueError):
        broken(mock.Mock())
    answer_counts.write()

    assert list(AnswerCount.objects.values_list("code", flat=True)) == [500]


def test_texts_are_escaped() -> None:
    metric = Metric("a", "gauge", "one\\two\nthree", {(("l", 'x"y\\z\n'),): 0.1})
    assert rendered([metric]) == ('# HELP a one\\\\two\\nthree\n# TYPE a gauge\na{l="x\\"y\\\\z\\n"} 0.1\n')


@pytest.mark.parametrize("value", ["short", "with a blank in it", "with-ümlaut-in-it-now"])
def test_token_that_no_header_can_carry_stops_the_start(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALBOX_METRICS_TOKEN", value)
    with pytest.raises(ImproperlyConfigured, match="SIGNALBOX_METRICS_TOKEN"):
        environment.token("SIGNALBOX_METRICS_TOKEN")
