"""The kinds of trigger: what every kind has, and what each says of itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from workflows.triggers.base import BaseTrigger, kind_of, kinds
from workflows.triggers.timetable import ScheduleRefused

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def make(kind: str, **fields: Any) -> Any:
    return kinds()[kind].model.model_validate({"id": "t", "kind": kind, **fields})


def problems(kind: str, **fields: Any) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for problem in kinds()[kind].problems(make(kind, **fields), now=NOW)]


def test_kinds_are_those_of_the_format() -> None:
    assert list(kinds()) == ["event", "manual", "schedule", "webhook"]


@pytest.mark.parametrize("name", ["event", "manual", "schedule", "webhook"])
def test_kind_has_all_that_pages_and_intake_need(name: str) -> None:
    kind = kinds()[name]

    assert str(kind.label) and str(kind.summary) and kind.icon
    assert issubclass(kind.model, BaseTrigger)
    assert kind_of(make(name)) is kind
    assert isinstance(kind.describe(make(name)), str)


def test_only_webhooks_have_addresses_and_bodies() -> None:
    assert [name for name, kind in kinds().items() if kind.has_address] == ["webhook"]
    assert {name: kind.payload_name for name, kind in kinds().items()} == {
        "event": "data",
        "manual": "data",
        "schedule": "data",
        "webhook": "body",
    }


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("webhook", {"dedupe": "header:X-Id"}),
        ("webhook", {"dedupe": "body:event.id"}),
        ("webhook", {"signature": {"preset": "github"}, "methods": ["POST", "PUT"]}),
        (
            "webhook",
            {
                "signature": {
                    "preset": "hmac-sha256",
                    "header": "X-Sig",
                    "encoding": "base64",
                    "prefix": "v1=",
                }
            },
        ),
        ("event", {"event": "data.captured"}),
        ("event", {"event": "com.example/thing.v2:made"}),
        (
            "schedule",
            {"cron": "30 2 * * *", "timezone": "Australia/Sydney", "overlap": "queue", "catch_up": "PT0S"},
        ),
        ("schedule", {"every": "PT1M"}),
        ("manual", {"fields": [{"name": "mail", "type": "text", "required": True, "default": "x"}]}),
        ("manual", {"fields": [{"name": "day", "type": "date", "default": "2026-02-28"}]}),
    ],
)
def test_trigger_takes(kind: str, fields: dict[str, Any]) -> None:
    assert problems(kind, **fields) == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("webhook", {"dedupe": "hash:body"}),
        ("webhook", {"dedupe": "header:X Id"}),
        ("webhook", {"dedupe": "body:"}),
        ("webhook", {"dedupe": "header:X\nY"}),
        ("webhook", {"signature": {"preset": "md5"}}),
        ("webhook", {"signature": {"preset": "github", "secret": "x"}}),
        ("webhook", {"methods": ["HEAD"]}),
        ("webhook", {"secret": "x"}),
        ("event", {"event": "a..b"}),
        ("event", {"event": "a b"}),
        ("event", {"where": "always"}),
        ("schedule", {"every": "PT59S"}),
        ("schedule", {"overlap": "pile"}),
        ("schedule", {"catch_up": "P31D"}),
        ("schedule", {"cron": "x" * 201}),
        ("manual", {"fields": [{"name": "no spaces"}]}),
        ("manual", {"fields": [{"name": "a", "type": "file"}]}),
    ],
)
def test_trigger_refuses(kind: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make(kind, **fields)


@pytest.mark.parametrize(
    ("signature", "found"),
    [
        ({"preset": "hmac-sha256"}, [("incomplete_trigger", "signature.header")]),
        ({"preset": "github", "header": "X"}, [("incomplete_trigger", "signature")]),
        ({"preset": "slack", "encoding": "hex"}, [("incomplete_trigger", "signature")]),
    ],
)
def test_webhook_knows_when_a_signature_is_incomplete(
    signature: dict[str, str], found: list[tuple[str, str]]
) -> None:
    assert problems("webhook", signature=signature) == found


def test_webhook_needs_a_secret_when_it_is_signed() -> None:
    assert kinds()["webhook"].needs_secret(make("webhook", signature={"preset": "stripe"})) is True
    assert kinds()["webhook"].needs_secret(make("webhook")) is False


def test_schedule_gives_its_timetable() -> None:
    kind = kinds()["schedule"]
    timetable = kind.timetable(make("schedule", every="PT10M"))

    assert timetable is not None
    assert timetable.next_after(NOW, anchor=NOW) == NOW + timedelta(minutes=10)
    assert "Australia/Sydney" in kind.describe(
        make("schedule", cron="30 2 * * *", timezone="Australia/Sydney")
    )
    with pytest.raises(ScheduleRefused):
        kind.timetable(make("schedule", cron="nonsense"))
    assert kind.describe(make("schedule", cron="nonsense")) == "nonsense"


@pytest.mark.parametrize(
    ("type_", "default", "is_fine"),
    [
        ("text", "x", True),
        ("text", 5, False),
        ("number", 5.5, True),
        ("number", True, False),
        ("boolean", False, True),
        ("boolean", "false", False),
        ("date", "2026-02-30", False),
        ("date", 5, False),
        ("date", None, True),
    ],
)
def test_manual_knows_whether_a_default_fits(type_: str, default: object, is_fine: bool) -> None:
    assert (problems("manual", fields=[{"name": "a", "type": type_, "default": default}]) == []) is is_fine
