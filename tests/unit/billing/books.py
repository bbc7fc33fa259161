"""An account's month in memory: rides that cost a stated amount, what is billed, and the journal."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.crediting import Crediting
from chalicelib.billing.errors import PayerChanged, SettlementChanged, StatementChanged
from chalicelib.billing.loss_model import Loss
from chalicelib.billing.model import Invoice, Parked, Payer, PaymentMethod, ProofHead, Settlement, ToCollect
from chalicelib.billing.partner_statement import PartnerStatement
from chalicelib.billing.ports import NOTHING_STATED, MonthUsed, Paid
from chalicelib.billing.settling import Settled, settle
from chalicelib.billing.share_model import ShareRow
from chalicelib.billing.stating import state_month
from chalicelib.billing.tax_ports import OwnTaxes, Taxing
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Outcome
from chalicelib.ledger.errors import EntryExists
from chalicelib.ledger.model import JournalEntry, balance, sourced
from chalicelib.rating import Tariff, Use, tariff_from_document
from chalicelib.rating.figures import TaxRates
from chalicelib.rating.share import ShareRule
from tests.unit.billing.credits import NotesInMemory, NumbersInMemory, SellsInMemory, Stripe
from tests.unit.billing.payouts import PayoutsInMemory
from tests.unit.memory import Commits, InMemory, write

ACCOUNT = "acc-1"
ZONE = "UTC"
APRIL, MAY, JUNE, JULY = (Month(2021, number) for number in (4, 5, 6, 7))
LATER = datetime(2021, 12, 1, tzinfo=UTC)
SOURCES = re.compile(
    "(proof|settlement|invoice|credit-note|refund|payout|wallet-payout|wallet-refund|top-up|gift|stripe):.+"
)
"""What a posting is made of: a proof, which holds the lines of charge records, a document, or a movement of money."""


def tariff(product: str = "bike", currency: str = "EUR") -> Tariff:
    """A cent a unit, or whatever is the smallest; a ride's price is its quantity."""
    smallest = str(Money(1, currency).amount)
    return tariff_from_document(
        {
            "tariff_id": product if ":" in product else f"par-1:{product}",
            "version": 1,
            "currency": currency,
            "zone": ZONE,
            "tax_inclusive": True,
            "meters": [{"name": "cents", "unit": "x", "most_per_hour": "1000000"}],
            "prices": [
                {
                    "id": "all",
                    "kind": "package",
                    "meter": "cents",
                    "included": "0",
                    "size": "1",
                    "per_package": smallest,
                }
            ],
        }
    )


@dataclass
class Rides:
    """Satisfies `billing.ports.Used`. A ride costs so many cents; a correction changes that afterwards."""

    cents: dict[str, tuple[Month, str, int]] = field(default_factory=dict)
    adjusts: dict[Month, set[Month]] = field(default_factory=dict)
    currency: str = "EUR"

    def ridden(self, month: Month, *cents: int, product: str = "bike") -> list[str]:
        names = [f"{month}-{product}-{len(self.cents) + number:04d}" for number in range(len(cents))]
        self.cents |= {name: (month, product, each) for name, each in zip(names, cents, strict=True)}
        return names

    def corrected(self, name: str, cents: int, seen_in: Month) -> None:
        month, product, _ = self.cents[name]
        self.cents[name] = (month, product, cents)
        self.adjusts.setdefault(seen_in, set()).add(month)

    def cost(self) -> int:
        return sum(cents for _, _, cents in self.cents.values())

    def month(self, _account_id: str, month: Month, _now: datetime, _paid: Paid = NOTHING_STATED) -> MonthUsed:
        begin = month.interval(ZONE).start
        uses = [
            Use(
                name,
                tariff(product, self.currency),
                begin,
                begin + timedelta(seconds=number),
                open=False,
                quantities={"cents": Decimal(cents)},
            )
            for number, (name, (when, product, cents)) in enumerate(self.cents.items())
            if when == month
        ]
        return MonthUsed(uses, frozenset(use.use_id for use in uses))

    def adjusted_months(self, _account_id: str, month: Month) -> list[Month]:
        return sorted(self.adjusts.get(month, set()))

    def correcting_later(
        self, _account_id: str, month: Month, later: Iterable[Month], now: datetime
    ) -> Sequence[InMemory]:
        open_one = Month.of(now, ZONE)
        if not any(each < open_one for each in later):
            return []
        return [write(Conflict(), lambda: self.adjusts.setdefault(open_one, set()).add(month))]


