"""Notifications: who is told about which scopes, what was told, and what became of each delivery."""

from dataclasses import dataclass
from typing import Final

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from config.web.menus import Menu, MenuItem
from workflows import access
from workflows.models import Notice, NoticeDelivery, NoticeRecipient

NOTICES_SHOWN: Final = 25
FAILED: Final = "failed"


@dataclass(frozen=True)
class Row:
    """A recipient as the page shows it."""

    recipient: NoticeRecipient
    menu: Menu


@dataclass(frozen=True)
class Told:
    """A notice, and whether the person may send it again."""

    notice: Notice
    may_send: bool


@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    """Recipients and notices that the person sees, in a constant number of queries."""
    only_failed = request.GET.get("delivery") == FAILED
    page = Paginator(notices_of(request, only_failed=only_failed), NOTICES_SHOWN).get_page(
        request.GET.get("page")
    )
    context = {
        "rows": [Row(one, menu_of(one, request)) for one in recipients_of(request)],
        "page": page,
        "told": [Told(notice, access.may(request.user, "recipients", notice)) for notice in page],
        "only_failed": only_failed,
        "may_add": access.may(request.user, "recipients"),
    }
    return render(request, "workflows/notifications/page.html", context)


def recipients_of(request: HttpRequest) -> QuerySet[NoticeRecipient]:
    """The recipients of the scopes that the person sees."""
    rows = NoticeRecipient.objects.select_related("scope").order_by("scope__ref", "recipient", "pk")
    return access.visible_to(request.user, rows)


def notices_of(request: HttpRequest, *, only_failed: bool = False) -> QuerySet[Notice]:
    """The notices that the person sees, newest first, with their deliveries."""
    rows = Notice.objects.select_related("workflow", "scope").prefetch_related("deliveries")
    seen = access.visible_to(request.user, rows)
    if only_failed:
        failed = NoticeDelivery.objects.filter(state=NoticeDelivery.State.FAILED)
        seen = seen.filter(pk__in=failed.values("notice_id"))
    return seen.order_by("-id")


def menu_of(recipient: NoticeRecipient, request: HttpRequest) -> Menu:
    """What a person may do with a recipient."""
    items = [
        MenuItem(_("Change"), _url("edit", recipient), dialog=True, verb="edit"),
        MenuItem(_("Remove"), _url("remove", recipient), dialog=True, danger=True, separated=True),
    ]
    allowed = access.may(request.user, "recipients", recipient)
    return Menu(f"actions-{recipient.pk}", recipient.recipient, items if allowed else [])


def _url(word: str, recipient: NoticeRecipient) -> str:
    return reverse(f"notifications:{word}", args=[recipient.pk])
