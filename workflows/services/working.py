"""The working copy of a draft: what is typed is kept at once, unaudited; saving makes one version of it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from audit.chain import instant
from config.clock import stamp
from workflows import files
from workflows.definition.limits import limits
from workflows.lifecycle import Stale
from workflows.models import Workflow, WorkingCopy
from workflows.services.acting import VerbResult, locked_change, stale
from workflows.services.drafting import require_editable, store_draft
from workflows.services.entering import actor_label
from workflows.services.values import refuse
from workflows.services.versions import NOTE_LENGTH


@dataclass(frozen=True)
class Working:
    """What an editor works on: the working copy, or without one the draft or the published version.

    `token` names this state; a change must bring it back. `is_kept`: there is a working copy with unsaved changes.
    `is_outdated`: the draft was changed by other ways since, so that saving asks first.
    """

    text: str
    token: str
    is_kept: bool = False
    is_outdated: bool = False
    revision: int = 0
    sample: str = ""
    note: str = ""
    author: str = ""
    saved_at: datetime | None = None


def working(workflow: Workflow) -> Working:
    """The present state; one query."""
    return _state(workflow, _copy_of(workflow))


def keep(
    pk: int,
    text: str,
    *,
    token: str,
    sample: str | None = None,
    note: str | None = None,
    undoable: bool = False,
) -> Working:
    """Keep a text, whatever it is, as the working copy; with `undoable` the one before can be had back.

    A text that says what was saved ends the working copy. Raises Stale where somebody else changed it since
    `token`, ValueRefused for one that is too large, WorkflowGone and TransitionRefused.
    """
    _require_size(text)
    text = text or "\n"
    with locked_change(pk) as workflow:
        require_editable(workflow)
        copy = _copy_of(workflow)
        now = _state(workflow, copy)
        _require(now, token, workflow)
        copy.sample = now.sample if sample is None else sample
        copy.note = (now.note if note is None else note)[:NOTE_LENGTH]
        if text != now.text:
            _change(copy, workflow, text, before=now.text if undoable else "")
        if (text, copy.sample, copy.note) != (now.text, now.sample, now.note):
            copy.save()
    return _state(workflow, copy)


def undo(pk: int, *, revision: int) -> Working:
    """Put back the text before the last act; raises Stale where something changed since."""
    with locked_change(pk) as workflow:
        require_editable(workflow)
        copy = _copy_of(workflow)
        if copy.revision != revision or not copy.before:
            raise Stale(_("This cannot be undone any more: the draft changed since."))
        _change(copy, workflow, copy.before)
        copy.save()
    return _state(workflow, copy)


def commit(pk: int, *, token: str, over: bool = False) -> VerbResult:
    """Make the working copy the draft, as one audited version, and end it. Without one, nothing is to be done.

    `over`: also where the draft was changed by other ways meanwhile. Figures as of `save_draft`. Raises FileRefused,
    Stale, WorkflowGone and TransitionRefused; then the working copy stays.
    """
    with locked_change(pk) as workflow:
        require_editable(workflow)
        copy = _copy_of(workflow)
        now = _state(workflow, copy)
        _require(now, token, workflow)
        if not now.is_kept:
            return VerbResult(False, workflow, _("Nothing changed since it was saved."), {"findings": []})
        if now.is_outdated and not over:
            raise stale(workflow)
        done = store_draft(workflow, files.read_one(now.text), note=now.note)
        _end(copy)
    return done


def drop(pk: int, *, token: str) -> None:
    """Forget the working copy: what was saved counts again."""
    with locked_change(pk) as workflow:
        copy = _copy_of(workflow)
        _require(_state(workflow, copy), token, workflow)
        _end(copy)


def _copy_of(workflow: Workflow) -> WorkingCopy:
    return WorkingCopy.objects.filter(workflow=workflow).first() or WorkingCopy(workflow=workflow)


def _state(workflow: Workflow, copy: WorkingCopy) -> Working:
    version = workflow.draft or workflow.published
    base = version.content_hash if version else ""
    is_kept = bool(copy.text)
    own = copy.base_hash if is_kept else base
    return Working(
        text=copy.text or (files.export_text(workflow, version) if version else ""),
        token=f"{copy.revision}-{own[:16]}",
        is_kept=is_kept,
        is_outdated=is_kept and own != base,
        revision=copy.revision,
        sample=copy.sample,
        note=copy.note,
        author=copy.author,
        saved_at=copy.saved_at,
    )


def _change(copy: WorkingCopy, workflow: Workflow, text: str, *, before: str = "") -> None:
    version = workflow.draft or workflow.published
    if not copy.text:
        copy.base_hash = version.content_hash if version else ""
    is_saved = version is not None and text == files.export_text(workflow, version)
    copy.text = "" if is_saved else text
    copy.before, copy.revision = before, copy.revision + 1
    copy.author, copy.saved_at = actor_label()[:200], stamp()


def _end(copy: WorkingCopy) -> None:
    copy.text = copy.before = copy.note = ""
    copy.revision += 1
    copy.save()


def stale_since(workflow: Workflow, now: Working) -> Stale:
    """The refusal that says who changed the working copy, or what was saved, since somebody looked."""
    if not now.is_kept or not now.saved_at:
        return stale(workflow)
    return Stale(
        _("%(who)s changed this draft at %(when)s, since you looked.")
        % {"who": now.author, "when": instant(now.saved_at)}
    )


def _require(now: Working, token: str, workflow: Workflow) -> None:
    if token != now.token:
        raise stale_since(workflow, now)


def _require_size(text: str) -> None:
    if len(text.encode("utf-8", "surrogatepass")) <= limits().file_bytes:
        return
    sentence = _("The file is larger than %(most)d bytes.") % {"most": limits().file_bytes}
    raise refuse("", "too_large", sentence, _("Split it into several workflows."))
