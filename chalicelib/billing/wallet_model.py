"""An account's wallet: lots of money that pays its bills ahead of any card, and what each change of them was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.billing.currencies import minimum_charge, step_of
from chalicelib.billing.errors import LotOverdrawn
from chalicelib.kernel.money import Money


class LotKind(StrEnum):
    """Where a lot's money came from, in the order in which lots pay.

    `promotion` was paid by nobody; `gift` by somebody else; `credit` is a credit note that its customer keeps; `paid`
    was topped up.
    """

    PROMOTION = "promotion"
    GIFT = "gift"
    CREDIT = "credit"
    PAID = "paid"


REAL = frozenset({LotKind.GIFT, LotKind.CREDIT, LotKind.PAID})
"""What somebody has paid: a liability. A promotion is none until it pays something."""
_ORDER = list(LotKind)
MOST_LOTS = 20
"""So many lots pay one invoice at most: all that a settlement writes is one transaction."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Money of one origin. `partner` is whose products alone it may pay; `payment` what paid it, at the provider.

    `valid_until` is when what is left of it ends; what was paid by its owner never does.
    """

    lot_id: str
    kind: LotKind
    amount: Money
    left: int
    source: str
    since: datetime
    partner: str | None = None
    valid_until: datetime | None = None
    payment: str | None = None
    version: int = 1

    @property
    def is_real(self) -> bool:
        """Whether somebody has paid it."""
        return self.kind in REAL

    def is_good(self, at: datetime) -> bool:
        """Whether it still pays something."""
        return self.left > 0 and not self.is_over(at)

    def is_over(self, at: datetime) -> bool:
        """Whether its time has passed."""
        return self.valid_until is not None and self.valid_until <= at

    def changed(self, minor: int) -> "Lot":
        """With so much more left, or less: never below nothing, nor above what it began with."""
        left = self.left + minor
        if not 0 <= left <= self.amount.minor:
            raise LotOverdrawn(lot_id=self.lot_id, left=self.left, change=minor)
        return replace(self, left=left, version=self.version + 1)

    @property
    def place(self) -> tuple[int, bool, datetime, bool, datetime, str]:
        """Its place in the order of use: by kind, what ends soonest, what pays one partner alone, the oldest."""
        ends = self.valid_until or self.since
        return (_ORDER.index(self.kind), self.valid_until is None, ends, self.partner is None, self.since, self.lot_id)


class MoveKind(StrEnum):
    """What a change of a wallet was."""

    TOPPED_UP = "topped_up"
    REDEEMED = "redeemed"
    GRANTED = "granted"
    KEPT = "kept"
    USED = "used"
    GIVEN_BACK = "given_back"
    EXPIRED = "expired"
    LAPSED = "lapsed"
    PAID_OUT = "paid_out"
    CAME_BACK = "came_back"
    NOT_PAID_OUT = "not_paid_out"
    DISPUTED = "disputed"
    DISPUTE_ENDED = "dispute_ended"


BORNE = frozenset({MoveKind.USED, MoveKind.GIVEN_BACK})
"""Of these the operator bears what promotions pay."""


@dataclass(frozen=True, slots=True)
class Move:
    """One change: by lot, how much more or less, in minor units. `number` counts an account's; `about` says of what."""

    account_id: str
    number: int
    kind: MoveKind
    about: str
    at: datetime
    changes: Mapping[str, int]
    currency: str

    @property
    def amount(self) -> Money:
        """All of it together."""
        return Money(sum(self.changes.values()), self.currency)


