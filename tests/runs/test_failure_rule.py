"""The failure rule as arithmetic: what counts, from when on, and what breaks it; compared with a count by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs import failure_rule
from runs.models import Run
from runs.monitoring.checking import rebuild
from tests.factories import DEFINITION, make_run, make_version, make_workflow
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
RULE = {"action": "pause", "ratio": 0.5, "min_runs": 4, "window": "PT10M", "in_a_row": 3}


def ruled(**rule: Any) -> Workflow:
    """A workflow with a rule, started an hour ago."""
    given = {"failure_rule": {**RULE, **rule}} if rule.get("action") != "" else {}
    workflow = make_workflow(definition={**DEFINITION, "settings": given})
    begin(workflow, timezone.now() - timedelta(hours=1))
    return workflow


def begin(workflow: Workflow, moment: datetime) -> None:
    assert workflow.published
    workflow.activated_at = workflow.published.published_at = moment
    workflow.published.save()
    workflow.save()


def ended(workflow: Workflow, words: str, *, ago: timedelta = MINUTE, **changes: Any) -> list[Run]:
    """Runs that ended, one second apart, the last one so long ago: s, f, c and k for success … skipped."""
    names = {"s": "success", "f": "failed", "c": "cancelled", "k": "skipped"}
    last = timezone.now() - ago
    return [
        make_run(
            workflow,
            status=names[word],
            ended_at=last - timedelta(seconds=len(words) - 1 - place),
            due_at=None,
            **changes,
        )
        for place, word in enumerate(words)
    ]


def broken(workflow: Workflow) -> failure_rule.Broken | None:
    workflow = Workflow.objects.select_related("published").get(pk=workflow.pk)
    rule = failure_rule.rule_of(workflow)
    assert rule is not None
    return failure_rule.judge(workflow, rule, timezone.now())


def which(workflow: Workflow) -> str:
    found = broken(workflow)
    return found.rule if found else ""


def test_the_rule_when_absent_warns_with_the_stated_numbers() -> None:
    rule = failure_rule.rule_of(ruled(action=""))
    assert rule is not None
    assert (rule.action, rule.ratio, rule.min_runs, rule.window, rule.in_a_row) == (
        "warn", 0.5, 20, timedelta(hours=1), 10,
    )  # fmt: skip


def test_off_is_no_rule() -> None:
    assert failure_rule.rule_of(ruled(action="off")) is None


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("ff", ""),
        ("fff", "in_a_row"),
        ("fffs", "ratio"),
        ("ffs", ""),
        ("sfsf", "ratio"),
        ("ssfssf", ""),
        ("fcfkf", "in_a_row"),
        ("sssfff", "in_a_row"),
        ("ccccf", ""),
    ],
)
def test_what_breaks_it(words: str, rule: str) -> None:
    workflow = ruled()
    ended(workflow, words)
    assert which(workflow) == rule


def test_runs_before_the_window_count_only_in_a_row() -> None:
    workflow = ruled()
    ended(workflow, "sfsfsf", ago=11 * MINUTE)
    assert which(workflow) == ""
    ended(workflow, "ff")
    assert which(workflow) == "in_a_row"


def test_tests_and_older_versions_never_count() -> None:
    workflow = ruled()
    ended(workflow, "ffff", is_test=True)
    ended(workflow, "ffff", version=make_version(workflow, state="superseded"))
    assert which(workflow) == ""


def test_what_failed_before_the_last_publish_or_resume_never_counts() -> None:
    workflow = ruled()
    ended(workflow, "ff", ago=5 * MINUTE)
    begin(workflow, timezone.now() - 3 * MINUTE)
    ended(workflow, "f")
    assert which(workflow) == ""
    ended(workflow, "ff")
    assert which(workflow) == "in_a_row"


def test_the_evidence_names_rule_window_and_runs() -> None:
    workflow = ruled()
    runs = ended(workflow, "sffs")
    found = broken(workflow)
    assert found is not None
    assert found.sentence == "2 of 4 runs failed within 10 min 0 s (limit 50 % of 4)"
    evidence = found.evidence()
    assert evidence["rule"] == "ratio"
    assert evidence["limit"] == {"ratio": 0.5, "min_runs": 4, "window": "PT10M"}
    assert evidence["runs"] == [str(runs[2].pk), str(runs[1].pk)]
    assert (evidence["failed"], evidence["finished"], evidence["rule_version"]) == (2, 4, 1)


def test_never_auto_pause_is_said_only_where_somebody_decided_it() -> None:
    said = [
        failure_rule.never_pauses(ruled(action=action))
        for action in ("", "off", "warn", "pause")
    ]  # fmt: skip
    assert said == [False, True, True, False]


@pytest.mark.parametrize("words", ["fffs", "sfsf", "ssfssf", "ssssf", "sffsffs", "f"])
@pytest.mark.parametrize("ago", [MINUTE, 9 * MINUTE, 14 * MINUTE])
def test_a_busy_workflow_is_judged_the_same(
    monkeypatch: pytest.MonkeyPatch, words: str, ago: timedelta
) -> None:
    workflow = ruled(in_a_row=50)
    ended(workflow, words, ago=ago)
    rebuild()
    read = which(workflow)
    monkeypatch.setattr(failure_rule, "BUSY", 1)
    assert which(workflow) == read


def test_a_busy_workflow_far_below_its_limit_is_not_counted_run_by_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workflow = ruled(window="PT50M", min_runs=1)
    ended(workflow, "f" + "s" * 30, ago=20 * MINUTE)
    rebuild()
    monkeypatch.setattr(failure_rule, "BUSY", 1)
    with CaptureQueriesContext(connection) as caught:
        assert which(workflow) == ""
    counting = [q["sql"] for q in caught if 'COUNT("runs_run"."id") FILTER' in q["sql"]]
    assert counting == []
    monkeypatch.setattr(failure_rule, "BUSY", 5_000)
    with CaptureQueriesContext(connection) as caught:
        assert which(workflow) == ""
    assert any('COUNT("runs_run"."id") FILTER' in q["sql"] for q in caught)


One = tuple[str, int, bool, bool]
runs_of_a_life = st.lists(
    st.tuples(st.sampled_from("sfck"), st.integers(0, 1_200), st.booleans(), st.booleans()), max_size=14
)


def by_hand(life: list[One], begun: int, rule: dict[str, Any]) -> str:
    """Seconds ago instead of times; the newest first."""
    counted = sorted(
        (ago, place, word)
        for place, (word, ago, is_test, is_old) in enumerate(life)
        if word in "sf" and not is_test and not is_old and ago <= begun
    )
    words = [word for _ago, _place, word in counted]
    row = words[: rule["in_a_row"]]
    if len(row) == rule["in_a_row"] and set(row) == {"f"}:
        return "in_a_row"
    inside = [word for ago, _place, word in counted if ago <= 600]
    is_broken = len(inside) >= rule["min_runs"] and inside.count("f") >= rule["ratio"] * len(inside)
    return "ratio" if is_broken else ""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    life=runs_of_a_life.filter(lambda life: len({ago for _w, ago, _t, _o in life}) == len(life)),
    begun=st.integers(0, 1_300),
    ratio=st.sampled_from([0.1, 0.25, 0.5, 1.0]),
    in_a_row=st.integers(1, 5),
)
def test_any_life_is_judged_as_by_hand(life: list[One], begun: int, ratio: float, in_a_row: int) -> None:
    rule = {**RULE, "ratio": ratio, "in_a_row": in_a_row}
    workflow = ruled(**rule)
    old = make_version(workflow, state="superseded")
    now = timezone.now()
    # Half a second aside, so that no end lies just on an edge.
    edge = timedelta(milliseconds=500)
    begin(workflow, now - timedelta(seconds=begun) - edge)
    names = {"s": "success", "f": "failed", "c": "cancelled", "k": "skipped"}
    for word, ago, is_test, is_old in life:
        make_run(
            workflow,
            status=names[word],
            ended_at=now - timedelta(seconds=ago),
            is_test=is_test,
            version=old if is_old else workflow.published,
            due_at=None,
        )
    workflow = Workflow.objects.select_related("published").get(pk=workflow.pk)
    stated = failure_rule.rule_of(workflow)
    assert stated is not None
    found = failure_rule.judge(workflow, stated, now + edge)
    assert (found.rule if found else "") == by_hand(life, begun, rule)
