"""Run, Pause, Resume, Stop, Archive and Tag on many workflows: preview, job, results."""

import json

import pytest

from audit.models import AuditEvent
from runs.models import BulkJob
from tests.factories import make_run, make_scope, make_user, make_workflow
from tests.runs.bulk.selecting import WORKFLOWS, confirm, everything, ids, only_job, results, work_all
from tests.runs.views.pages import HTMX, client_of, text_of


def status(workflow):
    workflow.refresh_from_db()
    return workflow.status


def test_preview_says_how_many_change_and_why_others_are_refused(manager):
    rows = [make_workflow("One"), make_workflow("Two"), make_workflow("Three", status="paused")]
    make_run(rows[0], status="running")
    draft = make_workflow("Four", status="draft")
    page = text_of(manager.post(f"{WORKFLOWS}pause/", ids(*rows, draft)))
    assert "2 of 4 selected workflows will change." in page
    assert "<b>1</b> · It is Paused already." in page
    assert "<b>1</b> · It is Draft." in page
    assert "<dt>Executing</dt><dd>1</dd>" in page
    assert ">Pause 2</button>" in page
    assert [status(row) for row in rows] == ["active", "active", "paused"]


def test_pausing_many_gives_a_job_with_a_result_for_each(manager):
    rows = [make_workflow("One"), make_workflow("Two", status="paused")]
    make_run(rows[0], status="running", started_at=rows[0].activated_at)
    response = confirm(manager, f"{WORKFLOWS}pause/", ids(*rows), reason="CRM outage")
    job = only_job()
    assert (response.status_code, response.headers["Location"]) == (302, f"/automations/bulk/{job.pk}/")
    assert [status(row) for row in rows] == ["paused", "paused"]
    assert results(job) == [("One", "done"), ("Two", "refused")]
    page = text_of(manager.get(response.headers["Location"]))
    assert "1 are finishing." in page
    assert "It is Paused already." in page
    assert (job.ended_how, job.items.get(place=1).message.split(" at ")[0]) == ("done", "Paused")


def test_each_item_is_audited_by_the_person_with_the_bulk_id(manager):
    rows = [make_workflow("One"), make_workflow("Two")]
    confirm(manager, f"{WORKFLOWS}pause/", ids(*rows), reason="CRM outage")
    job = only_job()
    events = list(AuditEvent.objects.order_by("id").values_list("event", "actor_label", "origin"))
    assert events[-4:] == [
        ("Bulk started", "admin", "page"),
        ("Workflow paused", "admin", f"bulk {job.pk}"),
        ("Workflow paused", "admin", f"bulk {job.pk}"),
        ("Bulk finished", "admin", f"bulk {job.pk}"),
    ]
    started = AuditEvent.objects.get(event="Bulk started")
    assert (started.subject_kind, started.subject_id) == ("bulk", str(job.pk))
    assert json.loads(started.after)["reason"] == "CRM outage"


def test_sent_twice_with_one_key_it_begins_once(manager):
    row = make_workflow("One")
    sent = {**ids(row), "go": "1", "idempotency_key": "k1", "reason": "CRM outage"}
    first = manager.post(f"{WORKFLOWS}pause/", sent)
    make_workflow("Two")
    again = manager.post(f"{WORKFLOWS}pause/", {**sent, **ids(make_workflow("Three"))})
    assert first.headers["Location"] == again.headers["Location"]
    assert BulkJob.objects.count() == 1


def test_all_that_match_is_asked_again_when_more_match_now(manager):
    for name in ("A", "B", "C"):
        make_workflow(name)
    make_workflow("Other", status="draft")
    sent = {**everything("status=active", 2), "go": "1", "idempotency_key": "k", "reason": "CRM outage"}
    response = manager.post(f"{WORKFLOWS}pause/", sent)
    assert response.status_code == 409
    assert "3 match now; when you looked there were 2." in text_of(response)
    assert 'name="seen" value="3"' in text_of(response)
    assert not BulkJob.objects.exists()
    manager.post(f"{WORKFLOWS}pause/", {**sent, "seen": "3"})
    assert results(only_job()) == [("A", "done"), ("B", "done"), ("C", "done")]


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ({}, "Nothing is selected."),
        ({"ids": "x,999999,²"}, "Nothing is selected."),
        ({"ids": ",".join(str(n) for n in range(10_001))}, "At most 10,000 at once."),
        ({"all": "1", "query": "q=nothing", "seen": "0"}, "Nothing is selected."),
    ],
)
def test_empty_and_oversized_selections_are_refused_in_a_sentence(manager, selection, said):
    make_workflow("One")
    response = manager.post(f"{WORKFLOWS}pause/", selection)
    assert (response.status_code, said in text_of(response)) == (422, True)


