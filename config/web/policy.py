"""Who sees what and who may do what: one register, filled by workflows, asked by every app to its left as well."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet

Visible = Callable[[Any, QuerySet[Any]], QuerySet[Any]]
May = Callable[[Any, str, Any], bool]


@dataclass(frozen=True)
class Policy:
    """The two questions. Both take the user first; `may` takes a verb's word and the object, or None."""

    visible_to: Visible
    may: May


_registered: list[Policy] = []


def register(policy: Policy) -> None:
    """Fill the register, once, from `AppConfig.ready()`. A later call replaces the policy (tests do)."""
    _registered[:] = [policy]


def registered() -> Policy:
    """The policy in force. Raises ImproperlyConfigured when nobody filled the register."""
    if not _registered:
        raise ImproperlyConfigured(
            "No access policy is registered; an app must call config.web.policy.register()."
        )
    return _registered[0]


def visible_to(user: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """The rows of the queryset that lie in the user's scopes."""
    return registered().visible_to(user, queryset)


def may(user: Any, verb: str, obj: Any = None) -> bool:
    """True if the user's role allows the verb on the object."""
    return registered().may(user, verb, obj)
