"""What the domain says when it says no.

Refusal                    the tree's root: a stable code, facts that are safe to show and to log
├── Invalid                the request cannot mean anything here
├── NotFound               nothing by that name for this caller
├── Conflict               true a moment ago, not now; or the act was done already
├── Forbidden              known, and not allowed
├── PaymentDue             allowed once payment stands
├── TooMuch                over a bound on size or number
├── Contended              many others do the same just now; try again in a moment
└── Unavailable            try again later; nothing was changed
"""

import re
from typing import ClassVar


class Refusal(Exception):  # noqa: N818 -- a refusal is an answer, not an error
    """The domain said no. `kind` is for machines; `facts` are safe to show and to log."""

    kind: ClassVar[str] = "invalid"

    def __init__(self, **facts: object) -> None:
        super().__init__(f"{type(self).__name__} {facts}")
        self.facts = facts

    @property
    def code(self) -> str:
        """The stable code: the class's name in snake case, as in `asset_in_use`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def title(self) -> str:
        """One sentence for people: the first line of the class's docstring."""
        return (type(self).__doc__ or type(self).__name__).strip().splitlines()[0].rstrip(".")


class Invalid(Refusal):
    """The request is not valid."""

    kind = "invalid"


class NotFound(Refusal):
    """There is nothing by that name."""

    kind = "not_found"


class Conflict(Refusal):
    """The state does not allow this."""

    kind = "conflict"


class Forbidden(Refusal):
    """The caller may not do this."""

    kind = "forbidden"


class PaymentDue(Refusal):
    """A payment method or a payment is needed first."""

    kind = "payment_due"


class TooMuch(Refusal):
    """The request is over a bound."""

    kind = "too_much"


class Contended(Refusal):
    """Too many do the same just now; nothing was changed, try again in a moment."""

    kind = "contended"


class Unavailable(Refusal):
    """The act could not be done now and nothing was changed; try again."""

    kind = "unavailable"
