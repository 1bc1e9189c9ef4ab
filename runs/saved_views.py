"""Saved views of the lists of workflows and of runs: who sees them, and keeping, changing, deleting and restoring them.

Private ones are not audited; whatever happens to a shared one is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.web import addresses
from config.web.preferences import DENSITIES
from runs.filters import WorkflowFilter
from runs.models import Place, SavedView
from runs.models.saved_view import VIEW_NAME_LENGTH
from runs.run_filters import RunFilter
from workflows import access
from workflows.lifecycle import Refusal
from workflows.models import Scope
from workflows.services.values import refuse
from workflows.texts import is_storable

MOST: Final = 50
KEPT: Final = timedelta(days=30)
QUERY_LENGTH: Final = 2_000


class ViewRefused(Refusal):
    """A view changed since, or is gone; nothing was changed."""


LISTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    Place.WORKFLOWS: ("workflow_list", (*WorkflowFilter.parameter_order, "sort")),
    Place.RUNS: ("run_list", (*RunFilter.parameter_order, "show")),
}
"""Of each list the name of its address, and the parameters that belong to a view."""


@dataclass(frozen=True)
class Look:
    """What a view keeps: filters and order as a query string, columns, density."""

    query: str = ""
    columns: str = ""
    density: str = ""

    @classmethod
    def of(cls, data: QueryDict, place: str = Place.WORKFLOWS) -> "Look":
        """From an address of the list; what belongs to no view (page, quick look) is left out."""
        names = LISTS[place][1]
        kept = QueryDict(mutable=True)
        for name in names:
            kept.setlist(name, data.getlist(name))
        columns = ",".join(word for value in data.getlist("columns") for word in value.split(",") if word)
        density = data.get("density", "")
        return cls(
            addresses.query(kept, order=names).removeprefix("?")[:QUERY_LENGTH],
            columns[:200],
            density if density in DENSITIES else "",
        )

    @classmethod
    def of_view(cls, view: SavedView) -> "Look":
        return cls(view.query, view.columns, view.density)

    @property
    def parameters(self) -> str:
        """As a query string, without `?`."""
        looks = addresses.query(_data(columns=self.columns, density=self.density)).removeprefix("?")
        return "&".join(part for part in (self.query, looks) if part)


def _data(**values: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(values)
    return data


def address_of(view: SavedView) -> str:
    """The list as the view shows it."""
    parameters = Look.of_view(view).parameters
    return f"{list_of(view.place)}?{parameters}{'&' if parameters else ''}view={view.pk}"


def list_of(place: str) -> str:
    """The address of a list as it is without a view."""
    return reverse(LISTS[place][0])


def visible_to(user: Any) -> QuerySet[SavedView]:
    """A person's own views of all lists, and those shared in scopes that they see."""
    seen = access.scope_ids(user)
    shared = Q(scope__isnull=False) if seen is None else Q(scope__in=sorted(seen))
    return SavedView.objects.filter(Q(owner=user) | shared, deleted_at=None).order_by("name", "pk")


def may_change(user: Any, view: SavedView) -> bool:
    """The owner; and of a shared one, whoever manages its scope."""
    return view.owner_id == user.pk or (view.is_shared and access.may_in(user, "members", view.scope_id))


def create(
    user: Any, *, name: str, scope: Scope | None, look: Look, place: str = Place.WORKFLOWS
) -> SavedView:
    """Keep a look under a name. Whether the person may share there is the caller's to ask. Raises ValueRefused."""
    text = _clean_name(user, name, place)
    with change():
        view = SavedView.objects.create(
            owner=user,
            scope=scope,
            place=place,
            name=text,
            query=look.query,
            columns=look.columns,
            density=look.density,
        )
        _record(AuditWord.VIEW_SHARED, view)
    return view


def _clean_name(user: Any, name: str, place: str) -> str:
    text = " ".join(name.split())
    if not 1 <= len(text) <= VIEW_NAME_LENGTH or not is_storable(text):
        raise refuse(
            "name",
            "name_length",
            _("A view's name has 1 to %(most)d characters.") % {"most": VIEW_NAME_LENGTH},
        )
    own = SavedView.objects.filter(owner=user, place=place, deleted_at=None)
    if own.filter(name=text).exists():
        raise refuse("name", "name_taken", _("You have a view of this name already."), _("Choose another."))
    if own.count() >= MOST:
        raise refuse(
            "name", "too_many", _("You have %(most)d views.") % {"most": MOST}, _("Delete one first.")
        )
    return text


def keep(view: SavedView, look: Look, *, revision: int | None = None) -> SavedView:
    """Give a view another look. Raises ViewRefused if it changed since that revision."""
    with change():
        view = _locked(view, revision)
        view.query, view.columns, view.density = look.query, look.columns, look.density
        _save(view, AuditWord.VIEW_CHANGED)
    return view


def delete(view: SavedView, *, revision: int | None = None) -> SavedView:
    """Take a view away; `restore` brings it back."""
    with change():
        view = _locked(view, revision)
        view.deleted_at = timezone.now()
        _save(view, AuditWord.VIEW_DELETED)
    return view


def restore(view: SavedView, *, revision: int | None = None) -> SavedView:
    """Bring a deleted view back. Raises ViewRefused if its name is taken meanwhile."""
    with change():
        view = _locked(view, revision)
        twins = SavedView.objects.filter(owner=view.owner_id, place=view.place, name=view.name)
        if twins.filter(deleted_at=None).exists():
            raise ViewRefused(_("There is another view “%(name)s” meanwhile.") % {"name": view.name})
        view.deleted_at = None
        _save(view, AuditWord.VIEW_SHARED)
    return view


def _locked(view: SavedView, revision: int | None) -> SavedView:
    found = (
        SavedView.objects.select_for_update(of=("self",)).select_related("scope").filter(pk=view.pk).first()
    )
    if found is None:
        raise ViewRefused(_("There is no such view."))
    if revision is not None and revision != found.revision:
        raise ViewRefused(_("The view “%(name)s” changed since.") % {"name": found.name})
    return found


def _save(view: SavedView, word: AuditWord) -> None:
    view.revision += 1
    view.save()
    _record(word, view)


def _record(word: AuditWord, view: SavedView) -> None:
    if view.is_shared:
        subject = Subject("view", str(view.pk), view.name, view.scope_id)
        record(word, subject, after={"query": view.query, "columns": view.columns, "density": view.density})


def forget_deleted() -> int:
    """Delete for good what was deleted long ago; gives how many."""
    return SavedView.objects.filter(deleted_at__lt=timezone.now() - KEPT).delete()[0]
