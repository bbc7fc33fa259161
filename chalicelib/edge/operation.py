"""An operation: one route and method of a door, as declared beside its view."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from chalicelib.edge.call import MOST_BYTES, read_body

View = Callable[..., Any]
Show = Callable[[Any], Any]
JSON = "application/json"
DOCUMENT = "/openapi.json"


@dataclass(frozen=True)
class Operation:
    """What a route takes, needs and shows; OpenAPI is made of it.

    `takes` is the body's shape and `query` that of the query parameters; `reads` reads bodies of other media types.
    `status_for` tells the status where the outcome decides about it; `status` is then the usual one, and
    `also` are others with the same shape.
    `takes_as` are the shapes of the body in media types where it is another. `refuses` are kinds of refusals that
    nothing else here tells. `anyone` who is signed in may, a customer or not; what is `signed` tells who sent it.
    `shows` turns the outcome into the answer and `saves`, where a secret is shown once, into what a repeat gets.
    """

    method: str
    path: str
    view: View
    status: int = 200
    takes: Any = None
    query: type | None = None
    reads: Callable[[bytes, Mapping[str, str]], Any] | None = None
    shows: Show | None = None
    saves: Show | None = None
    idempotent: bool = False
    public: bool = False
    signed: bool = False
    anyone: bool = False
    refuses: tuple[str, ...] = ()
    needs: str | None = None
    media_types: tuple[str, ...] = (JSON,)
    takes_as: Mapping[str, Any] = field(default_factory=dict)
    answers: str = JSON
    most_bytes: int = MOST_BYTES
    status_for: Callable[[Any], int] | None = None
    also: tuple[int, ...] = ()

    @property
    def summary(self) -> str:
        """The first line of the view's docstring."""
        return (inspect.getdoc(self.view) or self.view.__name__).splitlines()[0]

    @property
    def describes_itself(self) -> bool:
        """Whether this is the door's own document."""
        return self.path == DOCUMENT

    @property
    def takes_nothing_too(self) -> bool:
        """Whether an act says all that it has to without a body; a PUT without one would clear what it sets."""
        plain = self.method == "POST" and self.reads is None and isinstance(self.takes, type)
        return plain and not any(each.required for each in msgspec.structs.fields(self.takes))

    def body(self, raw: bytes, headers: Mapping[str, str]) -> object:
        """The request's body in its declared shape."""
        if self.reads is not None:
            return self.reads(raw, headers)
        if self.takes is None:
            return None
        if not raw and self.takes_nothing_too:
            raw = b"{}"
        return read_body(raw, headers.get("content-type", JSON), self.takes, self.most_bytes)

    def encode(self, outcome: object, *, saved: bool = False) -> bytes:
        """The answer's body."""
        show = (self.saves if saved else None) or self.shows
        shown = show(outcome) if show else outcome
        if shown is None:
            return b""
        return shown.encode() if isinstance(shown, str) else msgspec.json.encode(shown)
