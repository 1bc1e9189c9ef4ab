"""The demo site's dialogs: rename with every kind of field, delete, and taking back."""

from django import forms
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from config.web import dialogs, htmx


class RenameForm(forms.Form):
    name = forms.CharField(label="Name", max_length=200, help_text="At most 50 characters.")
    category = forms.ChoiceField(
        label="Category", choices=[("a", "Maintenance"), ("b", "Outage")], required=False
    )
    expected = forms.DateTimeField(label="Expected resume", required=False)
    in_flight = forms.ChoiceField(
        label="Runs in flight",
        widget=forms.RadioSelect,
        choices=[("finish", "Finish them"), ("hold", "Hold at the next step"), ("cancel", "Cancel them")],
        initial="finish",
    )
    auto = forms.BooleanField(label="Resume automatically then", required=False)

    def clean_name(self) -> str:
        if len(self.cleaned_data["name"]) > 50:
            raise forms.ValidationError("Use at most 50 characters.")
        return self.cleaned_data["name"]


@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    group = get_object_or_404(Group, pk=pk)
    form = RenameForm(request.POST or None, initial={"name": group.name})
    dialog = dialogs.Dialog(
        title="Rename workflow", subject=group.name, confirm="Rename", back=reverse("demo:list"), revision=7
    )
    if request.method == "POST":
        if request.POST.get("revision") == "6":
            return dialogs.render_dialog(
                request, dialog, form=form, status=409, context={"refusal": "Ada changed this at 09:14:03."}
            )
        if form.is_valid():
            Group.objects.filter(pk=pk).update(name=form.cleaned_data["name"])
            said = htmx.notice("Renamed.", undo_url=reverse("demo:undo", args=[pk]))
            return htmx.finish(request, "workflow-changed", to=reverse("demo:list"), notice=said)
    return dialogs.render_dialog(request, dialog, form=form)


@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    group = get_object_or_404(Group, pk=pk)
    if request.method == "POST":
        group.delete()
        return htmx.finish(request, "workflow-changed", to=reverse("demo:list"), notice="Deleted.")
    dialog = dialogs.Dialog(
        title="Delete workflow",
        subject=group.name,
        sentence="This cannot be undone.",
        confirm="Delete",
        danger=True,
    )
    return dialogs.render_dialog(request, dialog)


def undo(request: HttpRequest, pk: int) -> HttpResponse:
    Group.objects.filter(pk=pk).update(name="undone")
    return htmx.finish(request, "workflow-changed", to=reverse("demo:list"), notice="Taken back.")
