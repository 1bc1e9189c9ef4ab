"""What an event may look like: Signalbox's own form, and CloudEvents 1.0 in JSON (structured mode)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from runs.intake.bodies import Json

LONGEST = 200
LONGEST_SOURCE = 2000
_OWN_KEYS = frozenset({"event", "data", "scope", "id", "time"})
_NAME = re.compile(r"[A-Za-z0-9_:/-]+(\.[A-Za-z0-9_:/-]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ATTRIBUTE = re.compile(r"[a-z0-9]+")


class EventRefused(ValueError):
    """An event is not what it should be: `path` says where, the text is a plain sentence."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Event:
    """One event, however it was written. `id` is the sender's; `delivery_id` makes repeats known.

    `headers` keeps what the sender said about the event beside its data. `scope` is a reference, "" for the
    token's own.
    """

    name: str
    data: Json
    id: str = ""
    delivery_id: str = ""
    scope: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def read_event(document: Json) -> Event:
    """The event that a JSON document describes; raises EventRefused."""
    if not isinstance(document, dict):
        raise EventRefused("", _("An event is a JSON object."))
    return _cloud_event(document) if "specversion" in document else _own(document)


def _own(document: Mapping[str, Any]) -> Event:
    for key in document:
        if key not in _OWN_KEYS:
            raise EventRefused(key, _("There is no such key in an event. Remove it, or put it into data."))
    if "data" not in document:
        raise EventRefused("data", _("An event has data; send null if there is none."))
    name, identifier = _name(document), _text(document, "id")
    return Event(
        name=name,
        data=document["data"],
        id=identifier,
        delivery_id=identifier,
        scope=_text(document, "scope"),
        headers=_said(document, ("id", "time", "scope"), ""),
    )


def _cloud_event(document: Mapping[str, Any]) -> Event:
    if document["specversion"] != "1.0":
        raise EventRefused("specversion", _("Only CloudEvents 1.0 are understood."))
    source, identifier = _required(document, "source"), _required(document, "id")
    attributes = [key for key in document if key not in ("data", "data_base64")]
    for key in attributes:
        if not _ATTRIBUTE.fullmatch(key):
            raise EventRefused(
                key, _("A CloudEvents attribute's name has lower-case letters and digits only.")
            )
    return Event(
        name=_required(document, "type"),
        data=_cloud_data(document),
        id=identifier,
        delivery_id=_joint_id(source, identifier),
        scope=_text(document, "scope"),
        headers=_said(document, attributes, "ce-"),
    )


def _cloud_data(document: Mapping[str, Any]) -> Json:
    if "data_base64" not in document:
        return cast(Json, document.get("data"))
    if "data" in document or not isinstance(document["data_base64"], str):
        raise EventRefused("data_base64", _("Send either data, or data_base64 as text."))
    return {"base64": document["data_base64"]}


def _joint_id(source: str, identifier: str) -> str:
    """Source and id together name an event; what is too long to keep is known by its digest."""
    joint = f"{source} {identifier}"
    if len(joint) <= LONGEST:
        return joint
    return f"sha256:{hashlib.sha256(joint.encode()).hexdigest()}"


def _name(document: Mapping[str, Any]) -> str:
    name = _required(document, "event")
    if not _NAME.fullmatch(name):
        raise EventRefused("event", _("An event's name is words joined by dots, such as data.captured."))
    return name


def _required(document: Mapping[str, Any], key: str) -> str:
    value = _text(document, key)
    if not value:
        raise EventRefused(key, _("This is needed, as text."))
    return value


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    if value is None:
        return ""
    most = LONGEST_SOURCE if key == "source" else LONGEST
    if not isinstance(value, str) or len(value) > most or _CONTROL.search(value):
        raise EventRefused(
            key,
            _("This is text of at most %(most)d characters, without control characters.") % {"most": most},
        )
    return value.strip()


def _said(document: Mapping[str, Any], keys: Any, prefix: str) -> dict[str, str]:
    _require_time(document)
    given = {key: document[key] for key in keys if document.get(key) is not None}
    for key, value in given.items():
        if not isinstance(value, str | int | bool):
            raise EventRefused(key, _("An attribute is text, a whole number, true or false."))
    return {f"{prefix}{key}": _written(value) for key, value in given.items()}


def _written(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _require_time(document: Mapping[str, Any]) -> None:
    time = document.get("time")
    if time is None:
        return
    if not isinstance(time, str) or not _moment(time):
        raise EventRefused("time", _("A time is ISO 8601 with its zone, such as 2026-01-31T08:00:00Z."))


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
