"""What an outgoing request or message may end with instead of an answer."""

from django.utils.translation import gettext as _


class OutgoingFailed(Exception):
    """No usable answer came back.

    `code` is a stable word (dns_failed, connect_failed, tls_failed, timed_out, connection_lost, protocol_error,
    too_many_redirects, bad_request, egress_refused, host_busy, mail_refused, mail_failed). `permanent` says that trying again
    unchanged is pointless. `sent` says that the request may have reached its target: only when it is False is
    the outcome known to be "nothing happened". The text is a plain sentence without secrets.
    """

    def __init__(self, code: str, message: str, permanent: bool = False, sent: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.permanent = permanent
        self.sent = sent


class EgressRefused(OutgoingFailed):
    """The address is none that requests may go to; nothing was sent to it."""

    def __init__(self, message: str, sent: bool = False) -> None:
        super().__init__("egress_refused", message, permanent=True, sent=sent)


class HostBusy(OutgoingFailed):
    """All exchanges with the host hang, so nothing was sent: whoever asks may come again later."""

    CODE = "host_busy"

    def __init__(self, host: str) -> None:
        message = _("%(host)s does not answer, and as many requests to it as may wait are under way.")
        super().__init__(self.CODE, message % {"host": host})
        self.host = host


class DeadlineReached(Exception):
    """The time of the whole request is up; the client turns this into OutgoingFailed `timed_out`."""
