"""Asking for a page in-process: how many queries, bytes, elements and seconds it takes."""

import gzip
import time
from dataclasses import dataclass
from html.parser import HTMLParser

from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

HTMX = {"HX-Request": "true"}
HOST = "127.0.0.1"

Askers = dict[str, Client]


class Nodes(HTMLParser):
    """Counts the elements of a document and keeps the mark of each region that asks again."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.marks: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += 1
        values = dict(attrs)
        if values.get("data-mark"):
            self.marks[values.get("id") or ""] = values["data-mark"] or ""


@dataclass(frozen=True)
class Asked:
    """One address, whether htmx asks, for which region; and who asks: somebody who sees everything, or a hub's member."""

    address: str
    target: str = ""
    by: str = "bench"

    @property
    def headers(self) -> dict[str, str]:
        return {**HTMX, "HX-Target": self.target} if self.target else {}


def signed_in(*people: AbstractBaseUser) -> Askers:
    found = {}
    for person in people:
        found[person.get_username()] = client = Client(SERVER_NAME=HOST, raise_request_exception=True)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return found


def answer(askers: Askers, asked: Asked) -> HttpResponse:
    return askers[asked.by].get(asked.address, headers=asked.headers)


def queries(askers: Askers, asked: Asked) -> tuple[HttpResponse, int]:
    """The answer and how often the database was asked, session and person included, nothing being remembered."""
    cache.clear()
    with CaptureQueriesContext(connection) as caught:
        response = answer(askers, asked)
    return response, len(caught)


def packed(response: HttpResponse) -> int:
    """The gzipped body; nothing for none."""
    return len(gzip.compress(response.content)) if response.content else 0


def nodes(response: HttpResponse) -> Nodes:
    parser = Nodes()
    parser.feed(response.content.decode())
    return parser


def seconds(askers: Askers, asked: Asked) -> tuple[float, float]:
    """CPU and wall time of one request."""
    cpu, wall = time.thread_time(), time.perf_counter()
    answer(askers, asked)
    return time.thread_time() - cpu, time.perf_counter() - wall
