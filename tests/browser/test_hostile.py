"""Hostile names, reasons, payloads and errors are shown as text wherever they appear; nothing of them runs."""

import json

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from runs.models import StepAttempt
from tests.browser.pages import DialogBox, Workflows
from tests.factories import make_run, make_version, make_workflow

pytestmark = pytest.mark.browser

EVIL = '"><img src=x onerror=alert(1)>{{ 7|add:7 }}'
TEXT = "</script><script>alert(2)</script>'\"--><svg onload=alert(3)>\u202e{% now %}"
NOTHING_RAN = "document.querySelectorAll('main img, main script, main svg[onload], dialog img').length"


@pytest.fixture
def hostile(manager):
    step = {"id": "say", "name": TEXT, "note": TEXT, "kind": "set", "values": {"text": TEXT}}
    document = {"format": "signalbox/1", "triggers": [{"id": "by_hand", "kind": "manual"}], "steps": [step]}
    workflow = make_workflow(
        EVIL, status="paused", reason=TEXT, description=TEXT, tags=[EVIL], definition=document
    )
    workflow.status_by = EVIL
    workflow.draft = make_version(workflow, state="draft", note=TEXT, author=EVIL)
    workflow.save()
    return workflow


@pytest.fixture
def hostile_run(hostile):
    now = timezone.now()
    payload = json.dumps({"body": {EVIL: TEXT}, "headers": {"x-name": EVIL}, "query": {"q": TEXT}})
    run = make_run(
        hostile,
        status="failed",
        error=TEXT,
        error_code=EVIL,
        error_step="say",
        delivery_id=EVIL,
        input=payload,
        output=json.dumps({"text": TEXT}),
        correlation=EVIL[:40],
        started_at=now,
        ended_at=now,
    )
    StepAttempt.objects.create(
        run=run, step_id="say", kind="set", status="failed", started_at=now, ended_at=now, error=TEXT,
        input=json.dumps({"text": EVIL}), output=json.dumps(TEXT),
    )  # fmt: skip
    return run


def test_hostile_texts_stay_texts_on_every_page(visit_as, manager, hostile, hostile_run) -> None:
    one, run = f"/automations/workflows/{hostile.pk}/", f"/automations/runs/{hostile_run.pk}/"
    shown = {
        "/automations/workflows/": EVIL,
        one: TEXT,
        f"{one}overview/": EVIL,
        f"{one}runs/": TEXT,
        f"{one}versions/": TEXT,
        f"{one}versions/1..2/": TEXT,
        f"{one}settings/": EVIL,
        f"{one}edit/": TEXT,
        f"{one}edit/?step=say": EVIL,
        f"{one}edit/?mode=text": EVIL,
        f"{one}edit/?mode=drawing": TEXT,
        f"{one}audit/": EVIL,
        f"{one}resume/": TEXT,
        f"{one}change-pause/": EVIL,
        f"{one}test/?run={hostile_run.pk}": EVIL,
        "/automations/runs/": TEXT,
        run: TEXT,
        f"{run}?step=say": TEXT,
        f"{run}replay/": EVIL,
        "/automations/audit/": EVIL,
    }
    with visit_as(manager) as visit:
        visit.page.on("dialog", lambda dialog: visit.complaints.append(dialog.message))
        for path, text in shown.items():
            visit.go(path)
            assert text_of(visit, text), path
            assert visit.page.evaluate(NOTHING_RAN) == 0, path
        for path in (f"/automations/workflows/?q={EVIL}&tag={EVIL}", f"/automations/runs/?q={EVIL}"):
            visit.go(path)
            assert visit.page.evaluate(NOTHING_RAN) == 0, path


def text_of(visit, text: str) -> bool:
    """Whether the page shows the text, in its words or in a field."""
    page = visit.page
    fields = page.eval_on_selector_all("textarea, input", "fields => fields.map((field) => field.value)")
    words = page.locator("body").text_content()
    start = text[:30]
    return any(start in one or json.dumps(start)[1:-1] in one for one in [words, *fields])


def test_hostile_name_is_text_in_menu_dialog_and_notice(visit_as, manager, hostile) -> None:
    with visit_as(manager) as visit:
        visit.page.on("dialog", lambda dialog: visit.complaints.append(dialog.message))
        workflows = Workflows(visit).open()
        workflows.choose(EVIL, "Rename")
        dialog = DialogBox(visit.page, "Rename workflow").expect_open()
        expect(dialog.field("Name")).to_have_value(EVIL)
        dialog.field("Name").fill(f"{EVIL}2")
        dialog.button("Rename").click()
        expect(visit.page.get_by_role("status")).to_contain_text(f"{EVIL} is now {EVIL}2.")
        expect(workflows.row(f"{EVIL}2")).to_be_visible()
        assert visit.page.evaluate(NOTHING_RAN) == 0