class JournalInMemory:
    """Satisfies `ledger.ports.Ledger`."""

    def __init__(self) -> None:
        self.entries: dict[str, JournalEntry] = {}

    def posting(self, entry: JournalEntry) -> list[InMemory]:
        assert all(SOURCES.fullmatch(each.source) for each in sourced(entry).postings), entry
        return [
            write(
                EntryExists(),
                lambda: self.entries.update({entry.reference: entry}),
                holds=lambda: entry.reference not in self.entries,
            )
        ]

    def find(self, reference: str) -> JournalEntry | None:
        return self.entries.get(reference)

    def of_account(self, account_id: str) -> list[JournalEntry]:
        return [each for each in self.entries.values() if each.account_id == account_id]

    def sum_of(self, ledger_account: str) -> int:
        postings = [each for entry in self.entries.values() for each in entry.postings]
        assert not any(balance(postings).values())
        return sum(each.amount.minor for each in postings if each.ledger_account == ledger_account)


class BilledInMemory:
    """Satisfies what settling and collecting need of `billing.ports.Billed`."""

    def __init__(self) -> None:
        self.settled: dict[Month, Settlement] = {}
        self.was: dict[tuple[Month, int], Settlement] = {}
        self.made: dict[tuple[Month, int], Invoice] = {}
        self.held: dict[Month, Parked] = {}
        self.payers: dict[str, Payer] = {}
        self.stopped: Callable[[], bool] = lambda: False
        self.told, self.heads, self.chain = list[str](), list[ProofHead](), list[Mapping[str, object]]()
        self.charges, self.lost = dict[str, tuple[Month, int]](), list[Loss]()

    def paid_by(self, paid: Invoice, charge: str) -> InMemory:
        return write(Conflict(), lambda: self.charges.update({charge: (paid.month, paid.number)}))

    def paid_with(self, charge: str) -> Invoice | None:
        return self.made.get(self.charges[charge]) if charge in self.charges else None

    def last_proof(self, _account_id: str) -> ProofHead | None:
        return self.heads[-1] if self.heads else None

    def adding_proof(self, head: ProofHead, proof: Mapping[str, object]) -> list[InMemory]:
        def add() -> None:
            self.heads.append(head)
            self.chain.append(proof)

        return [write(SettlementChanged(), add, holds=lambda: all(each.number != head.number for each in self.heads))]

    def payer(self, account_id: str) -> Payer | None:
        return self.payers.get(account_id)

    def detaching(self, _account_id: str, method_id: str, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"detach {method_id}"))

    def watching(self, payer: Payer, expires: Month, _zone: str, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"watch {payer.payment_method} {expires}"))

    def telling_of_method(self, _account_id: str, method: PaymentMethod, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"{method.method_id} ends {method.expires}"))

    def saving_payer(self, payer: Payer) -> InMemory:
        before = self.payers.get(payer.account_id)
        version = before.version if before else 0
        return write(
            PayerChanged(),
            lambda: self.payers.update({payer.account_id: payer}),
            holds=lambda: version == payer.version - 1,
        )

    def settlements(self, _account_id: str) -> list[Settlement]:
        return [self.settled[month] for month in sorted(self.settled)]

    def settlements_named(self, names: Sequence[tuple[str, Month]]) -> list[Settlement]:
        return [self.settled[month] for _, month in names if month in self.settled]

    def settled_before(self, settlement: Settlement) -> Settlement | None:
        return self.was.get((settlement.month, settlement.version - 1))

    def saving_settlement(self, settlement: Settlement, before: Settlement | None = None) -> list[InMemory]:
        def save() -> None:
            self.settled[settlement.month] = settlement
            if before is not None and before.version:
                self.was[before.month, before.version] = before

        def same() -> bool:
            return getattr(self.settled.get(settlement.month), "version", 0) == settlement.version - 1

        return [write(SettlementChanged(), save, holds=same)]

    def invoice(self, account_id: str, month: Month, number: int) -> Invoice | None:
        found = self.made.get((month, number))
        return found if found is not None and found.account_id == account_id else None

    def invoices(self, _account_id: str, month: Month | None = None) -> list[Invoice]:
        return [each for key, each in sorted(self.made.items()) if month in (None, key[0])]

    def invoices_named(self, names: Sequence[tuple[str, Month, int]]) -> list[Invoice | None]:
        return [self.invoice(*each) for each in names]

    def adding_invoice(self, invoice: Invoice, _now: datetime) -> list[InMemory]:
        key = (invoice.month, invoice.number)
        return [
            write(SettlementChanged(), lambda: self.made.update({key: invoice}), holds=lambda: key not in self.made)
        ]

    def changing_invoice(self, invoice: Invoice, before: Invoice) -> InMemory:
        key = (invoice.month, invoice.number)
        return write(
            SettlementChanged(),
            lambda: self.made.update({key: invoice}),
            holds=lambda: _as_read(self.made[key]) == _as_read(before),
        )

    def collect_again(self, invoice: Invoice, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"collect {invoice.invoice_id}"))

    def losing(self, loss: Loss, _zone: str) -> InMemory:
        return write(Conflict(), lambda: self.lost.append(loss))

    def share_out(self, invoice: Invoice, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"share {invoice.invoice_id}"))

    def narrowing(self, _account_id: str, at: datetime, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"narrow {at:%m-%d %H:%M}"))

    def retrying(self, invoice: Invoice, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"retry {invoice.invoice_id} {invoice.retry_at:%m-%d %H:%M}"))

    def looking_when_due(self, invoice: Invoice, at: datetime, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"look {invoice.invoice_id} {at:%m-%d}"))

    def renewing_hold(self, _account_id: str, session_id: str, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"renew hold {session_id}"))

    def settle_again(self, _account_id: str, month: Month, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"settle {month}"))

    def settle_released(self, parked: Parked, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"settle {parked.month} {parked.decisions}"))

    def telling(self, invoice: Invoice, code: str, facts: dict[str, str], _now: datetime) -> InMemory:
        said = " ".join([code, invoice.invoice_id, *([facts["reason"]] if "reason" in facts else [])])
        return write(Conflict(), lambda: self.told.append(said))

    def to_collect(self, account_id: str, month: Month, number: int) -> ToCollect:
        found = self.invoice(account_id, month, number), self.payer(account_id), self.parked(account_id, month)
        return ToCollect(*found, self.stopped())

    def parked(self, _account_id: str, month: Month) -> Parked | None:
        return self.held.get(month)

    def parking(self, parked: Parked) -> list[InMemory]:
        return [write(Conflict(), lambda: self.held.update({parked.month: parked}))]


