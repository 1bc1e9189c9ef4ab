"""The page of retention: what is kept, what would go, and a change that says so before it is made."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEvent
from runs.models import RetentionRules
from runs.services import retaining
from runs.services.retaining import Rules
from tests.factories import make_run, make_scope, make_workflow
from tests.signing_in import signed_in
from workflows.models import Role

pytestmark = pytest.mark.django_db

PAGE, CHANGE = "/settings/retention/", "/settings/retention/change/"


@pytest.fixture(autouse=True)
def environment(settings: Any) -> None:
    settings.KEEP_SUCCESS_DAYS, settings.KEEP_OTHER_DAYS, settings.KEEP_RUNS = 90, 365, 0


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def given(**changes: Any) -> dict[str, Any]:
    return {"success_days": 90, "other_days": 365, "runs": 0, "revision": retaining.revision(), **changes}


def runs_of(*days: int) -> None:
    workflow = make_workflow()
    for age in days:
        at = timezone.now() - timedelta(days=age)
        make_run(workflow, status="success", received_at=at, started_at=at, ended_at=at, due_at=None)


def test_page_tells_the_rules_of_the_environment_and_what_would_go() -> None:
    runs_of(91, 92, 10)
    text = text_of(signed_in().get(PAGE))
    assert "90 days after their end" in text and "365 days after their end" in text and "any number" in text
    assert "As the environment says" in text
    assert "2 runs are no longer kept and go from 3:00 on." in text


def test_page_without_anything_to_remove_says_so() -> None:
    assert "Nothing is to be removed." in text_of(signed_in().get(PAGE))


def test_page_tells_who_chose_and_that_nothing_is_bounded() -> None:
    client = signed_in()
    client.post(CHANGE, given(success_days=0, other_days=0))
    text = text_of(client.get(PAGE))
    assert text.count("for ever") == 2
    assert re.search(r"Chosen here by \w+", text)


def test_page_asks_as_much_for_many_runs() -> None:
    client, counts = signed_in(), []
    for more in ((), (91,), (92, 93, 94)):
        runs_of(*more)
        client.get(PAGE)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(PAGE)
        counts.append(len(queries))
    assert len(set(counts)) == 1


def test_change_that_removes_nothing_is_made_at_once() -> None:
    response = signed_in().post(CHANGE, given(success_days=100), headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert "retention-changed" in response.headers["HX-Trigger"]
    assert retaining.rules() == Rules(100, 365, 0)


def test_change_that_removes_runs_says_how_many_and_is_made_when_sent_again() -> None:
    runs_of(5, 6, 7)
    client = signed_in()

    asked = client.post(CHANGE, given(success_days=3), headers={"HX-Request": "true"})

    assert asked.status_code == 409
    assert "3 runs are removed next night" in text_of(asked)
    assert not RetentionRules.objects.exists()
    told = re.search(r'name="counted" value="([^"]*)"', asked.content.decode())
    assert told is not None
    done = client.post(CHANGE, given(success_days=3, counted=told[1]), headers={"HX-Request": "true"})
    assert done.status_code == 204
    assert retaining.rules() == Rules(3, 365, 0)
    assert AuditEvent.objects.filter(event="Retention changed").count() == 1


def test_other_numbers_than_those_that_were_told_are_told_again() -> None:
    runs_of(5, 6, 7)
    response = signed_in().post(CHANGE, given(success_days=4, counted="3-365-0"))
    assert response.status_code == 409
    assert not RetentionRules.objects.exists()


def test_second_manager_is_told_that_the_rules_changed() -> None:
    client = signed_in()
    retaining.change_rules(Rules(80, 365, 0))
    response = client.post(CHANGE, given(success_days=100, revision=0))
    assert (response.status_code, retaining.rules().success_days) == (409, 80)
    assert "Somebody changed the rules meanwhile" in text_of(response)


@pytest.mark.parametrize("value", ["", "-1", "36501", "ten"])
def test_bad_number_is_refused_beside_its_field(value: str) -> None:
    response = signed_in().post(CHANGE, given(success_days=value))
    assert response.status_code == 422
    assert not RetentionRules.objects.exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.EDITOR])
def test_others_than_managers_are_refused(role: Role) -> None:
    client = signed_in(role)
    assert [client.get(PAGE).status_code, client.post(CHANGE, given(success_days=1)).status_code] == [
        403,
        403,
    ]
    assert not RetentionRules.objects.exists()
    assert "to-retention" not in client.get("/settings/").content.decode()


def test_manager_of_a_hub_reads_the_rules_alone() -> None:
    runs_of(91)
    client = signed_in(scope=make_scope("hub:sales"))
    page = client.get(PAGE)
    assert "90 days after their end" in text_of(page)
    assert "no longer kept" not in text_of(page) and "change-retention" not in page.content.decode()
    assert client.get(CHANGE).status_code == client.post(CHANGE, given(runs=1)).status_code == 403
    assert "to-retention" in client.get("/settings/").content.decode()
