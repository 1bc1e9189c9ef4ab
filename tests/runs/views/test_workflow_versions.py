"""The Versions tab, and what differs between two versions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import DEFINITION, make_run, make_scope, make_user, make_version, make_workflow
from tests.runs.views.pages import client_of, text_of
from workflows import services


def page(workflow, tail=""):
    return f"/automations/workflows/{workflow.pk}/versions/{tail}"


@pytest.fixture
def workflow(db):
    """Version 1 superseded, 2 published, 3 a draft."""
    made = make_workflow("Leads")
    first = made.published
    first.state = "superseded"
    first.save()
    greet = {"id": "greet", "kind": "set", "values": {"text": "Good day"}}
    secret = {
        "id": "ask",
        "kind": "http_request",
        "url": "https://a.example.com",
        "headers": {"Authorization": "s3cret"},
    }
    made.published = make_version(
        made, definition={**DEFINITION, "steps": [greet]}, note="Politer", author="olga"
    )
    made.draft = make_version(made, state="draft", definition={**DEFINITION, "steps": [greet, secret]})
    made.save()
    return made


def test_versions_stand_with_the_draft_first(viewer, workflow):
    shown = text_of(viewer.get(page(workflow)))
    assert shown.index('id="version-3"') < shown.index('id="version-2"') < shown.index('id="version-1"')
    for word in ("Draft", "Published", "Superseded", "Politer", "olga"):
        assert word in shown
    assert "Roll back<" not in shown
    assert 'id="publish"' not in shown


def test_figures_count_production_runs_of_each_version(viewer, workflow):
    now = timezone.now()
    for status in ("success", "success", "failed"):
        make_run(workflow, status=status, started_at=now)
    make_run(workflow, status="success", started_at=now, is_test=True)
    assert "2 of 3" in text_of(viewer.get(page(workflow)))


def test_links_follow_role_and_state(manager, workflow):
    shown = text_of(manager.get(page(workflow)))
    assert f'href="/automations/workflows/{workflow.pk}/roll-back/?to=1"' in shown
    assert "roll-back/?to=2" not in shown
    for element in ('id="publish"', 'id="discard"', 'id="import-into"'):
        assert element in shown
    for status in ("not_running", "archived"):
        workflow.status = status
        workflow.save()
    shown = text_of(manager.get(page(workflow)))
    for element in ('id="publish"', 'id="discard"', 'id="import-into"', "roll-back/?to="):
        assert element not in shown


def test_comparing_leads_to_the_address_of_the_diff(viewer, workflow):
    assert viewer.get(page(workflow), {"old": "1", "new": "3"}).url == page(workflow, "1..3/")
    assert viewer.get(page(workflow), {"old": "x", "new": "3"}).status_code == 200


def test_diff_is_field_by_field_with_unchanged_parts_folded(viewer, workflow):
    shown = text_of(viewer.get(page(workflow, "1..2/")))
    assert '<td class="removed">Hello</td><td class="added">Good day</td>' in shown
    assert "2 parts are unchanged" in shown
    assert "Trigger hook" in shown


def test_what_belongs_to_the_workflow_is_no_difference(viewer, workflow):
    services.rename(workflow.pk, name="Renamed")
    workflow.refresh_from_db()
    make_version(workflow, state="superseded", number=4)
    assert "Nothing differs" in text_of(viewer.get(page(workflow, "1..4/")))


def test_diff_tells_secrets_as_changed_only(viewer, workflow):
    shown = text_of(viewer.get(page(workflow, "2..3/")))
    assert "s3cret" not in shown
    assert '<td colspan="2" class="changed">changed</td>' in shown


def test_the_same_version_twice_does_not_differ(viewer, workflow):
    assert "Nothing differs" in text_of(viewer.get(page(workflow, "2..2/")))


def test_unknown_versions_and_foreign_workflows_are_404(viewer, workflow):
    assert viewer.get(page(workflow, "1..9/")).status_code == 404
    stranger = client_of(make_user("manager", scope=make_scope("hub:other")))
    assert stranger.get(page(workflow, "1..2/")).status_code == 404
    assert stranger.get(page(workflow)).status_code == 404


def test_query_count_does_not_grow_and_pages_are_numbered(viewer, workflow):
    counts = set()
    for more in (0, 3, 50):
        for _ in range(more):
            make_version(workflow, state="superseded")
        with CaptureQueriesContext(connection) as captured:
            response = viewer.get(page(workflow))
        counts.add(len(captured))
    assert counts == {11}
    assert 'href="?page=2"' in text_of(response)
    assert 'id="version-1"' in text_of(viewer.get(page(workflow, "?page=2")))
