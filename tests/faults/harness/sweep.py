"""What a sweep is: points at which a fault is tried, and what it found wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Report:
    """How many points were tried, and each violation with the point that shows it."""

    points: int = 0
    violations: list[str] = field(default_factory=list)

    def __add__(self, other: "Report") -> "Report":
        return Report(self.points + other.points, self.violations + other.violations)

    def tried(self, point: str, found: Sequence[str]) -> None:
        """Count a point, and what was wrong there."""
        self.points += 1
        self.violations += [f"{point}: {one}" for one in found]


def spread(points: Sequence[T], most: int | None) -> list[T]:
    """Return `most` of the points, evenly from first to last; None is all of them."""
    if most is None or most >= len(points):
        return list(points)
    return [points[place * len(points) // most] for place in range(most)]
