"""What a campaign comes to: how many cases were tried, and which differed. Shown at the end of the run."""

from collections.abc import Iterable, Iterator

LINES: list[str] = []
"""Of all campaigns of this run; `conftest` has them shown."""


class Campaign:
    """Counts cases. `ends` says how many there were, and fails if one differed or none was tried."""

    def __init__(self, name: str) -> None:
        self.name, self.cases, self.differing = name, 0, list[str]()

    def tried(self, case: str, differences: Iterable[str]) -> None:
        """One case, with what differs after it."""
        found = list(differences)
        self.cases += 1
        if found:
            self.differing.append("\n    ".join([case, *found]))

    def ends(self) -> None:
        LINES.append(f"{self.name}: {self.cases} cases, {len(self.differing)} differ")
        assert self.cases, f"{self.name}: no case was tried"
        assert not self.differing, "\n".join([LINES[-1], *self.differing[:20]])


def every(cases: Iterable[tuple[int, str]], step: int) -> Iterator[tuple[int, str]]:
    """All of them, or each `step`th for the fast part."""
    return (case for number, case in enumerate(cases) if number % step == 0)
