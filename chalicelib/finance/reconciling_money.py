"""The rules by which the ledger is reconciled with partners' payouts and with the provider's movements and balance.

A movement and what the ledger has of it are called the same by `name_of_entry` and by who reads the provider. Lines of
both are spread over buckets by their names; each bucket's, in order, are held against each other by themselves.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from chalicelib.finance.reconciliation_model import Cause, Difference, Stage, StageSum, explained
from chalicelib.ledger.accounts import STRIPE_CLEARING, STRIPE_FEES
from chalicelib.ledger.model import JournalEntry

PAYABLE = "payable"
_OWED = f"{PAYABLE}:"
COLLECTED = "collected"
STATED, DUE, DOCUMENT, SUMS = "stated", "due", "document", "sums"
INVOICE_OPEN, INVOICE_PAID = "invoice-open", "invoice-paid"
SENT = frozenset({"transfer", "reversal"})
_BY_REFERENCE = {"fee": "fee", "dispute": "dispute", "paid-out": "moved"}
_INVOICE_PARTS = 3
_STAGES = {
    PAYABLE: Stage.PAID_OUT,
    COLLECTED: Stage.COLLECTED,
    INVOICE_OPEN: Stage.INVOICED,
    INVOICE_PAID: Stage.INVOICED,
    STATED: Stage.STATED,
    DUE: Stage.DUE,
    **dict.fromkeys(("settlement", "wallet", "goodwill", "bad-debt", "recovery", "dispute-loss"), Stage.BOOKED),
    **dict.fromkeys((DOCUMENT, SUMS, "share", *SENT), Stage.BOOKED),
}
"""What the names of lines begin with, by stage; all others are of movements at the provider."""
MOST_LOOKED_FOR = 200
"""Of so many names of a bucket movements are looked for beside those that are read; what is beyond is unknown."""
BUCKETS = 16
"""Over so many the lines of a run are spread by their names."""


class Line(NamedTuple):
    """What one side says of a name: `here` is the left one. `inside` the month or beside it.

    `newer` is a movement that no comparison has read yet, or what came after the run had begun. A run has some ten for
    each payment, so they are tuples.
    """

    name: str
    currency: str
    minor: int
    here: bool
    inside: bool
    newer: bool = False

    def text(self) -> str:
        """As one line, which sorts by name."""
        return f"{self.name}\t{self.currency}\t{self.minor}\t{self.here:d}{self.inside:d}{self.newer:d}"

    @classmethod
    def of(cls, text: str) -> "Line":
        """The line again."""
        name, currency, minor, flags = text.split("\t")
        return cls(name, currency, int(minor), flags[0] == "1", flags[1] == "1", flags[2] == "1")


def bucket_of(name: str) -> int:
    """In which of the buckets the lines of a name are."""
    return zlib.crc32(name.encode()) % BUCKETS


def name_of_entry(entry: JournalEntry, name_there: str | None) -> str:
    """Under which name a movement of the ledger is matched; `name_there` is what the provider calls it."""
    kind, _, rest = entry.reference.partition(":")
    if kind == "payment":
        return f"invoice:{invoice_of_payment(entry)}"
    if kind in _BY_REFERENCE:
        return f"{_BY_REFERENCE[kind]}:{rest}"
    return f"moved:{name_there}" if name_there else f"entry:{entry.reference}"


def invoice_of_payment(entry: JournalEntry) -> str:
    """The invoice of which an entry is a payment: what of it a hold has paid is booked with the hold's name."""
    return ":".join(entry.reference.split(":")[1 : 1 + _INVOICE_PARTS])


def needs_name(entry: JournalEntry) -> bool:
    """Whether the ledger itself does not say how the provider calls a movement."""
    return entry.reference.partition(":")[0] not in {"payment", *_BY_REFERENCE}


def moves(entry: JournalEntry) -> bool:
    """Whether the provider holds more by an entry, or less."""
    return any(each.ledger_account == STRIPE_CLEARING for each in entry.postings)


def moved_by(entry: JournalEntry, name: str) -> Mapping[tuple[str, str], int]:
    """By name and currency, how much more the provider holds by an entry; what it kept of that stands apart."""
    sums: dict[tuple[str, str], int] = {}
    fee = f"fee:{entry.reference.partition(':')[2]}"
    for posting in entry.postings:
        currency, minor = posting.amount.currency, posting.amount.minor
        if posting.ledger_account in (STRIPE_CLEARING, STRIPE_FEES):
            sums[name, currency] = sums.get((name, currency), 0) + minor
        if posting.ledger_account == STRIPE_FEES:
            sums[fee, currency] = sums.get((fee, currency), 0) - minor
    return {key: minor for key, minor in sums.items() if minor}


@dataclass(slots=True)
class _Sides:
    here_inside: int = 0
    here_beside: int = 0
    there_inside: int = 0
    there_beside: int = 0
    newer: bool = False
    seen_there: bool = False

    def add(self, line: Line) -> None:
        _, _, minor, here, inside, newer = line
        if here and inside:
            self.here_inside += minor
        elif here:
            self.here_beside += minor
        elif inside:
            self.there_inside += minor
        else:
            self.there_beside += minor
        self.newer = self.newer or newer
        self.seen_there = self.seen_there or not here

    @property
    def inside(self) -> int:
        return self.here_inside - self.there_inside

    @property
    def whole(self) -> int:
        return self.inside + self.here_beside - self.there_beside


