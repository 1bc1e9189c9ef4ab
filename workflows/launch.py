"""A watched launch: which of the triggers of a workflow that was just started become runs; the others are held.

Triggers count from the start, in the order in which they came, so what is let through is exact and not left to chance.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Kind = Literal["first", "share", "scope"]
FIRST: Final = "first"
SHARE: Final = "share"
SCOPE: Final = "scope"
WHOLE: Final = 10_000
"""A share is counted in ten-thousandths."""
FIRST_MOST: Final = 1_000_000


@dataclass(frozen=True)
class Launch:
    """The limit of one launch. `amount`: the first so many, or a share in ten-thousandths; `scope`: a scope's `ref`."""

    kind: Kind
    amount: int = 0
    scope: str = ""

    @classmethod
    def of_share(cls, share: Decimal) -> "Launch":
        """A share between 0 and 1, kept to four places."""
        return cls(SHARE, int((share * WHOLE).to_integral_value(ROUND_HALF_UP)))

    @classmethod
    def read(cls, text: str) -> "Launch | None":
        """What `str()` of a launch says; None for the empty text of a workflow without one."""
        kind, _space, value = text.partition(" ")
        if kind == FIRST:
            return cls(FIRST, int(value))
        if kind == SHARE:
            return cls.of_share(Decimal(value))
        return cls(SCOPE, scope=value) if kind == SCOPE else None

    def __str__(self) -> str:
        values = {FIRST: str(self.amount), SHARE: f"{self.share.normalize():f}", SCOPE: self.scope}
        return f"{self.kind} {values[self.kind]}"

    @property
    def share(self) -> Decimal:
        return Decimal(self.amount) / WHOLE

    @property
    def words(self) -> str:
        """The limit in a few words."""
        if self.kind == FIRST:
            return ngettext("the first trigger", "the first %(n)d triggers", self.amount) % {"n": self.amount}
        if self.kind == SHARE:
            return _("%(percent)s %% of the triggers") % {"percent": f"{(self.share * 100).normalize():f}"}
        return _("only triggers of %(scope)s") % {"scope": self.scope}

    def lets(self, place: int, seed: int, scopes: frozenset[str] = frozenset()) -> bool:
        """Whether the trigger that came as number `place`, from 1, becomes a run at once.

        `seed` tells workflows apart, `scopes` are those the trigger came from. Of each stretch in which a share owes
        one run, a hash says which: so no rhythm of a sender decides.
        """
        if self.kind == SCOPE:
            return self.scope in scopes
        return self.let(place, seed) > self.let(place - 1, seed)

    def let(self, count: int, seed: int) -> int:
        """How many of the first `count` triggers become runs at once; none where scopes decide."""
        if self.kind == FIRST:
            return min(count, self.amount)
        if self.kind == SCOPE:
            return 0
        stretch = count * self.amount // WHOLE
        return stretch + (self._chosen(stretch, seed) < count)

    def _chosen(self, stretch: int, seed: int) -> int:
        """The place, from 0, of the one trigger of a stretch that is let through; of the first stretch the first."""
        start, end = (-(-number * WHOLE // self.amount) for number in (stretch, stretch + 1))
        if stretch == 0:
            return start
        digest = blake2b(f"{seed} {stretch}".encode(), digest_size=8).digest()
        return start + int.from_bytes(digest) % (end - start)

    def is_wider_than(self, other: "Launch") -> bool:
        """Whether it lets more through and counts in the same way."""
        return self.kind == other.kind != SCOPE and self.amount > other.amount
