"""What an outgoing request or message may end with instead of an answer."""


class OutgoingFailed(Exception):
    """No usable answer came back.

    `code` is a stable word (dns_failed, connect_failed, tls_failed, timed_out, connection_lost, protocol_error,
    too_many_redirects, bad_request, egress_refused, mail_refused, mail_failed). `permanent` says that trying again
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


class DeadlineReached(Exception):
    """The time of the whole request is up; the client turns this into OutgoingFailed `timed_out`."""