def test_bad_input_keeps_the_selection_and_the_text(manager):
    row = make_workflow("One")
    response = confirm(manager, f"{WORKFLOWS}pause/", ids(row), reason="x")
    page = text_of(response)
    assert response.status_code == 422
    assert "A reason has 3 to 500 characters." in page
    assert f'name="ids" value="{row.pk}"' in page
    assert not BulkJob.objects.exists()


def test_a_viewer_may_not_and_foreign_rows_are_not_there(viewer):
    row = make_workflow("Theirs")
    assert viewer.post(f"{WORKFLOWS}pause/", ids(row)).status_code == 403
    hub = make_scope("hub:sydney")
    inside = make_workflow("Inside", scope=hub)
    client = client_of(make_user("operator", scope=hub))
    page = text_of(client.post(f"{WORKFLOWS}pause/", ids(row, inside)))
    assert "1 of 1 selected workflow will change." in page
    assert "Theirs" not in page


def test_rights_are_asked_for_each_row(db):
    hub = make_scope("hub:sydney")
    user = make_user("viewer", username="olga")
    user.memberships.create(scope=hub, role="operator")
    rows = [make_workflow("Everywhere"), make_workflow("Inside", scope=hub)]
    client = client_of(user)
    page = text_of(client.post(f"{WORKFLOWS}pause/", ids(*rows)))
    assert "It needs the role Operator in Workspace." in page
    confirm(client, f"{WORKFLOWS}pause/", ids(*rows), reason="CRM outage")
    assert results(only_job()) == [("Everywhere", "refused"), ("Inside", "done")]


def test_run_resume_stop_archive_and_tag(manager):
    draft, paused = make_workflow("Draft", status="draft"), make_workflow("Paused", status="paused")
    active, off = make_workflow("Active", tags=["old"]), make_workflow("Off", status="not_running")
    rows = ids(draft, paused, active, off)
    confirm(manager, f"{WORKFLOWS}describe/", rows, add="night, crm", remove="OLD")
    active.refresh_from_db()
    assert active.tags == ["night", "crm"]
    confirm(manager, f"{WORKFLOWS}resume/", rows)
    work_all()
    assert [status(row) for row in (draft, paused, active, off)] == [
        "draft",
        "active",
        "active",
        "not_running",
    ]
    confirm(manager, f"{WORKFLOWS}run/", ids(off), accept_warnings="on")
    assert status(off) == "active"
    confirm(manager, f"{WORKFLOWS}stop/", ids(paused), reason="not needed")
    assert status(paused) == "not_running"
    confirm(manager, f"{WORKFLOWS}archive/", rows)
    assert [status(row) for row in (draft, paused, active, off)] == [
        "archived",
        "archived",
        "active",
        "active",
    ]
    confirm(manager, f"{WORKFLOWS}archive/", rows, stop_first="on", reason="season over")
    assert [status(row) for row in (active, off)] == ["archived", "archived"]


def test_checks_refuse_single_items_with_their_findings_and_the_preview_knows_them(manager):
    broken = make_workflow("Broken", status="draft", definition={"triggers": [], "steps": []})
    sound = make_workflow("Sound", status="draft")
    page = text_of(manager.post(f"{WORKFLOWS}run/", ids(broken, sound)))
    assert "1 of 2 selected workflows will change." in page
    assert "<b>1</b> · Its checks find errors." in page
    confirm(manager, f"{WORKFLOWS}run/", ids(broken, sound), accept_warnings="on")
    assert results(only_job()) == [("Broken", "refused"), ("Sound", "done")]
    item = only_job().items.get(place=1)
    assert item.state == "refused"
    assert item.message.startswith("The checks found errors.")


def test_htmx_gets_the_dialog_and_then_is_led_to_the_job(manager):
    row = make_workflow("One")
    asked = manager.post(f"{WORKFLOWS}pause/", ids(row), headers=HTMX)
    assert text_of(asked).lstrip().startswith('<div id="dialog"')
    sent = {**ids(row), "go": "1", "reason": "CRM outage"}
    response = manager.post(f"{WORKFLOWS}pause/", sent, headers=HTMX)
    assert response.headers["HX-Redirect"] == f"/automations/bulk/{only_job().pk}/"


def test_export_is_a_file_that_import_reads(manager):
    from workflows.files import read_documents

    rows = [make_workflow("One"), make_workflow("Two", status="draft")]
    response = manager.post(f"{WORKFLOWS}export/", ids(*rows))
    assert [loaded.document["name"] for loaded in read_documents(response.content)] == ["One", "Two"]
    single = manager.post(f"{WORKFLOWS}export/", everything("q=Two", 1))
    assert json.loads(single.content)["name"] == "Two"
    assert manager.post(f"{WORKFLOWS}export/", {}).status_code == 422
