"""The two forms of an event."""

from typing import Any

import pytest

from runs.intake.event_formats import Event, EventRefused, read_event

OWN = {"event": "lead.captured", "data": {"n": 1}}
CLOUD = {"specversion": "1.0", "id": "e-1", "source": "/shop/7", "type": "lead.captured", "data": [1]}


def test_own_form_is_read() -> None:
    document = {**OWN, "id": "a1", "scope": "hub:sydney", "time": "2026-01-31T08:00:00Z"}
    assert read_event(document) == Event(
        name="lead.captured",
        data={"n": 1},
        id="a1",
        delivery_id="a1",
        scope="hub:sydney",
        headers={"id": "a1", "time": "2026-01-31T08:00:00Z", "scope": "hub:sydney"},
    )


def test_own_form_needs_no_more_than_name_and_data() -> None:
    assert read_event({"event": "a", "data": None}) == Event(name="a", data=None)


def test_cloud_event_is_read() -> None:
    document = {**CLOUD, "time": "2026-01-31T08:00:00+01:00", "scope": "hub:sydney", "partition": 3}
    assert read_event(document) == Event(
        name="lead.captured",
        data=[1],
        id="e-1",
        delivery_id="/shop/7 e-1",
        scope="hub:sydney",
        headers={
            "ce-specversion": "1.0",
            "ce-id": "e-1",
            "ce-source": "/shop/7",
            "ce-type": "lead.captured",
            "ce-time": "2026-01-31T08:00:00+01:00",
            "ce-scope": "hub:sydney",
            "ce-partition": "3",
        },
    )


def test_cloud_event_may_lack_data_or_carry_bytes() -> None:
    bare = {key: value for key, value in CLOUD.items() if key != "data"}
    assert read_event(bare).data is None
    assert read_event({**bare, "data_base64": "//4A"}).data == {"base64": "//4A"}


def test_id_of_a_cloud_event_is_source_and_id_however_long() -> None:
    one = read_event({**CLOUD, "source": "/" + "s" * 300})
    two = read_event({**CLOUD, "source": "/" + "s" * 301})
    assert one.delivery_id.startswith("sha256:")
    assert len(one.delivery_id) < 200
    assert one.delivery_id != two.delivery_id


@pytest.mark.parametrize(("document", "path"), [
    ("text", ""), (None, ""), ([], ""), ({}, "data"),
    ({"data": 1}, "event"), ({"event": "a"}, "data"), ({**OWN, "extra": 1}, "extra"),
    ({**OWN, "event": ""}, "event"), ({**OWN, "event": "a b"}, "event"), ({**OWN, "event": ".a"}, "event"),
    ({**OWN, "event": "a" * 201}, "event"), ({**OWN, "event": 1}, "event"),
    ({**OWN, "id": 1}, "id"), ({**OWN, "id": "x" * 201}, "id"), ({**OWN, "id": "a\nb"}, "id"),
    ({**OWN, "id": "\ud800"}, "id"), ({**OWN, "scope": ["hub:a"]}, "scope"),
    ({**OWN, "time": "yesterday"}, "time"), ({**OWN, "time": "2026-01-31T08:00:00"}, "time"),
    ({**OWN, "time": "2026-13-31T08:00:00Z"}, "time"), ({**OWN, "time": 5}, "time"),
    ({**CLOUD, "specversion": "0.3"}, "specversion"), ({**CLOUD, "id": ""}, "id"),
    ({**CLOUD, "source": None}, "source"), ({**CLOUD, "type": ""}, "type"),
    ({**CLOUD, "Upper": "x"}, "Upper"), ({**CLOUD, "ext": {"a": 1}}, "ext"), ({**CLOUD, "ext": 1.5}, "ext"),
    ({**CLOUD, "data_base64": "//4A"}, "data_base64"), ({**CLOUD, "source": "s" * 2001}, "source"),
])  # fmt: skip
def test_what_is_no_event_is_refused_with_its_place(document: Any, path: str) -> None:
    with pytest.raises(EventRefused) as wrong:
        read_event(document)
    assert wrong.value.path == path
    assert str(wrong.value).endswith((".", "Z."))
