"""`manage.py report`: the weekly and monthly reports."""

import base64
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management.base import CommandParser
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.commands import Options, VerbCommand
from config.clock import stamp
from runs.models import ReportKind
from runs.monitoring.windows import workspace_zone
from runs.reports import export, freezing
from runs.reports.document import Document
from runs.reports.periods import Period, last_over
from runs.reports.sheet import Sheet
from runs.reports.text import text_of
from workflows.services.scopes import find_scope


class Command(VerbCommand):
    help = (
        "Gives the report of a week or a month; one that is over is made and kept, if that was not done yet."
    )

    def add_weekly(self, parser: CommandParser) -> None:
        _add_options(parser, "2026-W47")

    def do_weekly(self, options: Options) -> tuple[Any, list[str]] | None:
        """The report of a week, Monday to Sunday."""
        return self._report(ReportKind.WEEKLY, options)

    def add_monthly(self, parser: CommandParser) -> None:
        _add_options(parser, "2026-11")

    def do_monthly(self, options: Options) -> tuple[Any, list[str]] | None:
        """The report of a calendar month."""
        return self._report(ReportKind.MONTHLY, options)

    def _report(self, kind: ReportKind, options: Options) -> tuple[Any, list[str]] | None:
        scope = find_scope(options["scope"])
        period = _period(kind, options["period"])
        if period.window(workspace_zone()).end > stamp():
            document = freezing.so_far(period, scope)
        else:
            document = json.loads(freezing.make(kind, period, scope)[1].document)
        format_ = options["format"]
        if format_ == "csv" and not options["json"]:
            self.stdout.write(export.csv_of(document), ending="")
            return None
        if format_ == "html" and not options["json"]:
            self.stdout.write(html_of(document))
            return None
        if format_ == "json":
            self.print_document(document)
            return None
        title, text = text_of(document)
        so_far = [] if document["final"] else [_("It is not over; this is how it stands.")]
        return document, [title, *so_far, text]


def _add_options(parser: CommandParser, example: str) -> None:
    parser.add_argument("--period", default="", metavar=example, help="default: the newest that is over")
    parser.add_argument("--scope", default="", metavar="SCOPE", help="default: the whole workspace")
    parser.add_argument("--format", choices=["html", "csv", "json"], help="default: some lines of text")


def _period(kind: ReportKind, name: str) -> Period:
    return Period.named(kind, name) if name else last_over(kind, stamp(), workspace_zone())


def html_of(document: Document) -> str:
    """The print sheet as one file that needs nothing beside it."""
    path = finders.find("css/reports.css")
    assert isinstance(path, str)
    css = base64.b64encode(Path(path).read_bytes()).decode("ascii")
    context = {
        "sheet": Sheet.of(document),
        "doc": document,
        "base": settings.BASE_URL,
        "css": f"data:text/css;base64,{css}",
    }
    return render_to_string("runs/reports/sheet.html", context)
