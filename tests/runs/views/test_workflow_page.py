"""The workflow page: header, Overview, and tabs."""

from datetime import timedelta

from django.utils import timezone

from tests.factories import DEFINITION, make_run, make_scope, make_user, make_version, make_workflow
from tests.runs.views.pages import HTMX, client_of, menu_labels, text_of
from tests.runs.views.workflow_pages import page
from workflows import services

BRANCHING = {
    **DEFINITION,
    "triggers": [
        {"id": "hook", "kind": "webhook", "signature": {"preset": "github"}},
        {"id": "nightly", "kind": "schedule", "cron": "30 2 * * *", "timezone": "Australia/Sydney"},
        {"id": "captured", "kind": "event", "event": "data.captured"},
    ],
    "steps": [
        {"id": "hot", "kind": "decision", "name": "Good enough?",
         "branches": [{"name": "hot", "if": {"left": "{{ trigger.data.n }}", "op": ">", "right": 3},
                       "steps": [{"id": "greet", "kind": "set", "values": {"a": 1}}]}]},
    ],
}  # fmt: skip


def test_header_names_status_reason_tags_and_actions(manager):
    workflow = make_workflow("Leads", status="paused", reason="CRM outage")
    make_run(workflow, status="held", held_at=timezone.now())
    shown = text_of(manager.get(page(workflow)))
    assert '<h1 id="heading" tabindex="-1">Leads</h1>' in shown
    assert "by maker · CRM outage" in shown
    assert "Held 1" in shown
    assert 'id="page-action"' in shown
    assert ">Resume</a>" in shown
    assert shown.count('aria-current="page">Overview</a>') == 1


def test_menu_and_actions_follow_the_role(viewer, operator):
    workflow = make_workflow("Leads")
    asked = viewer.get(page(workflow))
    assert 'id="page-action"' not in text_of(asked)
    assert 'id="page-edit"' not in text_of(asked)
    assert menu_labels(operator.get(page(workflow)), "Leads") == ["Pause", "Stop", "Test", "Trigger one run…"]


def test_steps_are_a_nested_list_with_named_branches(viewer):
    shown = text_of(viewer.get(page(make_workflow(definition=BRANCHING))))
    assert "Good enough?" in shown
    assert "If hot <code>trigger.data.n &gt; 3</code>" in shown
    assert shown.count('<ol class="steps outline">') == 2


def test_triggers_show_address_secret_and_times_in_both_zones(viewer):
    workflow = make_workflow(definition=BRANCHING)
    address = workflow.triggers.get(trigger_id="hook").address
    shown = text_of(viewer.get(page(workflow)))
    assert f'<code id="address-hook">http://testserver/hooks/{address}</code>' in shown
    assert "Secret missing" in shown
    assert shown.count("02:30 AE") == 5


def test_without_runs_it_says_how_to_trigger_one(manager):
    workflow = make_workflow(definition=BRANCHING)
    shown = text_of(manager.get(page(workflow)))
    assert "No runs yet" in shown
    assert 'id="first-run"' in shown
    assert "curl -X POST http://testserver/hooks/" in shown
    assert "curl -X POST http://testserver/api/v1/events" in shown
    make_run(workflow)
    assert "No runs yet" not in text_of(manager.get(page(workflow)))


def test_a_draft_lists_what_to_complete(manager):
    workflow = make_workflow(status="draft", definition={**DEFINITION, "triggers": [], "steps": []})
    shown = text_of(manager.get(page(workflow)))
    assert "2 things to complete" in shown
    assert f'href="{page(workflow, "edit/")}' in shown


def test_an_archived_workflow_is_read_only(manager):
    shown = text_of(manager.get(page(make_workflow(status="archived"))))
    assert 'id="page-edit"' not in shown
    assert "findings-heading" not in shown
    assert ">Unarchive</a>" in shown


