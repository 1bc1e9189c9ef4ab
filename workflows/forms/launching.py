"""What Run and Widen ask for about a watched launch."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.forms.fields import WarningsForm, offer_words
from workflows.launch import FIRST, FIRST_MOST, SCOPE, SHARE, Launch
from workflows.models import Scope

ALL: Final = "all"
MORE: Final = "more"
PERCENT: Final = Decimal("0.01")
USUAL_FIRST, USUAL_PERCENT = 20, 10


def _first_field(**options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=_("How many triggers"), min_value=1, max_value=FIRST_MOST, required=False, **options
    )


def _share_field(**options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Share in per cent"),
        min_value=PERCENT,
        max_value=100 - PERCENT,
        decimal_places=2,
        required=False,
        **options,
    )


def _limit(kind: str, cleaned: dict[str, Any]) -> dict[str, Any]:
    """What the services take, of what was chosen; None for a value that is missing or was refused."""
    if kind == FIRST:
        return {"first": cleaned.get("first")}
    if kind == SHARE:
        percent = cleaned.get("share")
        return {"share": percent / 100 if percent is not None else None}
    return {"only_scope": cleaned.get("only_scope")} if kind == SCOPE else {}


class RunForm(WarningsForm):
    """A tick for warnings, and with how much of its triggers the workflow starts.

    A limit answers the warning about a start in the whole workspace (`is_wide`), which then needs no tick.
    """

    launch = forms.ChoiceField(label=_("Start with"), widget=forms.RadioSelect, required=False)
    first = _first_field(initial=USUAL_FIRST)
    share = _share_field(initial=USUAL_PERCENT)
    only_scope = forms.ChoiceField(label=_("Hub or card"), required=False)

    def __init__(
        self,
        *args: Any,
        warnings: int = 0,
        is_wide: bool = False,
        scopes: Sequence[Scope] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, warnings=warnings, **kwargs)
        self.is_wide, self.needs_tick_when_limited = is_wide, warnings - is_wide > 0
        choices = [("", _("All triggers")), (FIRST, _("The first few")), (SHARE, _("A share of them"))]
        if scopes:
            choices.append((SCOPE, _("Only events of one hub or card")))
            offer_words(self, "only_scope", [(scope.ref, f"{scope.name} ({scope.ref})") for scope in scopes])
        else:
            del self.fields["only_scope"]
        offer_words(self, "launch", choices)
        if warnings:
            self.fields["accept_warnings"].required = False
        self.order_fields(["launch", FIRST, SHARE, "only_scope", "accept_warnings"])

    @property
    def is_opened(self) -> bool:
        """Whether the limits stand open: something was chosen, or the checks ask for one."""
        return self.is_wide or bool(self.data.get("launch")) or bool(self.errors.keys() & {FIRST, SHARE})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("launch") or ""
        cleaned["limit"] = _limit(kind, cleaned)
        for name, value in cleaned["limit"].items():
            if value is None and name not in self.errors:
                self.add_error(name, _("Say how many."))
        tick = self.fields.get("accept_warnings")
        if tick and not cleaned.get("accept_warnings") and (self.needs_tick_when_limited or not kind):
            self.add_error("accept_warnings", tick.error_messages["required"])
        return cleaned


class WidenForm(forms.Form):
    """All triggers, or a larger limit of the same kind."""

    to = forms.ChoiceField(label=_("Let through"), widget=forms.RadioSelect, initial=ALL)

    def __init__(self, *args: Any, limit: Launch | None, held: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = limit.kind if limit else SCOPE
        choices: list[tuple[str, Any]] = [(ALL, _("All triggers: the %(n)d held are released") % {"n": held})]
        if limit and self.kind == FIRST:
            choices.append((MORE, _("More of the first")))
            self.fields[FIRST] = _first_field(initial=min(limit.amount * 2, FIRST_MOST))
        elif limit and self.kind == SHARE:
            choices.append((MORE, _("A larger share")))
            percent = min(limit.share * 200, 100 - PERCENT)
            self.fields[SHARE] = _share_field(initial=percent.quantize(PERCENT).normalize())
        offer_words(self, "to", choices)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["limit"] = _limit(self.kind, cleaned) if cleaned.get("to") == MORE else {}
        for name, value in cleaned["limit"].items():
            if value is None and name not in self.errors:
                self.add_error(name, _("Say how many."))
        return cleaned
