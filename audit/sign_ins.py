"""Sign-ins, failed ones, sign-outs and changed passwords, as django.contrib.auth tells them."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save

from audit import seals
from audit.context import NOT_SIGNED_IN, Actor, as_actor
from audit.services import Subject, change, record
from audit.verbs import AuditWord


def listen() -> None:
    """Connect the receivers; repeating does nothing."""
    user_logged_in.connect(record_sign_in, dispatch_uid="audit.sign_in")
    user_login_failed.connect(record_failure, dispatch_uid="audit.sign_in_failed")
    user_logged_out.connect(record_sign_out, dispatch_uid="audit.sign_out")
    post_save.connect(record_password, sender=get_user_model(), dispatch_uid="audit.password")


def record_sign_in(sender: Any, user: AbstractBaseUser, **kwargs: Any) -> None:
    """By the person who signed in: the request began as somebody unknown."""
    with as_actor(_actor(user)), change():
        record(AuditWord.SIGN_IN, _subject(user))


def record_failure(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """The attempted name only as a keyed digest: people type passwords there. Equal names give equal digests."""
    name = str(credentials.get("username") or "")
    with as_actor(NOT_SIGNED_IN), change():
        record(
            AuditWord.SIGN_IN_FAILED,
            Subject("person", "", NOT_SIGNED_IN.label),
            after={"name_digest": seals.sign("attempted name", name.strip().casefold())},
        )


def record_sign_out(sender: Any, user: AbstractBaseUser | None, **kwargs: Any) -> None:
    """Nothing when nobody was signed in."""
    if user is None:
        return
    with as_actor(_actor(user)), change():
        record(AuditWord.SIGN_OUT, _subject(user))


def record_password(
    sender: Any,
    instance: AbstractBaseUser,
    created: bool,
    raw: bool,
    update_fields: Any,
    **kwargs: Any,
) -> None:
    """A saved new password of an account that stood already. A stronger hash of the same password is none."""
    is_stored = update_fields is None or "password" in update_fields
    if created or raw or not is_stored or instance._password is None:  # type: ignore[attr-defined]
        return
    with change():
        record(AuditWord.PASSWORD_CHANGED, _subject(instance))


def _actor(user: AbstractBaseUser) -> Actor:
    return Actor("person", str(user.pk), user.get_username())


def _subject(user: AbstractBaseUser) -> Subject:
    return Subject("person", str(user.pk), user.get_username())
