"""What is served to browsers: sizes, and nothing inline."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def packed(folder: str, ending: str) -> int:
    return sum(
        len(gzip.compress(path.read_bytes())) for path in (ROOT / "static" / folder).glob(f"*.{ending}")
    )


def test_own_script_is_small():
    assert packed("js", "js") <= 15_000


def test_own_style_is_small():
    assert packed("css", "css") <= 30_000


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_template_has_nothing_inline_or_foreign(path):
    text = path.read_text()
    assert (
        re.findall(
            r"\sstyle=|\son\w+=|<style|javascript:|<script(?![^>]*\ssrc=)|\|\s*safe\b|https?://(?!www\.w3\.org)",
            text,
        )
        == []
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_template_begins_with_its_context(path):
    assert re.match(r"(\{% (extends|load|get_current)[^%]*%\})*\s*\{% comment %\}", path.read_text())


def test_htmx_is_configured_as_the_screens_ask():
    text = (ROOT / "templates/ui/_htmx_config.html").read_text()
    config = json.loads(re.search(r"content='([^']+)'", text).group(1))
    assert config == {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "attributesToSettle": ["class", "width", "height"],
        "disableInheritance": True,
        "historyCacheSize": 0,
        "defaultSettleDelay": 0,
        "refreshOnHistoryMiss": True,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "409|422", "swap": True},
            {"code": "...", "swap": False, "error": True},
        ],
    }


def test_script_knows_every_phrase_it_uses():
    said = set(re.findall(r"data-(\w+)=", (ROOT / "templates/ui/_phrases.html").read_text()))
    used = {
        word
        for path in (ROOT / "static/js").glob("*.js")
        for word in re.findall(r"\bsay\.(\w+)", path.read_text())
    }
    assert used - said == set()
