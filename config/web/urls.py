"""Addresses of the kit: start page, signing in and out, a person's settings, keyboard help."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from config.web import views
from config.web.sign_in import SignInView

urlpatterns = [
    path("", views.home, name="home"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("login/", SignInView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("settings/", views.personal_settings, name="settings"),
    path("settings/preference/", views.preference, name="preference"),
    path("help/keyboard/", views.keyboard, name="keyboard"),
]
