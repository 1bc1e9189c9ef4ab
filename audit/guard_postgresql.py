"""The guard's triggers on PostgreSQL."""

from django.db.backends.utils import CursorWrapper

# The table is named with its schema, so that no temporary table can stand in for it.
_UNLOCKED = (
    "EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.audit_auditunlock)', TG_TABLE_SCHEMA) INTO found;"
)
_HAS_EVENTS = (
    "EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.audit_auditevent)', TG_TABLE_SCHEMA) INTO found;"
)
_REFUSE = "RAISE EXCEPTION 'audit events cannot be changed or deleted' USING ERRCODE = 'restrict_violation';"
_LET_IT = "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"

_FUNCTIONS = {
    "audit_guard_rows": f"{_UNLOCKED} IF NOT found THEN {_REFUSE} END IF; {_LET_IT}",
    "audit_guard_truncate": f"{_HAS_EVENTS} IF found THEN {_REFUSE} END IF; RETURN NULL;",
    "audit_guard_head": f"{_HAS_EVENTS} IF NOT found THEN {_LET_IT} END IF; "
    f"IF TG_OP = 'UPDATE' THEN IF NEW.sequence >= OLD.sequence AND NEW.first >= OLD.first THEN RETURN NEW; "
    f"END IF; END IF; {_UNLOCKED} IF NOT found THEN {_REFUSE} END IF; {_LET_IT}",
    "audit_guard_unlock": f"{_UNLOCKED} IF found THEN RAISE EXCEPTION 'an unlock must end with its transaction' "
    "USING ERRCODE = 'restrict_violation'; END IF; RETURN NULL;",
}

# Trigger: table, what follows CREATE, moment and event, row or statement, function.
_TRIGGERS = {
    "audit_no_change": ("audit_auditevent", "", "BEFORE UPDATE OR DELETE", "", "ROW", "audit_guard_rows"),
    "audit_no_truncate": ("audit_auditevent", "", "BEFORE TRUNCATE", "", "STATEMENT", "audit_guard_truncate"),
    "audit_head_forward": ("audit_audithead", "", "BEFORE UPDATE OR DELETE", "", "ROW", "audit_guard_head"),
    "audit_head_stays": ("audit_audithead", "", "BEFORE TRUNCATE", "", "STATEMENT", "audit_guard_truncate"),
    "audit_unlock_ends": (
        "audit_auditunlock", "CONSTRAINT", "AFTER INSERT", "DEFERRABLE INITIALLY DEFERRED", "ROW",
        "audit_guard_unlock",
    ),
}  # fmt: skip


def statements() -> list[str]:
    """SQL that puts every function and trigger in its present form."""
    functions = [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${_body(name)}$guard$"
        for name in _FUNCTIONS
    ]
    return functions + removals() + [_create(name) for name in _TRIGGERS]


def removals() -> list[str]:
    """SQL that removes every trigger; the functions stay."""
    return [f"DROP TRIGGER IF EXISTS {name} ON {parts[0]}" for name, parts in _TRIGGERS.items()]


def missing(cursor: CursorWrapper) -> list[str]:
    """Names of triggers that are absent, disabled, or whose function differs from its present form."""
    cursor.execute(
        "SELECT t.tgname, c.relname, p.proname, p.prosrc FROM pg_trigger t "
        "JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' "
        "AND c.relnamespace = ANY (SELECT oid FROM pg_namespace WHERE nspname = ANY (current_schemas(false)))"
    )
    found = {name: (table, function, body) for name, table, function, body in cursor.fetchall()}
    return [
        name
        for name, (table, *_, function) in _TRIGGERS.items()
        if found.get(name) != (table, function, _body(function))
    ]


def _body(function: str) -> str:
    return f"DECLARE found boolean; BEGIN {_FUNCTIONS[function]} END"


def _create(name: str) -> str:
    table, kind, when, deferral, each, function = _TRIGGERS[name]
    return f"CREATE {kind} TRIGGER {name} {when} ON {table} {deferral} FOR EACH {each} EXECUTE FUNCTION {function}()"
