"""What a call of the API is.

A parameter that Stripe knows but the double does not play is refused (`double_not_played`) rather than quietly ignored.
`expand`, and for lists the paging and `created`, are always played.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.store import Fields

PAGED = ("created", "ending_before", "limit", "starting_after")
"""What every list takes."""

STRIPE_JS = frozenset({"client_secret", "key"})
"""What Stripe.js adds to its calls."""


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.escape(template).replace(re.escape("{id}"), r"([A-Za-z0-9_]+)"))


@dataclass(frozen=True)
class Route:
    """One call of the API."""

    name: str
    method: str
    template: str
    shape: type
    handler: Callable[[Call], Fields]
    played: tuple[str, ...] = ()
    client_side: bool = False

    def plays(self, parameter: str, *, publishable: bool) -> bool:
        """Whether the double acts on this parameter."""
        listing = self.name.endswith(".list") and parameter in PAGED
        browser = publishable and parameter in STRIPE_JS
        return parameter == "expand" or parameter in self.played or listing or browser

    def object_id(self, path: str) -> str | None:
        """The id in the address, an empty text where the address has none, None where the address is another."""
        match = _pattern(self.template).fullmatch(path)
        return None if match is None else "".join(match.groups())
