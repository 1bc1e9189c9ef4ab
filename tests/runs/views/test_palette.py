"""The command palette: what it finds, for whom, and how little it asks."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_run, make_scope, make_user, make_workflow
from tests.runs.views.pages import HTMX, client_of, text_of

ADDRESS = "/automations/palette/"
RESULTS = {**HTMX, "HX-Target": "palette-results"}


def found(client, text: str) -> dict[str, list[str]]:
    """The labels by group."""
    page = html.unescape(text_of(client.get(ADDRESS, {"q": text}, headers=RESULTS)))
    options = re.findall(r'id="palette-(\w+)-\d+".*?<span>([^<]*)</span>', page)
    groups: dict[str, list[str]] = {}
    for word, label in options:
        groups.setdefault(word, []).append(label)
    return groups


def test_without_text_it_offers_pages_and_the_newest_runs(manager):
    run = make_run(make_workflow("Leads"))
    groups = found(manager, "")
    assert groups["pages"][:2] == ["Workflows", "Workflow Runs"]
    assert {"Create workflow", "Your settings", "Keyboard shortcuts", "Recent actions"} <= {*groups["pages"]}
    assert groups["runs"] == [f"Leads · {run.pk.hex[-8:]}"]
    assert "verbs" not in groups


def test_a_name_finds_the_workflow_what_may_be_done_and_its_runs(operator):
    leads = make_workflow("Leads")
    make_workflow("Other", description="About leads", status="paused")
    make_run(leads)
    groups = found(operator, "lea")
    assert groups["workflows"] == ["Leads", "Other"]
    assert groups["verbs"][:3] == ["Pause Leads", "Stop Leads", "Test Leads"]
    assert "Resume Other" in groups["verbs"]
    assert "Archive Leads" not in groups["verbs"]
    assert len(groups["runs"]) == 1


def test_a_verb_and_a_name_open_the_verbs_dialog_where_status_and_role_have_it(operator, viewer):
    leads = make_workflow("Leads")
    make_workflow("Leads asleep", status="paused")
    page = text_of(operator.get(ADDRESS, {"q": "pause lea"}, headers=RESULTS))
    assert found(operator, "pause lea") == {"verbs": ["Pause Leads"]}
    dialog = f"/automations/workflows/{leads.pk}/pause/"
    assert f'href="{dialog}" hx-get="{dialog}" hx-target="#modal" role="option"' in page
    assert found(operator, "resu") == {"verbs": ["Resume Leads asleep"]}
    assert found(viewer, "pause lea") == {}


def test_runs_are_found_by_id_and_by_its_end(viewer):
    run = make_run(make_workflow("Leads"))
    make_run(run.workflow)
    for text in (str(run.pk), run.pk.hex[-8:], run.pk.hex[-8:].upper()):
        assert found(viewer, text)["runs"] == [f"Leads · {run.pk.hex[-8:]}"]
    assert found(viewer, "0" * 32) == {}


def test_nothing_of_other_scopes_is_found(db):
    hub, other = make_scope("hub:sydney"), make_scope("hub:oslo")
    secret = make_run(make_workflow("Secret plan", scope=other))
    client = client_of(make_user("manager", scope=hub))
    for text in ("", "secret", "pause secret", str(secret.pk), secret.pk.hex[-8:]):
        assert "Secret" not in str(found(client, text))


@pytest.mark.parametrize(
    "text", ["<script>", "x" * 5000, "a\0b", "%", "_", "\ud800".encode("utf-8", "replace")]
)
def test_odd_texts_find_nothing_and_break_nothing(manager, text):
    make_workflow("Leads")
    response = manager.get(ADDRESS, {"q": text})
    assert response.status_code == 200
    assert "<script>" not in text_of(response).split("<main", 1)[1]


def test_it_is_a_page_with_links_without_script_and_a_combobox_with_it(manager):
    make_workflow("Leads")
    page = text_of(manager.get(ADDRESS, {"q": "lea"}))
    assert '<h1 id="heading"' in page
    assert 'role="option"' not in page
    assert 'name="q" value="lea"' in page
    dialog = text_of(manager.get(ADDRESS, headers=HTMX))
    assert 'role="combobox" aria-expanded="true"' in dialog
    assert 'aria-keyshortcuts="Control+K Meta+K"' in page


def test_it_asks_equally_often_for_any_number_of_rows(manager):
    counts = []
    for size in (1, 60):
        for number in range(size):
            make_run(make_workflow(f"Flow {size} {number}"))
        with CaptureQueriesContext(connection) as caught:
            found(manager, "flow")
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 6
