"""What is wrong with a workflow file, where, and how to mend it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `code` is stable and listed in docs/definition.md; `message` and `fix` are sentences.

    `path` names the place with dots, as `steps.2.branches.0.steps.1.url`; it is empty for the whole file.
    """

    level: Level
    code: str
    path: str
    message: str
    fix: str

    def as_dict(self) -> dict[str, str]:
        """The shape that commands and the API give out."""
        return asdict(self)

    @property
    def is_error(self) -> bool:
        """Whether this stands in the way, rather than asking for a tick."""
        return self.level == "error"


class DefinitionRefused(Exception):
    """A file is not a workflow file; `findings` holds every reason, never none."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        super().__init__(" ".join(finding.message for finding in self.findings))


def error(code: str, path: str, message: str, fix: str = "") -> Finding:
    """A finding that stands in the way."""
    return Finding("error", code, path, message, fix)


def warning(code: str, path: str, message: str, fix: str = "") -> Finding:
    """A finding that needs a tick."""
    return Finding("warning", code, path, message, fix)


def join_path(*parts: str | int) -> str:
    """A path of the parts that say something."""
    return ".".join(str(part) for part in parts if part != "")
