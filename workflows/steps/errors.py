"""How a step fails."""


class StepError(Exception):
    """A step failed; `message` is a plain sentence for the run page.

    `permanent`: another attempt cannot help, so the run ends or takes its failure branch. `code` is stable.
    `retry_after`: seconds that the other side asked to wait before the next attempt.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = True,
        code: str = "step_failed",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.code = code
        self.retry_after = retry_after
