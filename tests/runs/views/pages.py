"""What tests of pages share: who asks, and reading what came back."""

import json
import re
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpResponse
from django.test import Client

HTMX = {"HX-Request": "true"}


def client_of(user: AbstractBaseUser) -> Client:
    """A browser in which the person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def hidden(response: HttpResponse, name: str) -> str:
    """A hidden field of the shown form."""
    return re.search(rf'name="{name}" value="([^"]*)"', text_of(response)).group(1)


def events(response: HttpResponse) -> dict[str, Any]:
    """The events that an answer to htmx fires."""
    return json.loads(response.headers.get("HX-Trigger", "{}"))


def notice(response: HttpResponse) -> str:
    """What the status region is told."""
    return events(response)["notice"]["text"]


def buttons(response: HttpResponse) -> list[str]:
    """The words on the acting button of a dialog, if it has one."""
    return re.findall(r'<button id="dialog-confirm"[^>]*>([^<]*)</button>', text_of(response))


def menu_labels(response: HttpResponse, name: str) -> list[str]:
    """The items of the menu "Actions for <name>"."""
    page = text_of(response)
    start = page.index(f'aria-label="Actions for {name}"')
    return re.findall(
        r'class="panel-link[^"]*"[^>]*>([^<]*)</a>', page[start : page.index("</details>", start)]
    )


def main_of(response: HttpResponse) -> str:
    """The page's main part, without ids."""
    main = re.search(r"<main.*?</main>", text_of(response), re.DOTALL).group(0)
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", main)
