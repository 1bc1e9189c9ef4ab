"""The guard's triggers on SQLite."""

from django.db.backends.utils import CursorWrapper

# Trigger: moment, event and table; when it strikes while the guard is closed.
# An INSERT OR REPLACE deletes without asking a DELETE trigger, hence the one on INSERT.
_TRIGGERS = {
    "audit_no_update": ("BEFORE UPDATE ON audit_auditevent", "1"),
    "audit_no_delete": ("BEFORE DELETE ON audit_auditevent", "1"),
    "audit_no_replace": (
        "BEFORE INSERT ON audit_auditevent",
        "EXISTS (SELECT 1 FROM audit_auditevent WHERE id = NEW.id)",
    ),
    "audit_head_forward": (
        "BEFORE UPDATE ON audit_audithead",
        "(NEW.sequence < OLD.sequence OR NEW.first < OLD.first)",
    ),
    "audit_head_stays": ("BEFORE DELETE ON audit_audithead", "EXISTS (SELECT 1 FROM audit_auditevent)"),
}


def statements() -> list[str]:
    """SQL that puts every trigger in its present form."""
    return removals() + [_create(name) for name in _TRIGGERS]


def removals() -> list[str]:
    """SQL that removes every trigger."""
    return [f"DROP TRIGGER IF EXISTS {name}" for name in _TRIGGERS]


def missing(cursor: CursorWrapper) -> list[str]:
    """Names of triggers that are absent or differ from their present form."""
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    found = dict(cursor.fetchall())
    return [name for name in _TRIGGERS if found.get(name) != _create(name)]


def _create(name: str) -> str:
    event, condition = _TRIGGERS[name]
    refusal = "SELECT RAISE(ABORT, 'audit events cannot be changed or deleted')"
    closed = "NOT EXISTS (SELECT 1 FROM audit_auditunlock)"
    return f"CREATE TRIGGER {name} {event} WHEN {condition} AND {closed} BEGIN {refusal}; END"
