"""manage.py audit, as scripts call it."""

import hashlib
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit import anchors, chain
from audit.commands import Refused, WrongUsage
from audit.context import Actor, acting
from audit.models import AuditEvent
from audit.services import Subject
from audit.verbs import AuditWord
from tests.audit.events import execute, make_event, make_events, unguarded

pytestmark = pytest.mark.django_db

FIELDS = {
    "id", "time", "event", "actor", "subject", "before", "after", "reason", "origin", "correlation",
    "previous_hash", "hash",
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_data_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def audit(*arguments: str) -> str:
    out = StringIO()
    call_command("audit", *arguments, stdout=out)
    return out.getvalue()


def listed(*arguments: str) -> list[int]:
    return [event["id"] for event in json.loads(audit("list", *arguments, "--json"))["events"]]


def test_list_gives_the_promised_fields() -> None:
    with acting(Actor("person", "7", "anna"), origin="page", correlation="c-9"):
        event = make_event(
            word=AuditWord.WORKFLOW_PAUSED,
            before={"status": "active"},
            after={"status": "paused"},
            reason="why",
        )

    document = json.loads(audit("list", "--json"))

    (given,) = document["events"]
    assert document["next"] is None
    assert set(given) >= FIELDS
    assert given["time"] == chain.instant(event.time)
    assert (given["event"], given["actor"], given["subject"]) == ("Workflow paused", "anna", "Digest")
    assert (given["before"], given["after"]) == ({"status": "active"}, {"status": "paused"})
    assert (given["reason"], given["origin"], given["correlation"]) == ("why", "page", "c-9")
    assert (given["previous_hash"], given["hash"]) == ("0" * 64, event.hash)


def test_list_pages_by_cursor_newest_first() -> None:
    make_events(7)
    document: dict[str, Any] = {"next": ""}
    seen: list[int] = []

    while document["next"] is not None:
        document = json.loads(audit("list", "--limit", "3", "--cursor", document["next"], "--json"))
        seen += [event["id"] for event in document["events"]]

    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert listed("--limit", "0") == seen


def test_list_shows_fifty_by_default() -> None:
    make_events(51)

    assert listed() == list(range(51, 1, -1))


def test_list_refuses_a_foreign_cursor() -> None:
    with pytest.raises(WrongUsage):
        audit("list", "--cursor", "nonsense")


def test_list_by_subject_takes_an_id_or_any_name_it_had() -> None:
    make_event(subject=Subject("workflow", "3", "Old"))
    make_event(subject=Subject("connection", "3", "crm"))
    make_event(subject=Subject("workflow", "3", "New"))
    make_event(subject=Subject("workflow", "4", "Other"))
    make_event(subject=Subject("run", "0190-abc", "run of New"))

    assert listed("--subject", "3") == [3, 1]
    assert listed("--subject", "Old") == [3, 1]
    assert listed("--subject", "New") == [3, 1]
    assert listed("--subject", "crm") == [2]
    assert listed("--subject", "connection:3") == [2]
    assert listed("--subject", "0190-abc") == [5]
    assert listed("--subject", "nothing") == []


def test_list_by_event_takes_the_phrase_or_a_piece_of_it() -> None:
    make_event(word=AuditWord.WORKFLOW_PAUSED)
    make_event(word=AuditWord.WORKFLOW_PAUSED_BY_RULE)
    make_event(word=AuditWord.RUN_KILLED)

    assert listed("--event", "Workflow paused") == [1]
    assert listed("--event", "workflow PAUSED") == [1]
    assert listed("--event", "paused") == [2, 1]


def test_list_since_a_moment() -> None:
    make_events(2)

    assert listed("--since", (timezone.now() - timedelta(hours=1)).isoformat()) == [2, 1]
    assert listed("--since", (timezone.now() + timedelta(hours=1)).isoformat()) == []


def test_list_prints_a_line_for_each_event() -> None:
    make_event(word=AuditWord.WORKFLOW_PAUSED, after={"status": "paused"}, reason="night")

    text = audit("list")

    assert "Signalbox  Workflow paused: Digest" in text
    assert text.rstrip().endswith("(night)")


def test_verify_says_that_the_chain_is_whole() -> None:
    make_events(3)

    document = json.loads(audit("verify", "--json"))

    assert document == {"ok": True, "events": 3, "first_broken": None, "problem": None}


def test_verify_fails_and_names_the_first_broken_event() -> None:
    make_events(3)
    with unguarded():
        execute("UPDATE audit_auditevent SET reason = 'x' WHERE id = 2")
    out = StringIO()

    with pytest.raises(Refused) as failed:
        call_command("audit", "verify", "--json", stdout=out)

    document = json.loads(out.getvalue())
    assert failed.value.returncode == 1
    assert (document["ok"], document["events"], document["first_broken"]) == (False, 3, 2)
    assert document["problem"] == str(failed.value)


def test_verify_reads_the_anchors() -> None:
    make_events(3)
    anchors.write_anchor()
    with unguarded():
        execute("DELETE FROM audit_auditevent WHERE id = 3")
        execute("UPDATE audit_audithead SET sequence = 2, hash = %s", AuditEvent.objects.get(id=2).hash)

    with pytest.raises(Refused, match="reached 3"):
        audit("verify")


def test_exported_lines_recompute_to_their_hashes() -> None:
    with acting(Actor("person", "7", "anna"), origin="page"):
        make_event(before={"a": 1.5, "ü": None}, after={"big": 10**30, "text": "\u0000 \ud800"}, reason="zoë")
    make_events(4)

    rows = [json.loads(line) for line in audit("export", "--format", "jsonl").splitlines()]

    previous = "0" * 64
    for row in rows:
        assert row["previous_hash"] == previous
        previous = recomputed(row)
        assert row["hash"] == previous
    assert [row["event"] for row in rows][-1] == "Audit exported"


def recomputed(row: dict[str, Any]) -> str:
    """The recipe of docs/audit.md, written without the product's own code."""

    def canonical(value: Any) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    names = [
        "id", "time", "event", "actor_kind", "actor_id", "actor_digest", "subject_kind", "subject_id",
        "subject_digest", "scope_id", "reason", "origin", "correlation",
    ]  # fmt: skip
    content = {name: row[name] for name in names}
    content |= {name: canonical(row[name]) for name in ("before", "after", "history")}
    return hashlib.sha256(f"{row['previous_hash']}\n{canonical(content)}".encode()).hexdigest()


def test_export_is_one_document_under_json() -> None:
    make_events(2)

    document = json.loads(audit("export", "--json", "--actor", "anna"))

    assert [event["id"] for event in document["events"]] == [1, 2, 3]
    assert (document["events"][-1]["actor"], document["next"]) == ("command: anna", None)


def test_export_as_csv_has_a_header() -> None:
    make_events(1)

    lines = audit("export", "--format", "csv").splitlines()

    assert lines[0].split(",")[:4] == ["id", "time", "event", "actor"]
    assert len(lines) == 3


def test_export_knows_no_other_form() -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        audit("export", "--format", "xml")
