"""The few pages that belong to no app: start, keyboard help, and a person's own settings."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.web import dialogs, htmx, navigation, policy, preferences
from config.web.errors import refuse
from config.web.forms import PreferencesForm
from config.web.origins import previous_page
from config.web.requests import PageRequest


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The start page: redirects to the first page of the navigation."""
    links = navigation.links(request.path)
    if not links:
        raise Http404
    return redirect(links[0].href)


@login_not_required
@require_GET
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look when a page names no icon, as the admin's do not."""
    return redirect(static("img/signalbox.svg"))


@require_GET
def keyboard(request: HttpRequest) -> HttpResponse:
    """The list of keyboard shortcuts, as a dialog or as a page."""
    dialog = dialogs.Dialog(title=_("Keyboard shortcuts"), back=previous_page(request))
    return dialogs.render_dialog(request, dialog, template="ui/_keyboard.html")


@require_http_methods(["GET", "POST"])
def personal_settings(request: PageRequest) -> HttpResponse:
    """A person's theme, zone, refreshing and shortcuts."""
    form = PreferencesForm.of(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = HttpResponseRedirect(reverse("settings"))
        htmx.tell(request, _("Your settings are saved."))
        return preferences.write(response, **form.as_preferences())
    context = {"form": form, "may_retention": policy.may(request.user, "retention")}
    return render(request, "settings.html", context, status=422 if form.errors else 200)


@require_POST
def preference(request: PageRequest) -> HttpResponse:
    """Sets the preferences that the form names (`theme`, `updates`, `letters`, `zone`) and goes back.

    htmx, which only the Pause updates button uses, gets that button again.
    """
    names = preferences.Preferences.__annotations__
    wanted = {name: str(value) for name, value in request.POST.items() if name in names}
    if not wanted or not all(preferences.allowed(name, value) for name, value in wanted.items()):
        return refuse(
            request, status=422, title=_("Unknown setting"), text=_("This setting has no such value.")
        )
    if not htmx.wants_partial(request):
        return preferences.write(HttpResponseRedirect(previous_page(request)), **wanted)
    context = {"updates": wanted.get("updates", request.preferences.updates)}
    return preferences.write(render(request, "ui/_pause_updates.html", context), **wanted)
