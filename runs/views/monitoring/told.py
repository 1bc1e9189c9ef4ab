"""Figures of one thing, as a row of a table tells them."""

from dataclasses import dataclass

from runs.monitoring.figures import Figures
from runs.views.monitoring import words


@dataclass(frozen=True)
class Told:
    """A name with its figures; `links` by status, none where no filter means exactly these runs."""

    name: str
    figures: Figures
    links: dict[str, str]

    @property
    def ratio(self) -> str:
        return words.ratio(self.figures)

    @property
    def p95(self) -> str:
        return words.milliseconds(self.figures.durations.percentile(95))
