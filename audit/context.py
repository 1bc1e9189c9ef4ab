"""Who acts, from where and under which correlation id: one context for a request, a command or a run."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts. `kind`: person, token, rule, system or command; `label` is shown."""

    kind: str
    id: str
    label: str


SYSTEM = Actor("system", "", "Signalbox")
NOT_SIGNED_IN = Actor("person", "", "not signed in")


@dataclass(frozen=True)
class Context:
    """The circumstances of an act. `origin`: page, API, command, admin, shell or system, or a bulk id."""

    actor: Actor = SYSTEM
    origin: str = "system"
    correlation: str = field(default_factory=lambda: uuid.uuid4().hex)


_current: ContextVar[Context | None] = ContextVar("audit_context", default=None)


def current() -> Context:
    """The context in force; outside any, the system acting from a shell or a background job."""
    return _current.get() or Context()


@contextmanager
def acting(actor: Actor, *, origin: str, correlation: str = "") -> Iterator[Context]:
    """Everything recorded inside is by this actor. Nests; the outer context returns afterwards."""
    context = Context(actor, origin, correlation or uuid.uuid4().hex)
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


@contextmanager
def as_actor(actor: Actor) -> Iterator[Context]:
    """The same origin and correlation, another actor: a rule that acts inside a run, say."""
    context = replace(current(), actor=actor)
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
