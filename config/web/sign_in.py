"""Signing in: Django's form in our words."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """One answer for an unknown name and for a wrong password."""

    error_messages = {
        "invalid_login": _("Name and password do not match. Check both, and mind upper and lower case."),
        "inactive": _("Name and password do not match. Check both, and mind upper and lower case."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Name")
        self.fields["password"].label = _("Password")
        self.fields["password"].widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})


class SignInView(LoginView):
    """`/login/`: `next` leads only to this host (Django's LoginView sees to it)."""

    authentication_form = SignInForm
    template_name = "registration/login.html"
    redirect_authenticated_user = True
