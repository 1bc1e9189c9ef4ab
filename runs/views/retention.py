"""Retention: how long runs are kept, how many that would remove now, and the dialog that changes it."""

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from config.web.dialogs import Dialog
from config.web.numbers import grouped
from runs.models import RetentionRules
from runs.services import removing, retaining
from runs.services.retaining import MOST_DAYS, MOST_RUNS, Rules
from workflows import access
from workflows.lifecycle import Refusal
from workflows.views.asking import Family, ask_or_do, revision_of


class NothingGone(Exception):
    """The rules are always there."""


FAMILY = Family("retention:page", "retention-changed", NothingGone, "ui/_dialog.html")


class RulesForm(forms.Form):
    """The three numbers; `counted` are those whose effect the person has been told."""

    success_days = forms.IntegerField(
        label=gettext_lazy("Days for which runs that succeeded are kept"),
        min_value=0,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("0: for ever."),
    )
    other_days = forms.IntegerField(
        label=gettext_lazy("Days for which failed, cancelled and skipped runs are kept"),
        min_value=0,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("0: for ever."),
    )
    runs = forms.IntegerField(
        label=gettext_lazy("Closed runs kept of each workflow"),
        min_value=0,
        max_value=MOST_RUNS,
        help_text=gettext_lazy("0: any number."),
    )
    counted = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def rules(self) -> Rules:
        """What was typed."""
        given = self.cleaned_data
        return Rules(given["success_days"], given["other_days"], given["runs"])

    @property
    def is_told(self) -> bool:
        """Whether the person was told what just these numbers remove."""
        return bool(self.cleaned_data["counted"] == self._signature)

    def tell(self) -> None:
        """What is shown next says what these numbers remove."""
        self.data = {**dict(self.data.items()), "counted": self._signature}

    @property
    def _signature(self) -> str:
        return "-".join(map(str, (self.rules.success_days, self.rules.other_days, self.rules.runs)))


class MustBeTold(Refusal):
    """The numbers remove runs, and the person was not told how many."""

    code = "not_told"


@require_GET
def retention(request: HttpRequest) -> HttpResponse:
    """The rules in force; to managers of the whole workspace also what they would remove now."""
    if not access.may(request.user, "retention"):
        raise PermissionDenied(_("Retention needs the role Manager."))
    kept, may_change = retaining.rules(), access.may_in(request.user, "retention", None)
    context = {
        "kept": kept,
        "chosen": RetentionRules.objects.first(),
        "affected": removing.affected(kept) if may_change else 0,
        "may_change": may_change,
        "hour": settings.RETENTION_HOUR,
    }
    return render(request, "runs/retention/page.html", context)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Other numbers. What they remove is told first, and they are sent once more to confirm it."""
    _require_manager(request)
    now = retaining.rules()
    form = RulesForm(request.POST if request.method == "POST" else None, initial=vars(now))

    def act() -> str:
        seen = revision_of(request)
        if form.rules != now and not form.is_told:
            _tell(form)
        changed = retaining.change_rules(form.rules, seen=seen)
        return _("The rules are saved.") if changed else _("Nothing to do: runs are kept just so already.")

    dialog = Dialog(
        _("Change retention"),
        confirm=_("Change"),
        back=reverse("retention:page"),
        revision=retaining.revision(),
        sentence=_("Runs go in the night after, not at once. Figures and reports stay."),
    )
    return ask_or_do(request, FAMILY, dialog, act, form=form)


def _tell(form: RulesForm) -> None:
    count = removing.affected(form.rules)
    if count:
        form.tell()
        message = ngettext(
            "With these numbers %(n)s run is removed next night and cannot be brought back. Choose Change again if you want that.",
            "With these numbers %(n)s runs are removed next night and cannot be brought back. Choose Change again if you want that.",
            count,
        )
        raise MustBeTold(message % {"n": grouped(count)})


def _require_manager(request: HttpRequest) -> None:
    if not access.may_in(request.user, "retention", None):
        raise PermissionDenied(_("Changing retention needs the role Manager in the whole workspace."))
