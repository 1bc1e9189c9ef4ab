"""The menu of saved views above a list: which one is shown, whether it is changed, what may be done."""

from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from runs import saved_views
from runs.models import Place, SavedView
from runs.saved_views import Look, address_of

Text = str | Promise


class ViewMenu:
    """One query for all views of the list that the person sees."""

    def __init__(self, request: HttpRequest, place: Place = Place.WORKFLOWS) -> None:
        self.request, self.place = request, place

    @cached_property
    def all(self) -> list[SavedView]:
        views = saved_views.visible_to(self.request.user).filter(place=self.place)
        return list(views[: saved_views.MOST * 2])

    @property
    def label(self) -> Text:
        """What the list is called without a view."""
        return _("All workflows") if self.place == Place.WORKFLOWS else _("All runs")

    @property
    def links(self) -> list[tuple[SavedView, str, bool]]:
        """Each view with its address, and whether it is the one that is shown."""
        return [(view, address_of(view), view == self.current) for view in self.all]

    @cached_property
    def current(self) -> SavedView | None:
        """The view that the address names."""
        named = self.request.GET.get("view", "")
        return next((view for view in self.all if str(view.pk) == named), None)

    @cached_property
    def look(self) -> Look:
        """How the list is shown now."""
        return Look.of(self.request.GET, self.place)

    @property
    def is_changed(self) -> bool:
        """Whether the list is shown otherwise than the view, or than the list's own way, says."""
        return self.look != (Look.of_view(self.current) if self.current else Look())

    @property
    def is_own(self) -> bool:
        """Whether the person may change the view that is shown."""
        return self.current is not None and saved_views.may_change(self.request.user, self.current)

    @property
    def save_as_url(self) -> str:
        path = self._with_look(reverse("view_new"))
        if self.place == Place.WORKFLOWS:
            return path
        return f"{path}{'&' if '?' in path else '?'}place={self.place}"

    @property
    def save_url(self) -> str:
        return self._with_look(reverse("view_save", args=[self.current.pk])) if self.current else ""

    @property
    def delete_url(self) -> str:
        return reverse("view_delete", args=[self.current.pk]) if self.current else ""

    @property
    def reset_url(self) -> str:
        return address_of(self.current) if self.current else self.list_url

    @property
    def list_url(self) -> str:
        """The list without a view."""
        return saved_views.list_of(self.place)

    def _with_look(self, path: str) -> str:
        parameters = self.look.parameters
        return f"{path}?{parameters}" if parameters else path
