"""What one examination says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Diagnosis:
    """One thing looked at. `level`: ok, warning or error; `numbers` are what the sentence rests on."""

    name: str
    level: str
    message: str
    fix: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The shape of the command's JSON."""
        return asdict(self)
