"""What a customer has shown: the result alone, with its source, when it was checked, and until when it is good."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.customers.errors import NotShown, ShownExpired
from chalicelib.customers.model import Customer
from chalicelib.customers.ports import Shows, Verifier
from chalicelib.kernel.requirement import Requirement, Shown, with_countries
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Commit

TOLD_BEFORE = timedelta(days=14)
"""How long before it ends a customer is told that something that was shown will have to be shown again."""
LONGEST = timedelta(days=3653)
"""Whatever was shown is to be shown again after ten years."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A kind of thing that a customer has shown: an age of so many years or more.

    `details` are of a licence its classes, of a residence its places.
    """

    customer_id: str
    account_id: str
    kind: Shown
    source: str
    checked_at: datetime
    valid_until: datetime
    at_least: int | None = None
    details: tuple[str, ...] = ()

    def covers(self, requirement: Requirement) -> bool:
        """Whether it is enough for the requirement, as long as it is good."""
        if requirement.kind is not self.kind:
            return False
        if requirement.at_least is not None:
            return self.at_least is not None and self.at_least >= requirement.at_least
        return requirement.detail is None or requirement.detail in self.details

    def is_good(self, now: datetime) -> bool:
        """Whether it has not ended."""
        return now < self.valid_until

    def adds_to(self, before: "Checked | None") -> bool:
        """Whether it says more, or for longer, than what was shown before."""
        if before is None or self.valid_until > before.valid_until:
            return True
        more = (self.at_least or 0) > (before.at_least or 0)
        return more or not set(self.details) <= set(before.details)


@dataclass(frozen=True, slots=True)
class Show:
    """What a customer wants to have checked, and what the verifier's own app gave for it."""

    customer: Customer
    requirement: Requirement
    proof: str


def show(command: Show, *, verifier: Verifier, shows: Shows, now: datetime, commit: Commit) -> Checked:
    """Have it checked, and keep the result. What was shown before stays where the new result says no more."""
    customer, requirement = command.customer, command.requirement
    found = verifier.check(requirement, command.proof, customer.customer_id)
    if found is None:
        raise NotShown(pointer="/proof", requires=str(requirement))
    if found.valid_until <= now:
        raise ShownExpired(pointer="/proof", requires=str(requirement), valid_until=format_instant(found.valid_until))
    checked = Checked(
        customer_id=customer.customer_id,
        account_id=customer.account_id,
        kind=requirement.kind,
        source=found.source,
        checked_at=now,
        valid_until=min(found.valid_until, now + LONGEST),
        at_least=requirement.at_least,
        details=with_countries(found.details) if requirement.kind is Shown.RESIDENT else found.details,
    )
    if not checked.covers(requirement):
        raise NotShown(pointer="/proof", requires=str(requirement))
    before = shows.shown(customer.customer_id, requirement.kind)
    if before is not None and not checked.adds_to(before):
        return before
    return commit(shows.showing(checked, max(now, checked.valid_until - TOLD_BEFORE)), checked)


def tell_expiring(
    customer_id: str, kind: Shown, valid_until: datetime, at: datetime, *, shows: Shows, commit: Commit
) -> Checked | None:
    """Have the customer told that what they have shown ends soon, unless they have shown it anew since."""
    found = shows.shown(customer_id, kind)
    if found is None or found.valid_until != valid_until:
        return None
    return commit([shows.telling(found, "eligibility_expires", at)], found)
