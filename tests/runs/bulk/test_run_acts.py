"""Replay, Release, Discard, Cancel and Kill on many runs."""

import csv
import io

import pytest
from django.utils import timezone

from runs.bulk import working
from runs.models import BulkJob, Run
from tests.factories import make_run, make_user, make_workflow
from tests.runs.bulk.selecting import RUNS, confirm, everything, ids, only_job, results, work_all
from tests.runs.views.pages import client_of, text_of


def statuses(*runs):
    return [Run.objects.get(pk=run.pk).status for run in runs]


def some_runs(count):
    workflow = make_workflow("Leads")
    return [make_run(workflow) for _ in range(count)]


def held_run(workflow, **changes):
    return make_run(workflow, status="held", version=None, held_at=timezone.now(), reason="paused", **changes)


def test_discarding_and_killing_need_a_tick_that_says_how_many(manager):
    workflow = make_workflow("Leads", status="paused")
    runs = [held_run(workflow) for _ in range(3)]
    page = text_of(manager.post(f"{RUNS}discard/", ids(*runs)))
    assert "These 3 cannot be brought back" in page
    refused = confirm(manager, f"{RUNS}discard/", ids(*runs))
    assert (refused.status_code, statuses(*runs)) == (422, ["held"] * 3)
    confirm(manager, f"{RUNS}discard/", ids(*runs), tick="on")
    assert statuses(*runs) == ["skipped"] * 3
    running = make_run(workflow, status="running")
    assert "This one cannot be brought back" in text_of(manager.post(f"{RUNS}kill/", ids(running)))
    confirm(manager, f"{RUNS}kill/", ids(running), tick="on")
    assert statuses(running) == ["cancelled"]


def test_replaying_by_filter_starts_one_new_run_for_each(manager):
    workflow, off = make_workflow("Leads"), make_workflow("Off", status="not_running")
    failed = [make_run(workflow, status="failed", error="refused", error_step="greet") for _ in range(2)]
    make_run(off, status="failed", error="refused")
    make_run(workflow, status="failed", error="refused", input="")
    address, selection = f"{RUNS}replay/", everything("status=failed&q=refused", 4)
    page = text_of(manager.post(address, selection))
    assert "2 of 4 selected runs will change." in page
    assert "Its workflow is Not Running." in page
    assert "was removed when the time to keep it had passed" in page
    confirm(manager, address, selection, start="failed", version="same")
    assert sorted(state for _label, state in results(only_job())) == ["done", "done", "refused", "refused"]
    replays = Run.objects.exclude(replay_of=None)
    assert {run.replay_of_id for run in replays} == {run.pk for run in failed}
    assert {run.replay_from for run in replays} == {"greet"}


def test_release_goes_while_the_workflow_is_active_only(manager):
    active, paused = make_workflow("Active"), make_workflow("Paused", status="paused")
    runs = [held_run(active), held_run(paused)]
    confirm(manager, f"{RUNS}release/", ids(*runs))
    assert statuses(*runs) == ["pending", "held"]
    confirm(manager, f"{RUNS}cancel/", ids(*runs))
    assert statuses(*runs) == ["cancelled", "cancelled"]


def test_selection_on_a_workflows_tab_means_its_runs_only(manager):
    mine, other = make_workflow("Mine"), make_workflow("Other")
    for _ in range(51):
        make_run(mine)
    make_run(other)
    page = text_of(manager.get(f"/automations/workflows/{mine.pk}/runs/"))
    assert "Select all 51 that match" in page
    assert f'name="query" value="workflow={mine.pk}"' in page
    page = text_of(manager.post(f"{RUNS}cancel/", everything(f"workflow={mine.pk}", 51)))
    assert "51 of 51 selected runs will change." in page