_BOTH = 2


@dataclass(slots=True)
class Matched:
    """What holding lines against each other came to: sums, and by currency what of the balances it explains.

    What the ledger alone has in the month may have moved long before it was booked: `elsewhere` finds such movements
    by their name, of `looks` names at most.
    """

    elsewhere: Callable[[str], Iterable[Line]] = lambda _name: ()
    looks: int = MOST_LOOKED_FOR
    _sums: dict[tuple[Stage, str], list[int]] = field(default_factory=dict)
    explained: dict[str, int] = field(default_factory=dict)

    def match(self, lines: Iterable[Line]) -> Iterator[Difference]:
        """All that differs; the lines are in order of name and currency, and all of a name are among them."""
        for (name, currency), group in groupby(lines, key=order_of):
            those, stage = list(group), stage_of(name)
            if len(those) == _BOTH and _agree(*those):
                self._sum(stage, currency, those[0].minor, those[0].minor)
            else:
                yield from self._differ(stage, name, currency, those)

    def _differ(self, stage: Stage, name: str, currency: str, lines: Sequence[Line]) -> Iterator[Difference]:
        """Of one name, what both sides do not say alike; nothing, where it only takes more lines than two."""
        sides = _Sides()
        for line in _once(lines) if stage is Stage.BOOKED else lines:
            sides.add(line)
        if stage is Stage.STRIPE and sides.here_inside and not sides.seen_there:
            self._look(name, currency, sides)
        self._sum(stage, currency, sides.here_inside, sides.there_inside)
        cause = _cause_of_payable(sides) if stage is Stage.PAID_OUT else _cause(sides)
        if sides.inside:
            yield Difference(stage, cause, name.removeprefix(f"{COLLECTED}:"), currency, sides.inside)
        if stage is Stage.STRIPE and sides.whole and (sides.seen_there or sides.here_inside):
            self.explained[currency] = self.explained.get(currency, 0) + sides.whole
            yield Difference(Stage.BALANCE, cause, name, currency, sides.whole)

    def _sum(self, stage: Stage, currency: str, left: int, right: int) -> None:
        sums = self._sums.setdefault((stage, currency), [0, 0])
        sums[0] += left
        sums[1] += right

    @property
    def sums(self) -> list[StageSum]:
        """By stage and currency, what both sides come to."""
        return [StageSum(stage, currency, *both) for (stage, currency), both in self._sums.items()]

    def _look(self, name: str, currency: str, sides: _Sides) -> None:
        if self.looks and not sides.here_beside:
            self.looks -= 1
            for line in self.elsewhere(name):
                if line.currency == currency:
                    sides.add(line)


def _agree(one: Line, other: Line) -> bool:
    """Most lines: both sides say the same of the month."""
    return one.minor == other.minor and one.here != other.here and one.inside and other.inside


def stage_of(name: str) -> Stage:
    """In which stage lines of a name are held against each other."""
    return _STAGES.get(name.partition(":")[0], Stage.STRIPE)


def _once(lines: Iterable[Line]) -> Iterator[Line]:
    """A document that was read twice, with its account and with its entry, says it once."""
    said: set[Line] = set()
    for line in lines:
        if line not in said:
            yield line
        if line.here:
            said.add(line)


def order_of(line: Line) -> tuple[str, str]:
    """Lines of one name and currency are held against each other."""
    return line[:2]


def _cause(sides: _Sides) -> Cause:
    if not sides.whole:
        return Cause.TIMING
    return Cause.NOT_POSTED if sides.newer else Cause.UNKNOWN


def _cause_of_payable(sides: _Sides) -> Cause:
    """What was not sent is later; what was sent beyond that was due before."""
    return Cause.PAID_OUT_LATER if sides.inside > 0 else Cause.OF_ANOTHER_MONTH


def reconcile_balances(
    balances: Mapping[str, tuple[int, int]], listed: Mapping[str, int]
) -> tuple[list[StageSum], list[Difference]]:
    """The ledger's and the provider's: what is not `listed` of a difference is unknown, and shown as that."""
    sums, found = [], list[Difference]()
    for currency in sorted({*balances, *listed}):
        summed = StageSum(Stage.BALANCE, currency, *balances.get(currency, (0, 0)))
        rest = summed.difference - listed.get(currency, 0)
        sums.append(summed)
        found += explained(Stage.BALANCE, currency, f"balance:{currency}", rest, ())
    return sums, found


@dataclass(slots=True)
class Payables:
    """What became payable to each partner, which is our side, and what was sent."""

    _sums: dict[tuple[str, str, bool], int] = field(default_factory=dict)

    def add(self, entry: JournalEntry) -> None:
        """An entry of the month."""
        for posting in entry.postings:
            if posting.ledger_account.startswith(_OWED):
                due = entry.kind not in SENT
                key = posting.ledger_account, posting.amount.currency, due
                self._sums[key] = self._sums.get(key, 0) + (-posting.amount.minor if due else posting.amount.minor)

    def lines(self) -> list[Line]:
        """A line a partner and side."""
        return [
            Line(name, currency, minor, here=due, inside=True) for (name, currency, due), minor in self._sums.items()
        ]