def _as_read(invoice: Invoice) -> tuple[object, ...]:
    return invoice.state, invoice.attempts, invoice.credited, invoice.part_paid, invoice.claimed


class SharesInMemory:
    """Satisfies `billing.share_ports.Shared` and `ShareRows`: rates, rules by partner and month, and rows."""

    def __init__(self) -> None:
        self.rates = TaxRates()
        self.rules: dict[str, ShareRule] = {}
        self.kept: dict[tuple[str, Month, str], ShareRow] = {}
        self.stated: dict[tuple[str, Month], PartnerStatement] = {}
        self.chain = BilledInMemory()
        self.chains = {"par-1": self.chain}

    def tax_rates(self, _month: Month) -> TaxRates:
        return self.rates

    def rule(self, partner_id: str, _month: Month) -> ShareRule | None:
        return self.rules.get(partner_id)

    def rows(self, partner_id: str, month: Month) -> list[ShareRow]:
        return [row for key, row in sorted(self.kept.items()) if key[:2] == (partner_id, month)]

    def saving_row(self, row: ShareRow) -> InMemory:
        key = (row.partner_id, row.month, row.account_id)
        return write(SettlementChanged(), lambda: self.kept.update({key: row}))

    def statement(self, partner_id: str, month: Month) -> PartnerStatement | None:
        return self.stated.get((partner_id, month))

    def saving_statement(self, stated: PartnerStatement) -> InMemory:
        key = (stated.partner_id, stated.month)

        def same() -> bool:
            before = self.stated.get(key)
            return (before.version if before else 0) == stated.version - 1

        return write(StatementChanged(), lambda: self.stated.update({key: stated}), holds=same)


