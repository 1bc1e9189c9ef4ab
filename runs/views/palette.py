"""The command palette: a field, and what is found for it; a dialog with script, a page of its own without."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from config.web import htmx
from config.web.dialogs import Dialog, render_dialog
from config.web.origins import previous_page
from runs import palette

RESULTS: Final = "palette-results"
LONGEST: Final = 200


@require_GET
def palette_page(request: HttpRequest) -> HttpResponse:
    """`?q=`; the field asks for its results alone."""
    text = request.GET.get("q", "").replace("\0", "")[:LONGEST]
    groups = palette.find(request.user, text)
    context = {"groups": groups, "q": text, "found": sum(len(group.options) for group in groups)}
    if htmx.wants_partial(request) and request.headers.get("HX-Target") == RESULTS:
        response = render(request, "runs/_palette_results.html", {**context, "standalone": False})
        return htmx.vary_on_htmx(response)
    dialog = Dialog(title=_("Go to or do"), back=previous_page(request), wide=True)
    return render_dialog(request, dialog, template="runs/palette.html", context=context)
