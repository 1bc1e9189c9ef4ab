"""In a made-up language, longer and from right to left: every text is translated, nothing overlaps, is cut off or scrolls."""

import json
import re

import pytest
from django.apps import apps
from django.db import models

from audit.verbs import AuditWord
from runs.samples.starts import sample_documents
from tests.browser import addresses, layout
from tests.browser.pseudo import accented
from tests.browser.pseudo import spoken as spoken
from tests.browser.world import World, make_world

pytestmark = pytest.mark.browser

WORD = re.compile(r"\b[A-Za-z]{2,}\b")
ID = re.compile("[a-f]{8}")
# Names of formats, standards and keys, which are the same everywhere.
NAMES = {
    *("Signalbox", "JSON", "YAML", "CSV", "UTC", "API", "URL", "URLs", "HTTP", "HTTPS", "PID", "ISO", "Lines", "cron", "utf", "sqlite"),
    *("manage", "py", "up"),
    *("Ctrl", "Alt", "Esc", "Enter", "Shift", "Tab", "Space", "Home", "End"),
    *("GET", "POST", "PUT", "DELETE", "AEDT", "AEST", "colour"),
    *("Europe", "Australia", "Sydney"),
}  # fmt: skip
WIDTHS = (1280, 320)


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def data_words() -> set[str]:
    """Every word that the database holds, and what is the same in every language: audit events and samples."""
    fixed = [*(event.value for event in AuditWord), json.dumps(sample_documents())]
    found = {word for text in fixed for word in WORD.findall(text)}
    for model in apps.get_models():
        fields = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
        ]
        for row in model._base_manager.values_list(*fields) if fields else ():
            found.update(word for text in row if text for word in WORD.findall(text))
    return found


def untranslated(texts: list[str], known: set[str]) -> set[str]:
    """Texts with a word that is no data; the end of a run's id may look like a word."""
    words = ((text.strip(), word) for text in texts for word in WORD.findall(text))
    return {text for text, word in words if word not in known and not ID.fullmatch(word)}


def shown(world: World) -> dict[str, str]:
    """Pages of every kind; of those that differ in data alone, one."""
    runs = addresses.of_runs(world)
    some = {name: runs[name] for name in ("run-failed", "run-waiting", "run-needs_decision", "run-step")}
    return {
        **addresses.lists(),
        **addresses.of_workflows(world),
        **addresses.of_verbs(world),
        **some,
        **addresses.of_many(world),
        **addresses.of_the_rest(world),
    }


@pytest.mark.parametrize("language", ["de", "he"])
def test_every_page_speaks_another_language(visit_as, world, spoken, language: str) -> None:
    spoken(language)
    known = NAMES | data_words()
    found = {}
    with visit_as(world.manager) as visit:
        page = visit.page
        for name, path in shown(world).items():
            visit.go(path)
            found[name] = untranslated(layout.said(page), known)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                found[f"{name} at {width} px"] = set(layout.faults(page))
            page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "he" else "")
    wrong = [f"{name}: {text}" for name, texts in found.items() for text in sorted(texts)]
    assert not wrong, "\n".join(wrong)


def test_numbers_and_dates_are_those_of_the_language(visit_as, world, spoken) -> None:
    spoken("de")
    with visit_as(world.manager) as visit:
        visit.go("/automations/workflows/")
        assert visit.page.locator("#list").get_by_text("80,8 %").count() == 1


def test_placeholders_markup_and_ends_stay_as_they_are() -> None:
    text = accented("Signed in as <b>%(name)s</b>, {n} of %d\n")
    assert [part in text for part in ("<b>", "%(name)s", "</b>", "{n}", "%d")] == [True] * 5
    assert text.endswith("\n")
    assert WORD.findall(text.replace("name", "")) == []