def test_foreign_missing_and_deleted_are_the_same_404(db):
    stranger = client_of(make_user("manager", scope=make_scope("hub:other")))
    workflow = make_workflow()
    gone = make_workflow(deleted_at=timezone.now())
    for address in (page(workflow), page(gone), "/automations/workflows/999999/"):
        assert stranger.get(address).status_code == 404


def test_strip_links_each_of_the_last_twenty_runs(viewer):
    workflow = make_workflow()
    runs = [make_run(workflow, status="success") for _ in range(22)]
    make_run(workflow, status="success", is_test=True)
    shown = text_of(viewer.get(page(workflow)))
    linked = [str(run.pk) for run in runs if f'id="last-{run.pk}"' in shown]
    assert linked == [str(run.pk) for run in runs[2:]]


def test_open_failures_are_grouped_by_error_until_replayed(viewer):
    workflow = make_workflow()
    now = timezone.now()
    failed = {"status": "failed", "ended_at": now, "error_step": "crm", "error_code": "unexpected_status"}
    make_run(workflow, **failed, error="CRM answered 500")
    make_run(workflow, **failed, error="CRM answered 503\nmore")
    make_run(workflow, **failed | {"error_code": "timed_out"}, error="Too slow")
    replayed = make_run(workflow, **failed | {"error_code": "old"}, error="Long mended")
    make_run(workflow, status="success", replay_of=replayed)
    make_run(workflow, **failed, error="A test", is_test=True)
    make_run(workflow, **failed | {"ended_at": now - timedelta(days=8)}, error="Long ago")
    shown = text_of(viewer.get(page(workflow)))
    assert shown.count('id="failure-1"') == 1
    assert shown.index("CRM answered 50") < shown.index("Too slow")
    assert "failure-3" not in shown
    assert "Long mended" not in shown


def test_after_a_resume_the_first_twenty_runs_are_watched(viewer):
    now = timezone.now()
    workflow = make_workflow()
    assert "First runs since" not in text_of(viewer.get(page(workflow)))
    workflow.first_started_at, workflow.activated_at = now - timedelta(days=2), now - timedelta(hours=1)
    workflow.save()
    make_run(workflow, status="success", started_at=now - timedelta(hours=2))
    for number in range(21):
        make_run(
            workflow,
            status="failed" if number < 2 else "success",
            started_at=now - timedelta(minutes=30 - number),
        )
    assert "20 of the first 20: 18 success, 2 failed" in text_of(viewer.get(page(workflow)))


def test_runs_tab_lists_this_workflow_alone(viewer):
    workflow, other = make_workflow("Mine"), make_workflow("Other")
    run, foreign = make_run(workflow, status="failed", error="Mine broke"), make_run(other)
    shown = text_of(viewer.get(page(workflow, "runs/")))
    assert f'id="run-{run.pk}"' in shown
    assert str(foreign.pk) not in shown
    assert "Remove filter" not in shown
    only_held = text_of(viewer.get(page(workflow, "runs/?status=held"), headers=HTMX))
    assert "Nothing matches" in only_held


def test_audit_tab_shows_what_happened(manager):
    workflow = make_workflow()
    services.pause(workflow.pk, reason="CRM outage")
    shown = text_of(manager.get(page(workflow, "audit/")))
    assert "Workflow paused" in shown
    assert "CRM outage" in shown


def test_hostile_names_are_text(manager):
    workflow = make_workflow("<script>x</script>", description="<img src=x onerror=y>")
    definition = {**DEFINITION, "steps": [{"id": "a", "kind": "set", "name": "<b>bold</b>"}]}
    workflow.draft = make_version(workflow, state="draft", definition=definition)
    workflow.save()
    for tail in ("", "versions/", "settings/", "edit/", "versions/1..2/"):
        shown = text_of(manager.get(page(workflow, tail)))
        assert "<script>x" not in shown
        assert "<img src=x" not in shown
        assert "<b>bold" not in shown