class SideBySide(Commits):
    """Lets another worker settle once, after something was computed and before it is written."""

    def __init__(self, commits: Commits, other: Callable[[], object]) -> None:
        self.sizes = commits.sizes
        self.others = [other]

    def __call__(self, writes: Sequence[InMemory], outcome: Outcome) -> Outcome:
        if self.others:
            self.others.pop()()
        return super().__call__(writes, outcome)


@dataclass
class Books:
    """All of it, and settling."""

    rides: Rides = field(default_factory=Rides)
    billed: BilledInMemory = field(default_factory=BilledInMemory)
    journal: JournalInMemory = field(default_factory=JournalInMemory)
    shares: SharesInMemory = field(default_factory=SharesInMemory)
    payouts: PayoutsInMemory = field(default_factory=PayoutsInMemory)
    notes: NotesInMemory = field(default_factory=NotesInMemory)
    numbers: NumbersInMemory = field(default_factory=NumbersInMemory)
    stripe: Stripe = field(default_factory=Stripe)
    commit: Commits = field(default_factory=Commits)
    taxes: Taxing = field(default_factory=OwnTaxes)
    sells: SellsInMemory = field(default_factory=SellsInMemory)
    account: str = ACCOUNT

    def settle(self, month: Month, now: datetime = LATER, currency: str | None = None) -> Settled:
        return settle(
            self.account,
            month,
            currency or self.rides.currency,
            billed=self.billed,
            used=self.rides,
            ledger=self.journal,
            shared=self.shares,
            issuing=Issuing(self.notes, self.numbers, taxes=self.taxes, sells=self.sells),
            time_zone_data="2026b",
            now=now,
            commit=self.commit,
        )

    def crediting(self, collector: Any = None, now: datetime = LATER) -> Crediting:  # noqa: ANN401 -- any provider
        kept = (self.billed, self.notes, self.payouts, self.journal)
        return Crediting(*kept, collector or self.stripe, self.stripe, ZONE, now, self.commit)

    def stated(self, month: Month, now: datetime = LATER, partner: str = "par-1") -> PartnerStatement | None:
        """The partner's month; its chain of proofs is its own."""
        return state_month(
            partner,
            month,
            kept=self.shares,
            shared=self.shares,
            billed=self.shares.chains.setdefault(partner, BilledInMemory()),
            ledger=self.journal,
            payouts=self.payouts,
            now=now,
            commit=self.commit,
        )

    def invoiced(self) -> int:
        """What invoices came to, without what credit notes did."""
        return sum(each.total.minor for each in self.billed.made.values()) - self.credited()

    def credited(self) -> int:
        return sum(each.total.minor for each in self.notes.kept.values())

    def state(self) -> tuple[object, ...]:
        return (dict(self.billed.settled), dict(self.billed.made), dict(self.journal.entries), dict(self.billed.held))
