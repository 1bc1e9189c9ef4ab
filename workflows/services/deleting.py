"""Delete: the workflow goes, a tombstone stays for its runs and its trail."""

from django.utils.translation import gettext as _

from workflows.models import Workflow, WorkingCopy
from workflows.models.status_span import end_spans
from workflows.models.workflow import normal_name
from workflows.services.acting import Case, VerbResult, act
from workflows.services.trigger_rows import forget_triggers
from workflows.services.values import refuse
from workflows.services.versions import drop_draft


def delete(pk: int, *, confirm: str, revision: int | None = None) -> VerbResult:
    """Delete a Draft or Archived workflow for good; `confirm` is its name, typed by whoever deletes.

    Its draft, what was typed and not saved, webhook addresses and secrets go; audit events and run summaries stay until retention. A
    second time nothing happens. Raises ValueRefused for another name.
    """
    gone = Workflow.objects.exclude(deleted_at=None).select_related("scope", "owner", "published", "draft")
    if tombstone := gone.filter(pk=pk).first():
        return VerbResult(False, tombstone, _("Nothing to do: it is deleted already."))

    def apply(case: Case) -> None:
        workflow = case.workflow
        _require_name(workflow, confirm)
        case.effect()
        # A test run that is executing keeps the draft that it executes; the tombstone holds it then.
        if workflow.draft is not None and not workflow.draft.runs.open().exists():
            dropped = drop_draft(workflow)
            case.figures["deleted_draft"], case.history["version"] = dropped.number, dropped.history
        forget_triggers(workflow)
        WorkingCopy.objects.filter(workflow=workflow).delete()
        end_spans(workflow, case.moment)
        workflow.deleted_at = case.moment
        case.figures["deleted_at"] = case.moment

    return act("delete", pk, apply, revision=revision)


def _require_name(workflow: Workflow, confirm: str) -> None:
    if normal_name(confirm) == workflow.name:
        return
    raise refuse(
        "confirm",
        "confirmation_differs",
        _("This is not the workflow's name."),
        _("Type the name exactly: %(name)s") % {"name": workflow.name},
    )
