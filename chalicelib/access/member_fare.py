"""Which of a product's tariffs a customer has: its own, or the fare of a subscription that they take part in."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from chalicelib.catalogue.errors import NoTariff
from chalicelib.catalogue.model import Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.service import tariff_in_force
from chalicelib.kernel.writes import Write
from chalicelib.rating import Quoted, Tariff
from chalicelib.rating.errors import NoTariffInForce


@dataclass(frozen=True, slots=True)
class MemberFare:
    """A subscription in force by which a customer has a product at a fare: by which `plan`, in its version.

    `until` is when it is known to be in force no more: paused, changed, run out. `counts` says that it is a pass good
    for so many uses, of which a start takes one; `requires` is what the plan asks each of its members to have shown.
    """

    subscription_id: str
    customer_id: str
    plan: str
    fare: str
    counts: bool = False
    requires: tuple[str, ...] = ()
    until: datetime | None = None

    def row(self) -> list[object]:
        """As JSON-ready values: what a start goes by."""
        return [self.subscription_id, self.plan, self.fare, self.counts, self.customer_id, list(self.requires)]

    @classmethod
    def of(cls, row: Sequence[Any]) -> "MemberFare":
        """That of a row."""
        subscription_id, plan, fare, counts, customer_id, requires = row
        return cls(subscription_id, customer_id, plan, fare, bool(counts), tuple(requires))


class MemberFares(Protocol):
    """What subscriptions give their members (subscriptions know)."""

    def of(self, account_id: str, customer_id: str, product: str, now: datetime) -> Sequence[MemberFare]:
        """Those of the account in force now by which the customer has a fare of the product (`par_1:bike`)."""

    def starting(self, account_id: str, member_fare: MemberFare) -> Sequence[Write]:
        """Let nothing be written unless the customer has it still; of a pass of so many uses, take one."""

    def reserving(self, account_id: str, member_fare: MemberFare) -> Sequence[Write]:
        """The same, and take none."""


class NoMemberFares:
    """Satisfies `MemberFares` where there are no subscriptions."""

    def of(self, _account_id: str, _customer_id: str, _product: str, _now: datetime) -> Sequence[MemberFare]:
        """None."""
        return ()

    def starting(self, _account_id: str, _member_fare: MemberFare) -> Sequence[Write]:
        """Nothing has to hold."""
        return ()

    def reserving(self, _account_id: str, _member_fare: MemberFare) -> Sequence[Write]:
        """Nothing has to hold."""
        return ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tariff that a quote is made of, by which member_fare, if by one."""

    tariff: Tariff
    quoted: Quoted
    member_fare: MemberFare | None = None

    @property
    def price(self) -> tuple[int, int, bool, bool]:
        """What the choice goes by."""
        uses_up = self.member_fare is not None and self.member_fare.counts
        costs = self.quoted.estimate.minor, self.quoted.worst_case.minor
        return (*costs, uses_up, self.member_fare is None)

    def until(self, at: datetime) -> datetime:
        """The instant, or the one before from which on the member_fare is not in force."""
        ends = self.member_fare.until if self.member_fare is not None else None
        return at if ends is None else min(at, ends)


def choose(
    product: Product,
    own: Tariff,
    members: Sequence[MemberFare],
    now: datetime,
    *,
    catalogue: Catalogue,
    quoting: Callable[[Tariff], Quoted],
) -> Chosen:
    """The tariff by which the stated need costs the least; of those that cost the same a member's.

    Then the one whose worst case is lower. A pass is used up only where that saves something.
    """
    found = [Chosen(own, quoting(own))]
    for each in members:
        with suppress(NoTariff, NoTariffInForce):
            tariff = tariff_in_force(product, now, catalogue=catalogue, fare=each.fare)
            found.append(Chosen(tariff, quoting(tariff), each))
    return min(found, key=lambda each: each.price)
