"""The rules by which the ledger is reconciled with partners' payouts and with the provider's movements and balance.

A movement and what the ledger has of it are called the same by `name_of_entry` and by who reads the provider. Lines of
both, in order of their names, are held against each other without being all in memory.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from chalicelib.finance.reconciliation_model import Cause, Difference, Stage, StageSum, explained
from chalicelib.ledger.accounts import STRIPE_CLEARING
from chalicelib.ledger.model import JournalEntry

PAYABLE = "payable"
SENT = frozenset({"transfer", "reversal"})
_BY_REFERENCE = {"fee": "fee", "dispute": "dispute", "paid-out": "moved"}
_INVOICE_PARTS = 3


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """What one side says of a name: `here` is the ledger's. `inside` the month or beside it.

    `newer` is a movement that no comparison has read yet.
    """

    name: str
    currency: str
    minor: int
    here: bool
    inside: bool
    newer: bool = False

    def text(self) -> str:
        """As one line, which sorts by name."""
        flags = "".join(str(int(each)) for each in (self.here, self.inside, self.newer))
        return f"{self.name}\t{self.currency}\t{self.minor}\t{flags}"

    @classmethod
    def of(cls, text: str) -> "Line":
        """The line again."""
        name, currency, minor, flags = text.split("\t")
        return cls(name, currency, int(minor), *(each == "1" for each in flags))


def name_of_entry(entry: JournalEntry, name_there: str | None) -> str:
    """Under which name a movement of the ledger is matched; `name_there` is what the provider calls it."""
    kind, _, rest = entry.reference.partition(":")
    if kind == "payment":
        return f"invoice:{':'.join(rest.split(':')[:_INVOICE_PARTS])}"
    if kind in _BY_REFERENCE:
        return f"{_BY_REFERENCE[kind]}:{rest}"
    return f"moved:{name_there}" if name_there else f"entry:{entry.reference}"


def needs_name(entry: JournalEntry) -> bool:
    """Whether the ledger itself does not say how the provider calls a movement."""
    return entry.reference.partition(":")[0] not in {"payment", *_BY_REFERENCE}


def moved_by(entry: JournalEntry) -> Mapping[str, int]:
    """By currency, how much more the provider holds by an entry."""
    sums: dict[str, int] = {}
    for posting in entry.postings:
        if posting.ledger_account == STRIPE_CLEARING:
            sums[posting.amount.currency] = sums.get(posting.amount.currency, 0) + posting.amount.minor
    return {currency: minor for currency, minor in sums.items() if minor}


@dataclass(slots=True)
class _Sides:
    here_inside: int = 0
    here_beside: int = 0
    there_inside: int = 0
    there_beside: int = 0
    newer: bool = False
    seen_there: bool = False

    def add(self, line: Line) -> None:
        side = f"{'here' if line.here else 'there'}_{'inside' if line.inside else 'beside'}"
        setattr(self, side, getattr(self, side) + line.minor)
        self.newer = self.newer or line.newer
        self.seen_there = self.seen_there or not line.here

    @property
    def inside(self) -> int:
        return self.here_inside - self.there_inside

    @property
    def whole(self) -> int:
        return self.inside + self.here_beside - self.there_beside


@dataclass(slots=True)
class Movements:
    """What holding lines against each other came to: sums by currency, and what of the balances it explains."""

    sums: dict[str, StageSum] = field(default_factory=dict)
    of_balance: dict[str, list[tuple[Cause, str, int]]] = field(default_factory=dict)

    def match(self, lines: Iterable[Line]) -> Iterator[Difference]:
        """Differences of the month's movements; the lines are in order of name and currency."""
        for (name, currency), group in groupby(lines, key=lambda line: (line.name, line.currency)):
            sides = _Sides()
            for line in group:
                sides.add(line)
            before = self.sums.get(currency, StageSum(Stage.STRIPE, currency))
            left, right = before.left + sides.here_inside, before.right + sides.there_inside
            self.sums[currency] = StageSum(Stage.STRIPE, currency, left, right)
            cause = _cause(sides)
            if sides.whole and (sides.seen_there or sides.here_inside):
                self.of_balance.setdefault(currency, []).append((cause, name, sides.whole))
            if sides.inside:
                yield Difference(Stage.STRIPE, cause, name, currency, sides.inside)


def _cause(sides: _Sides) -> Cause:
    if not sides.whole:
        return Cause.TIMING
    return Cause.NOT_POSTED if sides.newer else Cause.UNKNOWN


def reconcile_balances(
    ledger: Mapping[str, int], provider: Mapping[str, int], movements: Movements
) -> tuple[list[StageSum], list[Difference]]:
    """Both balances as of now: what the movements do not explain of a difference is unknown, and shown as that."""
    sums, found = [], list[Difference]()
    for currency in sorted({*ledger, *provider, *movements.of_balance}):
        summed = StageSum(Stage.BALANCE, currency, ledger.get(currency, 0), provider.get(currency, 0))
        known = movements.of_balance.get(currency, [])
        sums.append(summed)
        found += explained(Stage.BALANCE, currency, f"balance:{currency}", summed.difference, known)
    return sums, found


@dataclass(slots=True)
class Payables:
    """What became payable to each partner in the month, and what was sent."""

    due: dict[tuple[str, str], int] = field(default_factory=dict)
    sent: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, entry: JournalEntry) -> None:
        """An entry of the month."""
        for posting in entry.postings:
            kind, _, partner_id = posting.ledger_account.partition(":")
            if kind == PAYABLE:
                sums, sign = (self.sent, 1) if entry.kind in SENT else (self.due, -1)
                key = partner_id, posting.amount.currency
                sums[key] = sums.get(key, 0) + sign * posting.amount.minor

    def reconcile(self) -> tuple[list[StageSum], list[Difference]]:
        """What was not sent is later; what was sent beyond that was due before."""
        sums: dict[str, StageSum] = {}
        found = []
        for partner_id, currency in sorted({*self.due, *self.sent}):
            due, sent = self.due.get((partner_id, currency), 0), self.sent.get((partner_id, currency), 0)
            before = sums.get(currency, StageSum(Stage.PAID_OUT, currency))
            sums[currency] = StageSum(Stage.PAID_OUT, currency, before.left + due, before.right + sent)
            if due != sent:
                cause = Cause.PAID_OUT_LATER if due > sent else Cause.OF_ANOTHER_MONTH
                found.append(Difference(Stage.PAID_OUT, cause, f"{PAYABLE}:{partner_id}", currency, due - sent))
        return list(sums.values()), found
