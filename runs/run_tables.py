"""The table of runs."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.web import tables, time
from config.web.menus import Menu
from runs.models import Run
from runs.run_menus import name_of, run_menu


def menu_of(run: Run, request: HttpRequest) -> Menu:
    """The row's menu for the person who asks."""
    return run_menu(run, request.user)


def duration_of(run: Run) -> timedelta | None:
    """From the first claim to the end; None while it has not ended, or never began."""
    return run.ended_at - run.started_at if run.started_at and run.ended_at else None


class RunTable(tables.Table):
    """Runs with workflow, version and scope loaded. A page of one workflow leaves columns out by `exclude`."""

    caption = _("Workflow Runs")
    row_header = "run"
    row_prefix = "run"

    select = tables.SelectColumn(naming=name_of)
    status = tables.FragmentColumn(
        "runs/_run_status.html",
        verbose_name=_("Status"),
        accessor="status",
        attrs={"cell": {"class": "run-status"}},
    )
    run = tables.FragmentColumn(
        "runs/_run_link.html", verbose_name=_("Run"), accessor="pk", attrs={"cell": {"class": "run-link"}}
    )
    workflow = tables.FragmentColumn(
        "runs/_run_workflow.html",
        verbose_name=_("Workflow and version"),
        accessor="workflow",
        attrs={"cell": {"class": "run-workflow"}},
    )
    trigger = tables.FragmentColumn(
        "runs/_run_trigger.html", verbose_name=_("Trigger"), accessor="trigger_kind"
    )
    scope = tables.tables.Column(
        verbose_name=_("Scope"), accessor="scope__name", attrs={"cell": {"class": "run-extra"}}
    )
    started = tables.MomentColumn(
        verbose_name=_("Started"),
        accessor="started_at",
        precision="second",
        attrs={"cell": {"class": "run-time"}},
    )
    duration = tables.DurationColumn(
        verbose_name=_("Duration"), accessor="ended_at", attrs={"cell": {"class": "number run-extra"}}
    )
    attempts = tables.NumberColumn(
        verbose_name=_("Attempts"), accessor="attempts", attrs={"cell": {"class": "number run-extra"}}
    )
    error = tables.FragmentColumn(
        "runs/_run_error.html", verbose_name=_("Error"), attrs={"cell": {"class": "run-error"}}
    )
    menu = tables.MenuColumn(menu_of)

    class Meta(tables.Table.Meta):
        pass

    def render_duration(self, record: Run) -> str:
        span = duration_of(record)
        return time.duration(span) if span is not None else "—"
