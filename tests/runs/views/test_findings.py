"""Pages of findings: the list, one finding with exactly its runs, acknowledging it, and who sees what."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEvent
from config.ids import id_at
from runs.models import Finding
from runs.monitoring.findings import queries
from tests.factories import make_run, make_scope, make_user, make_workflow
from tests.runs.monitoring.findings.made import FACTS, HOUR, NOON, make_finding
from tests.runs.views.listed_runs import shown
from tests.runs.views.pages import HTMX, buttons, client_of, events, notice, text_of

pytestmark = pytest.mark.django_db

LIST = "/automations/monitoring/findings/"


def ended(
    workflow: Any, at: datetime, *, took: timedelta = timedelta(seconds=1), status: str = "success"
) -> str:
    run = make_run(
        workflow, id=id_at(at - took), status=status, received_at=at - took, started_at=at - took, ended_at=at
    )
    return str(run.pk)


def address(finding: Finding, word: str = "") -> str:
    return f"{LIST}{finding.pk}/{word}"


def test_list_tells_each_with_its_numbers(viewer: Client) -> None:
    make_finding(make_workflow("Leads"))
    make_finding(make_workflow("Orders"), "silence", window_from=NOON - 5 * HOUR, observed=0, expected=51.2)

    page = text_of(viewer.get(LIST))

    assert "2 of 3 runs failed (67\u00a0%); usual is 1.0\u00a0%." in page
    assert "No run for 5 h 0 min; by its own weeks 51 should have come." in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=closed", ["old"]),
        ("kind=spike", ["new"]),
        ("workflow=Leads", ["new", "old"]),
        ("scope=hub:oslo", []),
    ],
)
def test_list_is_filtered(viewer: Client, query: str, found: list[str]) -> None:
    leads = make_workflow("Leads")
    make_scope("hub:oslo")
    rows = {
        "old": make_finding(leads, state="closed", closed_at=NOON, closed_because="gone"),
        "new": make_finding(leads, "spike", observed=90, expected=4),
    }

    page = text_of(viewer.get(f"{LIST}?{query}"))

    assert [name for name in ("new", "old") if f'id="finding-{rows[name].pk}"' in page] == found


def test_list_without_any_says_what_will_come(viewer: Client) -> None:
    assert "Nothing unusual was found yet" in text_of(viewer.get(LIST))


@pytest.mark.parametrize("kind", ["failures", "spike", "duration", "slow_schedule"])
def test_link_leads_to_exactly_the_runs_that_count(viewer: Client, kind: str) -> None:
    workflow, other = make_workflow(), make_workflow()
    inside = NOON - HOUR / 2
    failed = ended(workflow, inside, status="failed")
    fast = ended(workflow, inside)
    slow = ended(workflow, inside, took=timedelta(minutes=2))
    cancelled = ended(workflow, inside, status="cancelled")
    for moment in (NOON, NOON - HOUR - timedelta(seconds=1)):
        ended(workflow, moment, status="failed")
    ended(other, inside, status="failed")
    finding = make_finding(workflow, kind, threshold_ms=60_000 if kind == "slow_schedule" else None)

    rows = shown(viewer.get(queries.runs_address(finding)))

    expected = {
        "failures": [failed],
        "spike": [failed, fast, slow, cancelled],
        "duration": [failed, fast, slow],
        "slow_schedule": [slow],
    }
    assert sorted(rows) == sorted(expected[kind])


def test_silence_leads_to_the_runs_before_it(viewer: Client) -> None:
    workflow = make_workflow()
    last = ended(workflow, NOON - HOUR)
    ended(workflow, NOON - 30 * HOUR)

    rows = shown(viewer.get(queries.runs_address(make_finding(workflow, "silence", observed=0, expected=9))))

    assert rows == [last]


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_page_tells_what_was_seen_and_what_to_do(viewer: Client, kind: str) -> None:
    finding = make_finding(make_workflow("Leads"), kind, observed=90_000, expected=30_000)
    make_finding(finding.workflow, kind, state="closed", closed_at=NOON - 40 * HOUR, closed_because="gone")

    page = text_of(viewer.get(address(finding)))

    assert urlsplit(queries.runs_address(finding)).path in page
    assert "Of this kind before" in page
    assert 'id="acknowledge"' not in page


def test_page_of_a_closed_one_says_why(operator: Client) -> None:
    finding = make_finding(state="closed", closed_at=NOON, closed_because="paused")

    page = text_of(operator.get(address(finding)))

    assert "The workflow was paused." in page
    assert 'id="acknowledge"' not in page


def test_acknowledging_asks_does_and_is_recorded_once(operator: Client) -> None:
    finding = make_finding(make_workflow("Leads"))
    where = address(finding, "acknowledge/")

    asked = operator.get(where, headers=HTMX)
    first = operator.post(where, {"note": "Known: CRM is down"}, headers=HTMX)
    second = operator.post(where, {"note": "Again"}, headers=HTMX)

    assert buttons(asked) == ["Acknowledge"]
    assert (first.status_code, list(events(first))) == (204, ["modal-close", "finding-changed", "notice"])
    assert "olga has acknowledged it already" in notice(second)
    finding.refresh_from_db()
    assert (finding.state, finding.note, finding.acknowledged_by) == (
        "acknowledged",
        "Known: CRM is down",
        "olga",
    )
    event = AuditEvent.objects.get(event="Finding acknowledged")
    assert (event.event, event.subject_label, event.reason) == (
        "Finding acknowledged",
        "Leads",
        "Known: CRM is down",
    )


def test_acknowledging_what_is_gone_is_refused(operator: Client) -> None:
    finding = make_finding(state="closed", closed_at=NOON, closed_because="gone")

    answer = operator.post(address(finding, "acknowledge/"), {})

    assert answer.status_code == 409
    assert "The condition is gone" in text_of(answer)
    assert not AuditEvent.objects.filter(event="Finding acknowledged").exists()


def test_a_note_has_its_length(operator: Client) -> None:
    finding = make_finding()

    assert operator.post(address(finding, "acknowledge/"), {"note": "x" * 501}).status_code == 422
    finding.refresh_from_db()
    assert finding.state == "open"


def test_reader_may_not_acknowledge(viewer: Client) -> None:
    finding = make_finding()

    for answer in (
        viewer.get(address(finding, "acknowledge/")),
        viewer.post(address(finding, "acknowledge/")),
    ):
        assert answer.status_code == 403
        assert "needs the role Operator in Workspace" in text_of(answer)


def test_findings_of_other_scopes_are_not_there(db: None) -> None:
    here, there = make_scope("hub:here"), make_scope("hub:there")
    local = client_of(make_user("operator", scope=here))
    own, foreign = (
        make_finding(make_workflow("Own", scope=here)),
        make_finding(make_workflow("Far", scope=there)),
    )

    assert "Far" not in text_of(local.get(LIST))
    assert local.get(address(own)).status_code == 200
    assert local.get(address(foreign)).status_code == 404
    assert local.post(address(foreign, "acknowledge/")).status_code == 404


def test_workflow_page_shows_what_is_unusual_now(operator: Client) -> None:
    workflow = make_workflow()
    finding = make_finding(workflow)
    make_finding(workflow, "spike", state="closed", closed_at=NOON, closed_because="gone", observed=9)

    page = text_of(operator.get(f"/automations/workflows/{workflow.pk}/"))

    assert "Unusual now" in page
    assert f'id="finding-acknowledge-{finding.pk}"' in page
    assert page.count('<li id="unusual-') == 1


def test_list_asks_as_often_for_many_as_for_one(viewer: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            viewer.get(LIST)
        return len(captured)

    make_finding()
    viewer.get(LIST)
    one = asked()
    for _ in range(20):
        make_finding()

    assert asked() == one <= 10
