"""The verbs that are offered in bulk: one register for both lists, filled by on_workflows and on_runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit import context
from config.web import policy
from runs.models import BulkKind
from runs.models.bulk import LABEL_LENGTH
from workflows import access

Text = str | Promise
Options = dict[str, Any]


class Unchanged(Exception):
    """The service found nothing to do; the message says why."""


@dataclass(frozen=True)
class Done:
    """What became of one item. `after_commit` rings doorbells: in its transaction nobody would hear them."""

    message: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)
    after_commit: Callable[[], None] = lambda: None


def nothing_first(_target: str, _options: Options) -> None:
    """For verbs that need no preparation outside the transaction."""


@dataclass(frozen=True)
class BulkVerb:
    """One verb on many things.

    `permission` is asked for each item. `objection` says why a row would be refused, "" if it will change, and
    causes no query; `checks` does so for all rows together, by key, in a few queries. `form` asks, given the rows that will change; `check` refuses options as the service would.
    `perform` acts on one id in the caller's transaction; `prepare` may do before it what takes long.
    `rights` are permissions whose answers `perform` finds in the options, for each item anew.
    `icon` stands on the button; `is_lasting` verbs need a tick, since nothing brings back what they end.
    """

    kind: BulkKind
    verb: str
    label: Text
    icon: str
    permission: str
    objection: Callable[[Any, Any], str]
    perform: Callable[[str, Options], Done]
    form: Callable[[Any, list[Any], Any], forms.Form]
    check: Callable[[Options], None] = lambda options: None
    prepare: Callable[[str, Options], None] = nothing_first
    checks: Callable[[list[Any]], Mapping[Any, str]] = lambda rows: {}
    numbers: Callable[[list[Any]], list[tuple[Text, int]]] = lambda rows: []
    rights: tuple[str, ...] = ()
    is_lasting: bool = False


@dataclass(frozen=True)
class Things:
    """What both kinds of thing need: their rows for a person, and how a row is called.

    `key` makes an id of text, or raises ValueError. `changed` is the event that their lists listen to.
    """

    kind: BulkKind
    key: Callable[[str], Any]
    rows: Callable[[Any], QuerySet[Any]]
    filtered: Callable[[Any, Any], QuerySet[Any]]
    label: Callable[[Any], str]
    list_url: str
    changed: str


_verbs: dict[tuple[str, str], BulkVerb] = {}
_things: dict[str, Things] = {}


def register(things: Things, *verbs: BulkVerb) -> None:
    """Add a kind of thing and its verbs, in the order of the buttons."""
    _things[things.kind] = things
    _verbs.update({(verb.kind, verb.verb): verb for verb in verbs})


def verb_of(kind: str, verb: str) -> BulkVerb | None:
    """The verb, or None where that kind has none of this name."""
    return _verbs.get((kind, verb))


def verbs_of(kind: str) -> list[BulkVerb]:
    """The verbs of a kind in the order of their buttons."""
    return [verb for (of, _word), verb in _verbs.items() if of == kind]


def things_of(kind: str) -> Things:
    """How a kind of thing is found and called."""
    return _things[kind]


def label_of(kind: str, row: Any) -> str:
    """What a row is called in results, for as long as they are kept."""
    return _things[kind].label(row)[:LABEL_LENGTH]


def missing_right(user: Any, permission: str, row: Any, scope_name: str) -> str:
    """Why the person may not do it there; "" if they may."""
    if policy.may(user, permission, row):
        return ""
    role = access.PERMISSIONS[permission].label
    return _("It needs the role %(role)s in %(scope)s.") % {"role": role, "scope": scope_name}


def origin_of(job_id: object) -> str:
    """The origin under which a job's acts stand in the audit log."""
    return f"bulk {job_id}"


def actor_of(actor_id: str, label: str) -> context.Actor:
    """The person who asked for a job."""
    return context.Actor("person", actor_id, label)