@dataclass(frozen=True, slots=True)
class Wallet:
    """All lots of an account, used up or not, by id. `payouts` counts how often it was to be paid out, `done` was."""

    account_id: str
    lots: Mapping[str, Lot] = field(default_factory=dict)
    version: int = 0
    payouts: int = 0
    done: int = 0

    def moved(
        self, kind: MoveKind, about: str, changes: Mapping[str, int], at: datetime, *, added: Sequence[Lot] = ()
    ) -> "Moved":
        """With its lots changed, and new ones in it."""
        lots = {name: self.lots[name].changed(minor) for name, minor in changes.items() if minor}
        fresh = {each.lot_id: each for each in added}
        if set(fresh) & set(self.lots):
            raise LotOverdrawn(lot_id=min(set(fresh) & set(self.lots)))
        every = {**{name: each.left for name, each in fresh.items()}, **{name: m for name, m in changes.items() if m}}
        currency = next(each.amount.currency for each in (*fresh.values(), *lots.values()))
        after = replace(self, lots={**self.lots, **lots, **fresh}, version=self.version + 1)
        move = Move(self.account_id, after.version, kind, about, at, every, currency)
        return Moved(after, move, (*lots.values(), *fresh.values()))

    def adding(self, kind: MoveKind, lot: Lot) -> "Moved":
        """With a new lot."""
        return self.moved(kind, lot.source, {}, lot.since, added=[lot])

    def good(self, at: datetime, currency: str) -> Sequence[Lot]:
        """What pays something, in the order of use."""
        found = (each for each in self.lots.values() if each.is_good(at) and each.amount.currency == currency)
        return sorted(found, key=lambda each: each.place)

    def real(self) -> int:
        """What somebody has paid, as the ledger has it."""
        return sum(each.left for each in self.lots.values() if each.is_real)

    def asked_out(self) -> "Wallet":
        """To be paid out."""
        return replace(self, payouts=self.payouts + 1, version=self.version + 1)

    def all_out(self) -> "Wallet":
        """Paid out, as often as it was asked for."""
        return replace(self, done=self.payouts, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Moved:
    """A change that is to be written: the wallet after it, what it was, and the lots that it wrote."""

    wallet: Wallet
    move: Move
    lots: Sequence[Lot]


FromLots = tuple[tuple[str, int], ...]
"""What lots paid of an invoice, in the order in which they did; in minor units."""


def spend(wallet: Wallet, total: Money, parts: Mapping[str, int], at: datetime) -> FromLots:
    """What lots pay of an invoice: all they can, in their order, and never so much that the rest cannot be collected.

    `parts` says how much of it is for each partner's products: a lot that pays one partner alone pays no more.
    """
    left, own, taken = total.minor, dict(parts), dict[str, int]()
    for lot in wallet.good(at, total.currency):
        if len(taken) == MOST_LOTS:
            break
        most = left if lot.partner is None else min(left, max(0, own.get(lot.partner, 0)))
        minor = min(lot.left, most)
        if minor:
            taken[lot.lot_id] = minor
            left -= minor
            if lot.partner is not None:
                own[lot.partner] -= minor
    more = total.minor - left - coverable(total, total.minor - left)
    for name in reversed(list(taken)):
        less = min(more, taken[name])
        taken[name] -= less
        more -= less
    return tuple((name, minor) for name, minor in taken.items() if minor)


def coverable(total: Money, available: int) -> int:
    """How much of a total a wallet pays: all of it, or so much that what is left is enough to be collected."""
    if available >= total.minor:
        return total.minor
    most = min(available, total.minor - minimum_charge(total.currency).minor)
    step = step_of(total.currency)
    return max(0, most) // step * step


def back_to(used: FromLots, before: int, minor: int) -> dict[str, int]:
    """To which lots so much goes back of what they paid, after so much went back before: the last used first."""
    found, skip, left = dict[str, int](), before, minor
    for name, paid in reversed(used):
        passed = min(skip, paid)
        skip -= passed
        back = min(left, paid - passed)
        left -= back
        if back:
            found[name] = back
    return found


def part_of_partners(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """By partner, what a settlement bills for their products, named `<partner>:<product>`, that it did not before."""
    found: dict[str, int] = {}
    for product in {**before, **after}:
        partner = product.partition(":")[0]
        found[partner] = found.get(partner, 0) + after.get(product, 0) - before.get(product, 0)
    return found
