"""What it costs: figures, measured on this machine, beside the targets that they have to reach.

Each module here has `figures() -> dict[str, float]`, and `TARGETS`, one for each figure that has one.
`python -m tests.benchmarks` runs all of them (or those named), writes `build/bench.json` and prints the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Figures = dict[str, float]


@dataclass(frozen=True)
class AtMost:
    """The figure is at most `limit`, or at most `limit` times another figure of the same run."""

    limit: float
    times: str | None = None

    def value(self, figures: Mapping[str, float]) -> float:
        """The bound as a number."""
        return self.limit if self.times is None else self.limit * figures[self.times]

    def met(self, figure: float, figures: Mapping[str, float]) -> bool:
        """Whether the figure keeps to it."""
        return figure <= self.value(figures)

    def __str__(self) -> str:
        return f"<= {self.limit:g}" + (f" x {self.times}" if self.times else "")


@dataclass(frozen=True)
class AtLeast:
    """The figure is at least `limit`."""

    limit: float

    def met(self, figure: float, _figures: Mapping[str, float]) -> bool:
        """Whether the figure keeps to it."""
        return figure >= self.limit

    def __str__(self) -> str:
        return f">= {self.limit:g}"


@dataclass(frozen=True)
class Exactly:
    """The figure is a count that has to be right."""

    count: int

    def met(self, figure: float, _figures: Mapping[str, float]) -> bool:
        """Whether it is."""
        return figure == self.count

    def __str__(self) -> str:
        return f"== {self.count}"


Target = AtMost | AtLeast | Exactly
Targets = Mapping[str, Target]


def peak_mb() -> float:
    """The most memory that this process had: what `getrusage` says begins with what had started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