def test_stop_leaves_what_is_left(manager, monkeypatch):
    monkeypatch.setattr("runs.views.bulk.asking.SECONDS", 0.0)
    runs = some_runs(3)
    confirm(manager, f"{RUNS}cancel/", ids(*runs))
    job = only_job()
    page = text_of(manager.get(f"/automations/bulk/{job.pk}/"))
    assert 'data-poll="2"' in page
    assert "No scheduler is alive" in page
    response = manager.post(f"/automations/bulk/{job.pk}/stop/")
    assert response.status_code == 302
    assert working.work() == 0
    assert sorted(statuses(*runs)) == ["cancelled", "pending", "pending"]
    assert [state for _label, state in results(job)] == ["done", "left", "left"]
    page = text_of(manager.get(f"/automations/bulk/{job.pk}/"))
    assert "data-poll" not in page.split('id="bulk-job"')[1]
    again = manager.post(f"/automations/bulk/{job.pk}/stop/", headers={"HX-Request": "true"})
    assert "it had ended already" in again.headers["HX-Trigger"]


def test_continue_works_where_no_scheduler_does(manager, monkeypatch):
    monkeypatch.setattr("runs.views.bulk.asking.SECONDS", 0.0)
    runs = some_runs(3)
    confirm(manager, f"{RUNS}cancel/", ids(*runs))
    job = only_job()
    assert manager.get(f"/automations/bulk/{job.pk}/continue/").status_code == 405
    manager.post(f"/automations/bulk/{job.pk}/continue/")
    assert statuses(*runs) == ["cancelled"] * 3
    job.refresh_from_db()
    assert job.ended_how == "done"


def test_an_unchanged_poll_of_a_job_has_no_body(manager, monkeypatch):
    monkeypatch.setattr("runs.views.bulk.asking.SECONDS", 0.0)
    confirm(manager, f"{RUNS}cancel/", ids(*some_runs(2)))
    address = f"/automations/bulk/{only_job().pk}/"
    mark = text_of(manager.get(address)).split('data-mark="')[1].split('"')[0]
    htmx = {"HX-Request": "true"}
    assert manager.get(address, {"since": mark}, headers=htmx).status_code == 204
    work_all()
    moved = manager.get(address, {"since": mark}, headers=htmx)
    assert moved.status_code == 200
    assert "Finished: 2 done, 0 refused, 0 left." in moved.headers["HX-Trigger"]


def test_jobs_are_seen_by_who_asked_and_by_managers_of_the_workspace(manager, operator, viewer):
    confirm(operator, f"{RUNS}cancel/", ids(make_run(make_workflow("Leads"))))
    address = f"/automations/bulk/{only_job().pk}/"
    assert [client.get(address).status_code for client in (operator, manager, viewer)] == [200, 200, 404]
    assert viewer.post(f"{address}stop/").status_code == 404


def test_a_person_who_lost_the_right_meanwhile_is_refused(db, monkeypatch):
    monkeypatch.setattr("runs.views.bulk.asking.SECONDS", 0.0)
    user = make_user("operator", username="olga")
    runs = some_runs(3)
    confirm(client_of(user), f"{RUNS}cancel/", ids(*runs))
    membership = user.memberships.get()
    membership.role = "viewer"
    membership.save()
    work_all()
    job = only_job()
    assert [state for _label, state in results(job)] == ["done", "refused", "refused"]
    assert job.items.get(place=3).message == "It needs the role Operator in Workspace."


def test_one_broken_item_does_not_keep_the_others_waiting(manager, monkeypatch, caplog):
    from runs.services import ending

    runs = some_runs(3)
    plain = ending._cancel

    def breaks(run, moment):
        if run.pk == runs[1].pk:
            raise RuntimeError("unforeseen")
        return plain(run, moment)

    monkeypatch.setattr(ending, "_cancel", breaks)
    confirm(manager, f"{RUNS}cancel/", ids(*runs))
    assert [state for _label, state in results(only_job())] == ["done", "refused", "done"]
    assert statuses(*runs) == ["cancelled", "pending", "cancelled"]
    assert "unforeseen" in caplog.text


def test_export_is_csv_that_starts_no_formula(manager):
    run = make_run(make_workflow("Leads"), status="failed", error="=1+1")
    response = manager.post(f"{RUNS}export/", ids(run))
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert [(row["id"], row["status"], row["error"]) for row in rows] == [(str(run.pk), "failed", "'=1+1")]


@pytest.mark.parametrize("verb", ["decide", "nonsense", "pause"])
def test_other_words_are_no_address(manager, verb):
    assert manager.get(f"{RUNS}{verb}/").status_code == 404
    assert not BulkJob.objects.exists()
