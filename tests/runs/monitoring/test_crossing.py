"""Sums of scopes stand for what workflows ran, until one is moved over the border."""

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.models import Run
from runs.monitoring import folding, ledger
from runs.monitoring.crossing import is_uncrossed
from tests.factories import make_scope, make_user, make_workflow
from tests.runs.views.monitored import history
from tests.runs.views.pages import client_of
from workflows.models import Scope, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def uncrossed(scope: Scope) -> bool:
    own = Workflow.objects.filter(scope=scope).values("pk")
    return is_uncrossed(own, [scope.pk], timezone.now() - timedelta(days=1))


def noted(*, is_folded: bool) -> None:
    for run in Run.objects.all():
        ledger.note(run)
    while is_folded and folding.fold():
        continue


def move(workflow: Workflow, scope: Scope) -> None:
    workflow.scope = scope
    workflow.save()


@pytest.mark.parametrize("is_folded", [True, False])
def test_a_move_in_or_out_crosses_and_one_among_others_does_not(is_folded: bool) -> None:
    here, there, elsewhere = (make_scope(f"hub:{name}") for name in ("here", "there", "elsewhere"))
    mine, theirs = make_workflow("Mine", scope=here), make_workflow("Theirs", scope=there)
    for workflow in (mine, theirs):
        history(workflow, 4)
    noted(is_folded=is_folded)

    assert uncrossed(here)
    move(theirs, elsewhere)
    assert uncrossed(here)
    move(theirs, here)
    assert not uncrossed(here)
    move(theirs, there)
    move(mine, there)
    assert not uncrossed(here)
    assert not uncrossed(there)


def test_what_a_person_of_one_scope_sees_is_read_from_its_sums(django_assert_max_num_queries) -> None:
    hub = make_scope("hub:here")
    history(make_workflow(scope=hub), 4)
    noted(is_folded=True)
    client = client_of(make_user("viewer", scope=hub))
    with django_assert_max_num_queries(12) as asked:
        assert client.get("/automations/monitoring/rhythm/").status_code == 200

    assert read(asked, "runs_scopetally") > 2
    assert read(asked, "runs_tally") == 1, "only what asks whether a move makes a difference"


def read(asked: CaptureQueriesContext, table: str) -> int:
    return sum(f'FROM "{table}"' in query["sql"] for query in asked.captured_queries)
