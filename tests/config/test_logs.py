"""The log as JSON lines: each says what it is about, and no message forges another."""

import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client

from config.logs import JsonFormatter, about
from runs.engine import batch, executor
from runs.models import Run
from tests.factories import make_workflow
from tests.runs.engine.driving import accept, workflow_of

SET = {"id": "one", "kind": "set", "values": {"x": "1"}}
NAP = {"id": "nap", "kind": "delay", "for": "PT5M"}


@pytest.fixture
def lines() -> Iterator[Any]:
    """What was logged so far, as documents."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def test_record_is_one_line_with_its_facts(lines: Any) -> None:
    with about(correlation="c-1", run=7, workflow=None), about(request="r", run=8):
        logging.getLogger("a.b").warning('told "%s"\n{"level": "forged"}', "é")
    logging.getLogger("a.b").error("later")

    first, second = lines()
    assert first["message"] == 'told "é"\n{"level": "forged"}'
    assert (first["level"], first["logger"]) == ("warning", "a.b")
    assert {name: first[name] for name in ("correlation", "request", "run")} == {
        "correlation": "c-1", "request": "r", "run": "8",
    }  # fmt: skip
    assert "workflow" not in first and "run" not in second
    assert first["time"].endswith("Z") and len(first["time"]) == 27


def test_traceback_is_part_of_the_line(lines: Any) -> None:
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        logging.getLogger("a").exception("It broke.")

    (line,) = lines()
    assert line["exception"].startswith("Traceback") and "broken\nin two" in line["exception"]


def test_facts_of_one_thread_are_not_those_of_another(lines: Any) -> None:
    with about(run="mine"):
        other = threading.Thread(target=lambda: logging.getLogger("a").warning("other"))
        other.start()
        other.join()

    assert "run" not in lines()[0]


@pytest.mark.django_db
def test_worker_says_of_which_run(lines: Any) -> None:
    run = accept(workflow_of(NAP))
    with mock.patch("runs.engine.walker.Walker.walk", side_effect=RuntimeError("unforeseen")):
        executor.advance(str(run.pk))

    (line,) = [line for line in lines() if "unforeseen" in line.get("exception", "")]
    assert (line["run"], line["workflow"]) == (str(run.pk), str(run.workflow_id))
    assert line["correlation"] == run.correlation


@pytest.mark.django_db
def test_batch_says_of_which_run(lines: Any) -> None:
    runs = [accept(workflow_of(SET)) for _ in range(2)]
    with mock.patch("runs.engine.walker.Walker.walk", side_effect=RuntimeError("unforeseen")):
        batch.advance_waiting()

    found = {line["run"]: line["correlation"] for line in lines() if "exception" in line}
    assert found == {str(run.pk): run.correlation for run in runs}


@pytest.mark.django_db
def test_intake_says_of_which_request_and_workflow(lines: Any) -> None:
    workflow = make_workflow()
    hook = workflow.triggers.get(trigger_id="hook")
    with mock.patch("runs.intake.webhooks.enter", side_effect=OperationalError("away")):
        answer = Client().post(f"/hooks/{hook.address}", "{}", content_type="application/json")

    line = next(line for line in lines() if line["logger"].startswith("runs.intake"))
    assert line["request"] == line["correlation"] == answer.headers["Signalbox-Request"]


@pytest.mark.django_db
def test_request_s_id_is_the_correlation_of_its_run() -> None:
    hook = make_workflow().triggers.get(trigger_id="hook")
    answer = Client().post(f"/hooks/{hook.address}", "{}", content_type="application/json")

    assert Run.objects.get().correlation == answer.headers["Signalbox-Request"]


@pytest.mark.django_db
def test_page_that_breaks_says_of_which_request(lines: Any) -> None:
    with mock.patch("runs.restored.is_closed", side_effect=RuntimeError("unforeseen")):
        answer = Client(raise_request_exception=False).get("/health/ready")

    line = next(line for line in lines() if "unforeseen" in line.get("exception", ""))
    assert answer.status_code == 500
    assert line["request"] == answer.headers["Signalbox-Request"]


def test_setting_chooses_the_format() -> None:
    script = "import django; django.setup(); import logging; logging.getLogger('a').error('told')"
    environment = {**os.environ, "LOG_FORMAT": "json", "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )

    assert json.loads(done.stderr.splitlines()[-1])["message"] == "told"
