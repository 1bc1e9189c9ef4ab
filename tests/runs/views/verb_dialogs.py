"""Every verb with a workflow on which it is possible, and what its form sends."""

from audit.models import AuditEvent
from tests.factories import make_scope, make_version, make_workflow

REASON = {"reason": "planned work"}
# verb: from which status, what is sent, and the word on the button.
VERBS = {
    "run": ("not_running", {"accept_warnings": "on"}, "Yes, start it"),
    "pause": ("active", {**REASON, "in_flight": "finish", "triggers": "hold"}, "Pause"),
    "change-pause": ("paused", REASON, "Change pause"),
    "resume": ("paused", {}, "Resume"),
    "stop": ("active", REASON, "Stop"),
    "widen": ("active", {"to": "all"}, "Widen"),
    "archive": ("not_running", {}, "Archive"),
    "unarchive": ("archived", {}, "Unarchive"),
    "clone": ("active", {"name": "Twin"}, "Clone"),
    "rename": ("active", {"name": "Other"}, "Rename"),
    "delete": ("archived", {"confirm": "Leads"}, "Delete"),
    "publish": ("active", {"accept_warnings": "on"}, "Publish"),
    "discard-draft": ("active", {}, "Discard draft"),
    "roll-back": ("active", {"to": "1", "publish": "", "replace_draft": "on"}, "Roll back"),
    "describe": ("active", {"description": "New words"}, "Save"),
    "move": ("active", {}, "Move"),
    "trigger": ("active", {"payload": "{}"}, "Trigger one run"),
    "test": ("active", {"payload": "{}"}, "Test"),
}
BEGIN = {"format": "signalbox/1", "triggers": [{"id": "by_hand", "kind": "manual"}], "steps": []}
STEPS = [{"id": "greet", "kind": "set", "values": {"text": "Hello"}}]
MORE = [*STEPS, {"id": "bow", "kind": "set", "values": {"text": "Goodbye"}}]


def prepared(verb, **changes):
    """A workflow named Leads on which the verb is possible, with an older version and a draft where needed."""
    status = VERBS[verb][0]
    changes = {"launch": "first 5", **changes} if verb == "widen" else changes
    workflow = make_workflow("Leads", status=status, definition={**BEGIN, "steps": STEPS}, **changes)
    if verb in ("publish", "discard-draft", "roll-back"):
        workflow.published.state = "superseded"
        workflow.published.save()
        workflow.published = make_version(
            workflow, definition={**BEGIN, "steps": [*STEPS, {**STEPS[0], "id": "b"}]}
        )
        workflow.draft = make_version(workflow, state="draft", definition={**BEGIN, "steps": MORE})
        workflow.save()
    return workflow


def sent(verb, workflow, **changes):
    """What the form sends."""
    scope = {
        "clone": {"scope": workflow.scope_id},
        "move": {"scope": make_scope().pk if verb == "move" else ""},
    }
    return {**VERBS[verb][1], **scope.get(verb, {}), "revision": workflow.revision, **changes}


def address(workflow, verb):
    return f"/automations/workflows/{workflow.pk}/{verb}/"


def trail():
    return AuditEvent.objects.count()
