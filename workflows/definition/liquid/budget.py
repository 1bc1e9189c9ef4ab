"""What one rendering may cost."""

from django.utils.translation import gettext as _

from workflows.definition.json_values import sizes
from workflows.definition.limits import RENDERED_SIZE, RENDERING_WORK
from workflows.definition.liquid.text import FilterFailed


class Budget:
    """Counts down what a rendering reads and writes; raises FilterFailed when it is used up."""

    def __init__(self, *, written: int = RENDERED_SIZE, worked: int = RENDERING_WORK) -> None:
        self._written, self._worked = written, worked

    def write(self, size: int) -> None:
        """Count characters that the rendering gives."""
        self._written -= size
        if self._written < 0:
            raise FilterFailed(_("The rendered values are too long in all."))

    def give(self, value: object) -> None:
        """Count a value that is handed on as it is."""
        for size in sizes(value):
            self.write(size)

    def work(self, value: object) -> None:
        """Count a value that a filter or comparison looks at."""
        self._worked -= len(value) if isinstance(value, str | list | dict) else 1
        if self._worked < 0:
            raise FilterFailed(_("The template works on too much text."))


class Buffer(list[str]):
    """Where nodes write their text."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self.budget = budget

    def write(self, text: str) -> int:
        """Keep a piece; gives its length, as files do."""
        self.budget.write(len(text))
        self.append(text)
        return len(text)
