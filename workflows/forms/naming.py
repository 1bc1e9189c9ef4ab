"""What Rename, Unarchive, Clone, Move, Describe and Delete ask for."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from workflows.forms.fields import name_field, offer
from workflows.models import Scope, Workflow


class NameForm(forms.Form):
    """A new name."""

    name = name_field()


class CloneForm(forms.Form):
    """The copy's name and place."""

    name = name_field()
    scope = forms.ModelChoiceField(label=_("Scope"), queryset=Scope.objects.none(), empty_label=None)

    def __init__(self, *args: Any, scopes: QuerySet[Scope], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "scope", scopes)


class MoveForm(forms.Form):
    """Where to."""

    scope = forms.ModelChoiceField(label=_("Scope"), queryset=Scope.objects.none(), empty_label=None)

    def __init__(self, *args: Any, scopes: QuerySet[Scope], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "scope", scopes)


class DeleteForm(forms.Form):
    """The name, typed."""

    confirm = forms.CharField(
        label=_("Type the name to confirm"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class DescribeForm(forms.Form):
    """What people say about a workflow."""

    description = forms.CharField(
        label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    tags = forms.CharField(label=_("Tags"), required=False, help_text=_("Separated by commas."))
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        required=False,
        queryset=get_user_model()._default_manager.none(),
        empty_label=_("Nobody"),
    )

    def __init__(self, *args: Any, workflow: Workflow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "owner", possible_owners(workflow))

    def clean_tags(self) -> list[str]:
        return [tag for tag in self.cleaned_data["tags"].split(",") if tag.strip()]


def possible_owners(workflow: Workflow) -> QuerySet[AbstractBaseUser]:
    """Whoever has a role where the workflow lies, and the present owner."""
    above = [scope.pk for scope in workflow.scope.ancestors_and_self()]
    can = Q(is_active=True) & (Q(memberships__scope__in=above) | Q(is_superuser=True))
    return (
        get_user_model()
        ._default_manager.filter(can | Q(pk=workflow.owner_id))
        .distinct()
        .order_by("username")
    )
