"""A guest becomes known by another sign-in: the same customer and account, with all that is theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.customers.errors import AlreadyLinked, AlreadySignedUp, LinkExpired, UnknownLink
from chalicelib.customers.model import Customer
from chalicelib.customers.ports import Customers, Members
from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.kernel.writes import Write

VALID = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Link:
    """That whoever holds it may take a customer over from a sign-in; made by that sign-in, and good once."""

    subject: str
    customer_id: str
    valid_until: datetime

    def document(self) -> dict[str, object]:
        """As it is signed."""
        until = format_instant(self.valid_until)
        return {"subject": self.subject, "customer_id": self.customer_id, "valid_until": until}

    @classmethod
    def of(cls, sealed: Mapping[str, object]) -> "Link":
        """What was signed, or `UnknownLink`."""
        try:
            until = parse_instant(str(sealed["valid_until"]))
            return cls(str(sealed["subject"]), str(sealed["customer_id"]), until)
        except (KeyError, ValueError) as error:
            raise UnknownLink from error


def link_for(customer: Customer, now: datetime) -> Link:
    """What the customer's next sign-in is to hold."""
    return Link(customer.subject, customer.customer_id, now + VALID)


def linked(
    link: Link, subject: str, *, customers: Customers, members: Members, now: datetime
) -> tuple[Customer, Sequence[Write]]:
    """The customer under the new sign-in, and what stores that, for the caller to commit. The old one opens nothing."""
    before = customers.by_subject(link.subject)
    if before is None or before.customer_id != link.customer_id:
        raise UnknownLink
    if before.linked:
        raise AlreadyLinked
    if now >= link.valid_until:
        raise LinkExpired
    if customers.by_subject(subject) is not None:
        raise AlreadySignedUp
    there = members.of_subject(before.subject)
    return before, [*customers.linking(before, subject, now), *members.linking(there, subject, now)]
