"""What a floor is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Floor:
    """So many a second, at so many CPU-ms each."""

    rate: float
    cpu: float

    def mean(self, other: "Floor") -> "Floor":
        return Floor((self.rate + other.rate) / 2, (self.cpu + other.cpu) / 2)
