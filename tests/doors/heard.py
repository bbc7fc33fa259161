"""Every answer that the tests of a module get is one that its door's OpenAPI document tells of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.gateway import match

Json = Any
_FAILED = 500
"""Tests make the doors fail on purpose; the documents say that under `default`."""


@dataclass
class Heard:
    """Answers of the doors, by method, path, status and media type; their documents are the same in each system."""

    answers: set[tuple[str, str, int, str]] = field(default_factory=set)
    documents: Mapping[str, Json] = field(default_factory=dict)

    def note(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
        self.answers.add((method, path.partition("?")[0], status, headers.get("content-type", "")))

    def not_told_of(self) -> Iterator[str]:
        """Answers that the documents do not tell of. What no door has, and failures on purpose, stand in none."""
        for method, path, status, media_type in sorted(self.answers):
            _, door, *steps = path.split("/")
            paths = self.documents[door]["paths"] if door in self.documents else {}
            found = match(list(paths), "/" + "/".join(steps))
            operation = paths[found[0]].get(method.lower()) if found else None
            told = operation is None or "problem+json" not in media_type or status == _FAILED
            if not told and str(status) not in operation["responses"]:
                yield f"{method} /{door}{found[0]}: {status}"


HEARD = Heard()
