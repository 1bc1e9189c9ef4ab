"""The one way out for e-mail."""

import hashlib
import smtplib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from email.utils import formataddr, getaddresses, parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from config.failpoints import failpoint
from workflows.outgoing.errors import OutgoingFailed

MOST_RECIPIENTS = 50
LONGEST_SUBJECT = 500
_CONTROLS = frozenset(map(chr, (*range(0x20), 0x7F, 0x85, 0x2028, 0x2029)))

Addresses = str | Sequence[str]


def send_email(
    *,
    to: Addresses,
    subject: str,
    key: str,
    cc: Addresses = (),
    text: str = "",
    html: str = "",
    reply_to: Addresses = (),
    timeout: float = 30.0,
) -> str:
    """Hands one message to the mail server and gives its Message-ID.

    The same `key` always gives the same Message-ID, so that a repeat can be recognised by those who receive it.
    Addresses may be one text with commas or a list; names ("Ada <ada@example.com>") are kept, doubles dropped.
    `timeout` bounds each wait for the mail server, in seconds, not the whole.

    Raises OutgoingFailed `mail_refused` (permanent, nothing sent) for a message that cannot be sent as it is, and
    `mail_failed` when the mail server fails; `sent` is then True only if the server may have taken it.
    """
    message = EmailMultiAlternatives(
        subject=_subject(subject),
        body=text,
        to=_recipients(_("To"), to, at_least_one=True),
        cc=_recipients(_("Cc"), cc),
        reply_to=_recipients(_("Reply to"), reply_to),
        headers={"Message-ID": message_id(key)},
    )
    if len(message.recipients()) > MOST_RECIPIENTS:
        raise _refused(_("A message goes to at most 50 recipients. Use a mailing list or several steps."))
    if not text.strip() and not html.strip():
        raise _refused(_("The message has no text. Give it a text or an HTML part."))
    if html.strip():
        message.attach_alternative(html, "text/html")
    _deliver(message, timeout)
    return message_id(key)


def message_id(key: str) -> str:
    """The Message-ID of the message with this key, with its angle brackets."""
    digest = hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:40]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{digest}.signalbox@{domain}>"


def _deliver(message: EmailMultiAlternatives, timeout: float) -> None:
    server = get_connection(timeout=timeout)
    message.connection = server
    # Opened by itself: until then nothing can have been taken.
    with _explained(lost_means_sent=False):
        server.open()
    try:
        with _explained(lost_means_sent=True):
            message.send()
            failpoint("K8")
    finally:
        server.close()


@contextmanager
def _explained(*, lost_means_sent: bool) -> Iterator[None]:
    try:
        yield
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as refused:
        raise _failed(
            _("The mail server refused the message."), permanent=_is_permanent(refused)
        ) from refused
    except (OSError, smtplib.SMTPException) as lost:
        raise _failed(_("The connection to the mail server failed."), sent=lost_means_sent) from lost
    except ValueError as wrong:
        raise _refused(_("The message cannot be written as an e-mail. Remove unusual characters.")) from wrong


def _is_permanent(refused: smtplib.SMTPException) -> bool:
    """Reply codes of 500 and above mean "do not try again"; with several recipients, when all of them were such."""
    if isinstance(refused, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _reply in refused.recipients.values())
    return isinstance(refused, smtplib.SMTPResponseException) and refused.smtp_code >= 500


def _subject(subject: str) -> str:
    if _CONTROLS.intersection(subject):
        raise _refused(_("The subject holds a line break or control character. Remove it."))
    if len(subject) > LONGEST_SUBJECT:
        raise _refused(_("The subject is longer than 500 characters. Shorten it."))
    return subject.strip()


def _recipients(field: str, given: Addresses, *, at_least_one: bool = False) -> list[str]:
    texts = [given] if isinstance(given, str) else list(given)
    for text in texts:
        if _CONTROLS.intersection(text):
            raise _refused(
                _("%(field)s holds a line break or control character. Remove it.") % {"field": field}
            )
    addresses = list(dict.fromkeys(_parsed(field, [text for text in texts if text.strip()])))
    if at_least_one and not addresses:
        raise _refused(_("%(field)s is empty. Give at least one address.") % {"field": field})
    return addresses


def _parsed(field: str, texts: list[str]) -> Iterable[str]:
    for name, address in getaddresses(texts):
        try:
            validate_email(address)
        except ValidationError:
            shown = {"field": field, "address": repr(address[:100])}
            raise _refused(
                _("%(field)s: %(address)s is not an e-mail address. Write it like name@example.com.") % shown
            ) from None
        yield formataddr((name, address))


def _refused(message: str) -> OutgoingFailed:
    return OutgoingFailed("mail_refused", message, permanent=True)


def _failed(message: str, *, permanent: bool = False, sent: bool = False) -> OutgoingFailed:
    return OutgoingFailed("mail_failed", message, permanent=permanent, sent=sent)
