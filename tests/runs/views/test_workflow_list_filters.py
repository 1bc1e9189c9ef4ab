"""The list of workflows: filters, and the order of its rows."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from runs.models import Schedule
from tests.factories import make_scope, make_user, make_workflow
from tests.runs.views.listed_workflows import ADDRESS, ended_run, names
from tests.runs.views.pages import text_of


def test_archived_are_left_out_unless_asked_for(manager):
    make_workflow("Kept")
    make_workflow("Shelved", status="archived")
    page = manager.get(ADDRESS)
    assert names(page) == ["Kept"]
    assert "+ 1 archived" in text_of(page)
    assert names(manager.get(f"{ADDRESS}?status=archived")) == ["Shelved"]
    assert names(manager.get(f"{ADDRESS}?status=active,archived")) == ["Kept", "Shelved"]


def test_filter_sentence_names_the_ticked_statuses(manager):
    make_workflow()
    sentence = r'id="choice-status-sentence"[^>]*>([^<]*<b>[^<]*</b>)'
    default = re.search(sentence, text_of(manager.get(ADDRESS))).group(1)
    two = re.search(sentence, text_of(manager.get(f"{ADDRESS}?status=active,paused"))).group(1)
    assert default == "Status is <b>Active, Paused, Draft, Not Running</b>"
    assert two == "Status is <b>Active, Paused</b>"


def test_boxes_count_what_the_other_filters_leave(manager):
    make_workflow("Leads in", status="paused")
    make_workflow("Leads out", status="draft")
    make_workflow("Other", status="paused")
    page = text_of(manager.get(f"{ADDRESS}?q=leads&status=draft"))
    counts = dict(re.findall(r'id="choice-status-(\w+)-count">(\d+)<', page))
    assert counts == {"active": "0", "paused": "1", "draft": "1", "not_running": "0", "archived": "0"}
    assert '<p class="count" id="results-count">1 found</p>' in page
    totals = re.findall(r'id="count-(\w+)".*?<b>(\d+)</b>', page, re.DOTALL)
    assert dict(totals) == {"paused": "2", "draft": "1"}


def test_shortcuts_keep_the_other_filters(manager):
    make_workflow()
    page = text_of(manager.get(f"{ADDRESS}?status=paused&q=Work&page=1"))
    links = dict(
        re.findall(r'id="choice-status-shortcut-\d" class="[^"]*" href="([^"]*)"[^>]*>([^<]*)<', page)
    )
    assert links == {
        f"{ADDRESS}?q=Work": "All statuses",
        f"{ADDRESS}?status=active&amp;q=Work": "Active only",
    }


def test_chips_remove_one_filter_each(manager):
    hub = make_scope("hub:sydney")
    make_workflow("Leads", scope=hub, tags=["night"])
    page = text_of(manager.get(f"{ADDRESS}?scope=hub:sydney&tag=night"))
    chips = re.findall(r'name="without" value="([^"]*)" [^>]*aria-label="([^"]*)"', page)
    assert chips == [("scope", "Remove filter Scope"), ("tag", "Remove filter Tag")]
    without = [manager.get(f"{ADDRESS}?scope=hub:sydney&tag=night&without={name}") for name, _label in chips]
    assert [response.headers["Location"] for response in without] == [
        f"{ADDRESS}?tag=night",
        f"{ADDRESS}?scope=hub:sydney",
    ]


def test_filters_by_scope_owner_tag_and_words(manager):
    hub = make_scope("hub:sydney")
    card = make_scope("card:spring", parent=hub)
    make_workflow("In hub", scope=hub, owner=make_user("viewer", username="olaf"))
    make_workflow("In card", scope=card, tags=["night"], description="Moves stock")
    make_workflow("Elsewhere")
    assert names(manager.get(f"{ADDRESS}?scope=hub:sydney")) == ["In card", "In hub"]
    assert names(manager.get(f"{ADDRESS}?owner=olaf")) == ["In hub"]
    assert names(manager.get(f"{ADDRESS}?tag=night")) == ["In card"]
    assert names(manager.get(f"{ADDRESS}?q=STOCK")) == ["In card"]


def test_unknown_parameters_and_values_are_ignored_and_said(manager):
    make_workflow("Leads")
    page = manager.get(f"{ADDRESS}?colour=red&status=lost&scope=hub:nowhere&sort=owner")
    assert names(page) == ["Leads"]
    assert "filters were not understood" in text_of(page)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["Alpha", "Beta", "Gamma"]),
        ("-name", ["Gamma", "Beta", "Alpha"]),
        ("status", ["Beta", "Gamma", "Alpha"]),
        ("-last_run", ["Gamma", "Beta", "Alpha"]),
        ("-success", ["Beta", "Gamma", "Alpha"]),
        ("-runs", ["Gamma", "Beta", "Alpha"]),
        ("next_run", ["Beta", "Alpha", "Gamma"]),
    ],
)
def test_sorting(manager, sort, expected):
    now = timezone.now()
    make_workflow("Alpha", status="draft")
    beta = make_workflow("Beta", last_run_at=now - timedelta(hours=2))
    gamma = make_workflow("Gamma", status="paused", last_run_at=now)
    ended_run(beta)
    ended_run(gamma)
    ended_run(gamma, "failed")
    Schedule.objects.create(trigger=beta.triggers.first(), next_at=now, anchor=now)
    assert names(manager.get(f"{ADDRESS}?sort={sort}")) == expected
