"""What a monitoring page is asked about: a range, a scope, up to five workflows; never more than the person sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs.monitoring import figures
from runs.monitoring.crossing import is_uncrossed
from runs.monitoring.figures import Figures
from runs.monitoring.windows import Window
from workflows import access, queries
from workflows.models import Scope, Workflow

RANGES: Final[dict[str, str | Promise]] = {
    "1h": _("1 hour"),
    "6h": _("6 hours"),
    "24h": _("24 hours"),
    "7d": _("7 days"),
    "30d": _("30 days"),
    "90d": _("90 days"),
    "1y": _("1 year"),
}
DEFAULT: Final = "24h"
MOST: Final = 5
# What is shown beside a window may begin a little before it.
A_DAY: Final = timedelta(days=1)
ORDER: Final = ("range", "scope", "workflow", "place")
TRANSIENT: Final = ("since", "add")


@dataclass(frozen=True)
class Asked:
    """`scopes`: ids of the chosen scope and those inside it, None without a choice. `seen`: the ids of the scopes that the
    person sees, None for all. `place`: the first place of the comparison that is shown. `ignored`: parameters that were
    not understood. `is_part`: one of several workflows that stand side by side.
    """

    range: str
    window: Window
    now: datetime
    workflows: tuple[Workflow, ...] = ()
    scope: Scope | None = None
    scopes: tuple[int, ...] | None = None
    seen: tuple[int, ...] | None = None
    known_scopes: tuple[Scope, ...] = ()
    place: int = 1
    ignored: tuple[str, ...] = ()
    is_part: bool = False

    @property
    def choice(self) -> dict[str, Any]:
        """Whose runs, as the figures take it. Runs are seen by where their workflow lies, and summed by their own scope."""
        if self.workflows:
            return {"workflows": [one.pk for one in self.workflows], "scopes": self.scopes}
        if self.seen is None:
            return {"workflows": None, "scopes": self.scopes}
        return {"workflows": self._own, "scopes": self.scopes}

    @cached_property
    def summed(self) -> dict[str, Any]:
        """The same choice for figures that are of no single workflow: by scope alone, which costs the least, where that
        says the same.
        """
        if self.workflows or self.seen is None or not self._is_uncrossed:
            return self.choice
        return {"workflows": None, "scopes": self.seen if self.scopes is None else self.scopes}

    @property
    def _own(self) -> QuerySet[Any, Any]:
        return Workflow.objects.filter(scope__in=self.seen or ()).order_by().values("pk")

    @property
    def _is_uncrossed(self) -> bool:
        return is_uncrossed(self._own, self.seen or (), self.window.start - A_DAY)

    @cached_property
    def totals(self) -> Figures:
        """Everything of the window together; one query, however many panels of a page ask."""
        return figures.totals(self.window, **self.summed)

    @property
    def only(self) -> Workflow | None:
        """The one workflow that is asked about, if it is one."""
        return self.workflows[0] if len(self.workflows) == 1 else None

    @property
    def parts(self) -> list["Asked"]:
        """The workflows that stand side by side, each by itself; else the whole."""
        if len(self.workflows) < 2:
            return [self]
        return [replace(self, workflows=(one,), is_part=True) for one in self.workflows]

    def values(self, **changes: object) -> dict[str, str]:
        """The parameters of an address, defaults left out; a change to None leaves that one out."""
        given: dict[str, object] = {
            "range": self.range if self.range != DEFAULT else "",
            "scope": self.scope.ref if self.scope else "",
            "workflow": ",".join(str(one.pk) for one in self.workflows),
            "place": self.place if self.place > 1 else "",
        }
        return {name: str(value) for name, value in (given | changes).items() if value not in (None, "")}


def asked_of(request: HttpRequest, *, workflow: Workflow | None = None) -> Asked:
    """What the address asks; Http404 for a scope or workflow that is not there for the person.

    `workflow`: the one whose page it is; the address then names none.
    """
    data, user = request.GET, request.user
    range_text = data.get("range") or DEFAULT
    misread = ["range"] if range_text not in RANGES else []
    range_text = DEFAULT if misread else range_text
    now = timezone.now()
    seen = access.scope_ids(user)
    scopes = () if workflow else tuple(access.visible_to(user, Scope.objects.all()))
    scope = _scope(scopes, data.get("scope", ""))
    chosen, too_many = ((workflow,), []) if workflow else _workflows(user, data.getlist("workflow"))
    place, bad_place = _place(data.get("place", ""))
    known = {"range"} if workflow else set(ORDER)
    unknown = [name for name in data if name not in known and name not in TRANSIENT]
    return Asked(
        range=range_text,
        window=Window.of(range_text, now),
        now=now,
        workflows=tuple(chosen),
        scope=scope,
        scopes=_inside(scopes, scope) if scope else None,
        seen=None if seen is None else tuple(sorted(seen)),
        known_scopes=scopes,
        place=place,
        ignored=(*misread, *too_many, *bad_place, *unknown),
    )


def _scope(scopes: Sequence[Scope], ref: str) -> Scope | None:
    if not ref:
        return None
    found = next((one for one in scopes if one.ref == ref), None)
    if found is None:
        raise Http404
    return None if found.kind == Scope.Kind.WORKSPACE else found


def _inside(scopes: Sequence[Scope], scope: Scope) -> tuple[int, ...]:
    return tuple(one.pk for one in scopes if scope.pk in (one.pk, one.parent_id))


def _workflows(user: Any, texts: Sequence[str]) -> tuple[Sequence[Workflow], list[str]]:
    """The named workflows in the order of the address; more than five are ignored and said."""
    words = list(dict.fromkeys(word for text in texts for word in text.split(",") if word))
    if not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
        raise Http404
    keys = [int(word) for word in words[:MOST]]
    found = queries.listed(user).in_bulk(keys) if keys else {}
    if len(found) < len(set(keys)):
        raise Http404
    return [found[key] for key in dict.fromkeys(keys)], ["workflow"] if len(words) > MOST else []


def _place(text: str) -> tuple[int, list[str]]:
    if not text:
        return 1, []
    is_number = text.isascii() and text.isdigit() and 0 < len(text) < 7
    return (max(int(text), 1), []) if is_number else (1, ["place"])
