"""When two sides differ: what was typed here, and what came from elsewhere meanwhile. The person chooses."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from runs.views.differences import Differences, differences
from runs.views.editor.answers import Trouble, address, show, show_pieces
from runs.views.editor.desk import Desk, document_in
from runs.views.editor.edits import Edit, fill
from runs.views.editor.sent import Sent
from workflows import files
from workflows.definition.findings import DefinitionRefused
from workflows.definition.loading import dump, validate
from workflows.editing.merging import adopt, adoptable
from workflows.editing.paths import NoSuchPlace
from workflows.models import Workflow
from workflows.services.acting import stale
from workflows.services.working import Working


def typed_over(request: HttpRequest, workflow: Workflow, now: Working, sent: Sent, said: str) -> HttpResponse:
    """Somebody changed the working copy since: what was typed here is shown against it, and nothing is kept yet."""
    try:
        mine = fill(now.text, sent, moved=True)
    except NoSuchPlace:
        message = _("%(why)s The step that you edited is gone.") % {"why": said}
        return show(Desk(request, workflow, now, now.text, opened=""), status=409, trouble=Trouble(message))
    desk = Desk(request, workflow, now, mine.text, problems=mine.problems, opened=mine.opened)
    if mine.text == now.text and not sent.verb:
        return show(desk)
    if mine.text == now.text:
        return show(desk, status=409, trouble=Trouble(said, theirs_url=address(workflow)))
    trouble = Trouble(
        said,
        diff=_between(now.text, mine.text),
        theirs_text=now.text if sent.text is not None else "",
        mine=f"over {now.token} {sent.verb if sent.is_saving else 'draw'}",
        theirs_url=request.get_full_path(),
        is_kept=False,
    )
    answer = show if sent.text is None else show_pieces
    return answer(desk, status=409, trouble=trouble)


def standing(desk: Desk) -> Trouble | None:
    """The choice that is still open while the draft was changed by another way; None where it was not."""
    return saved_elsewhere(desk, stale(desk.workflow).message) if desk.working.is_outdated else None


def saved_elsewhere(desk: Desk, said: str) -> Trouble:
    """The draft was changed by another way since the working copy began: saving it would undo that."""
    version = desk.workflow.draft or desk.workflow.published
    theirs = files.export_text(desk.workflow, version) if version else ""
    return Trouble(
        said,
        diff=_between(theirs, desk.text),
        theirs_text=theirs,
        mine=f"over {desk.working.token} save",
        theirs="theirs",
        parts=adoptable(desk.document or {}, document_in(theirs) or {}) if desk.document else [],
    )


def take_part(text: str, workflow: Workflow, sent: Sent) -> Edit:
    """The working copy with one part as it was saved elsewhere; raises NoSuchPlace."""
    version, mine = workflow.draft or workflow.published, document_in(text)
    if version is None or mine is None or not 1 <= len(sent.arguments) <= 2:
        raise NoSuchPlace(sent.verb)
    kind, id_ = (*sent.arguments, "")[:2]
    edited = adopt(mine, files.export_document(workflow, version), kind, id_)
    return Edit(dump(edited.document), edited.path, _("Took theirs."))


def _between(theirs: str, mine: str) -> Differences | None:
    """Step by step, what mine changes of theirs; None where one of them cannot be read so far."""
    old, new = document_in(theirs), document_in(mine)
    try:
        for document in (old, new):
            validate(document)
    except DefinitionRefused:
        return None
    return differences(old or {}, new or {})
