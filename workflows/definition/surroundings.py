"""What `check` must know besides the definition; services gather it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Health = Literal["ok", "failing", "unknown"]


@dataclass(frozen=True)
class ConnectionState:
    """One connection. `tested_at` is None where nobody and nothing ever tested it."""

    has_secret: bool = False
    needs_secret: bool = False
    health: Health = "unknown"
    tested_at: datetime | None = None

    @property
    def is_tested(self) -> bool:
        """Whether the last test is known, whatever it said."""
        return self.tested_at is not None


@dataclass(frozen=True)
class Surroundings:
    """The world around one workflow at one moment.

    `connections`: those it may use, by name. `secret_set`: ids of triggers that have a secret. `scope_kind`:
    `workspace`, `hub` or `card`. `is_limited`: a watched launch is meant. `last_test`: how the last test run ended. `typical_duration`: seconds that a run
    usually takes. `known_workflows`: names and ids that a step may start; None where nobody knows.
    """

    now: datetime
    connections: Mapping[str, ConnectionState] = field(default_factory=dict)
    secret_set: Collection[str] = ()
    scope_kind: str = "workspace"
    ever_started: bool = False
    is_limited: bool = False
    last_test: Literal["success", "failed"] | None = None
    tested_since_change: bool = False
    typical_duration: float | None = None
    known_workflows: Collection[str] | None = None
