"""Registers and small pieces: navigation, policy, badges, menus, times, strips, icons."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template
from django.utils import timezone
from lucide import IconDoesNotExist

from config.web import badges, charts, navigation, policy, time
from config.web.icons import icon
from config.web.menus import Menu, MenuItem

MOMENT = datetime(2026, 11, 23, 8, 14, 3, 120_456, tzinfo=UTC)


def rendered(source: str, **context: object) -> str:
    return Template("{% load web %}" + source).render(Context(context)).strip()


def test_navigation_is_ordered_and_knows_where_it_is(site):
    links = navigation.links("/demo/workflows/7/")
    assert [(link.label, link.href, link.is_current) for link in links] == [
        ("Workflows", "/demo/workflows/", True),
        ("Workflow Runs", "/demo/runs/", False),
    ]


def test_navigation_refuses_two_pages_of_one_name(site):
    navigation.register(navigation.Destination("demo:list", "Workflows", "workflow", 10, "w"))
    with pytest.raises(ImproperlyConfigured, match="demo:list"):
        navigation.register(navigation.Destination("demo:list", "Other", "workflow", 10))


def test_policy_without_filling_is_a_mistake(monkeypatch):
    monkeypatch.setattr(policy, "_registered", [])
    with pytest.raises(ImproperlyConfigured, match="No access policy"):
        policy.may("ada", "pause", None)


def test_policy_asks_what_was_registered(monkeypatch):
    monkeypatch.setattr(policy, "_registered", [])
    policy.register(
        policy.Policy(visible_to=lambda user, rows: (user, rows), may=lambda user, verb, obj: verb == "run")
    )
    assert policy.visible_to("ada", "rows") == ("ada", "rows")
    assert (policy.may("ada", "run"), policy.may("ada", "stop", 7)) == (True, False)


def test_badge_has_shape_word_and_tone(site):
    text = rendered("{% status_badge 'paused' %}")
    assert text.startswith('<span class="badge amber solid" data-status="paused"><svg')
    assert 'aria-hidden="true"' in text
    assert text.endswith("Paused</span>")


def test_badge_of_an_unknown_word_is_the_word(site):
    assert rendered("{% status_badge word %}", word="<b>").endswith("&lt;b&gt;</span>")


def test_badges_refuse_two_looks_for_one_word(site):
    with pytest.raises(ImproperlyConfigured, match="paused"):
        badges.register({"paused": badges.Badge("Halted", "pause", "red")})


def test_menu_links_lead_to_pages_and_open_dialogs():
    items = [
        MenuItem("Edit", "/e/", verb="edit"),
        MenuItem("Delete", "/d/", dialog=True, danger=True, separated=True),
    ]
    text = rendered("{% actions menu %}", menu=Menu("menu-7", 'A "name"', items))
    assert 'aria-label="Actions for A &quot;name&quot;"' in text
    assert '<a class="panel-link" href="/e/" data-verb="edit">Edit</a><hr>' in text
    assert '<a class="panel-link danger" href="/d/" hx-get="/d/" hx-target="#modal">Delete</a>' in text


def test_menu_without_items_is_nothing():
    assert rendered("{% actions menu %}", menu=Menu("menu-7", "x", [])) == ""


@pytest.mark.parametrize(
    ("zone", "precision", "expected"),
    [
        ("UTC", "minute", "23 Nov 2026, 08:14 UTC"),
        ("Europe/Berlin", "second", "23 Nov 2026, 09:14:03 CET"),
        ("America/New_York", "millisecond", "23 Nov 2026, 03:14:03.120 EST"),
        ("America/Sao_Paulo", "minute", "23 Nov 2026, 05:14 UTC-03"),
    ],
)
def test_time_is_absolute_in_the_active_zone(zone, precision, expected):
    with timezone.override(ZoneInfo(zone)):
        assert time.human(MOMENT, precision=precision) == expected


def test_time_element_is_for_machines_and_people():
    text = rendered("{% moment moment %}", moment=MOMENT)
    assert text == '<time datetime="2026-11-23T08:14:03.120456Z" data-relative>23 Nov 2026, 08:14 UTC</time>'
    assert rendered("{% moment moment %}", moment=None) == "—"


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(milliseconds=340), "340 ms"),
        (timedelta(seconds=4.25), "4.2 s"),
        (timedelta(seconds=59.99), "59.9 s"),
        (timedelta(seconds=185), "3 min 5 s"),
        (timedelta(hours=2, minutes=4), "2 h 4 min"),
        (timedelta(days=3, hours=2), "3 d 2 h"),
    ],
)
def test_duration_has_at_most_two_units(span, expected):
    assert time.duration(span) == expected


def test_strip_draws_one_path_a_kind_newest_last():
    strip = charts.strip(["ok", "failed", "ok"], slots=4)
    assert strip.paths == [("ok", "M4 6h3v12h-3zM12 6h3v12h-3z"), ("failed", "M8 0h3v18h-3z")]
    assert (strip.width, strip.summary) == (15, "2 ok, 1 failed")


def test_strip_shows_the_last_marks_only():
    assert charts.strip(["failed", *["ok"] * 30]).summary == "30 ok"
    assert charts.strip([]).summary == "No runs yet"


def test_icons_are_ours_or_lucides():
    assert '<path d="M12 3a9 9 0 0 1 0 18"/>' in icon("half-ring")
    assert 'aria-hidden="true"' in icon("play")
    with pytest.raises(IconDoesNotExist):
        icon("no-such-icon")


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0"), (9_999, "9,999"), (10_000, "10,000"), (10_001, "10,000+")]
)
def test_counted_ends_at_ten_thousand(number, expected):
    assert rendered("{{ n|counted }}", n=number) == expected
