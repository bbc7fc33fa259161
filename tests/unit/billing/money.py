"""Disputes, comparisons and the provider's side of the books, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from chalicelib.billing.cards import card_found
from chalicelib.billing.collecting import take_note
from chalicelib.billing.comparing import Comparing, ask, go_on
from chalicelib.billing.comparison_model import BalanceMove, Comparison, Difference, TheirInvoice
from chalicelib.billing.comparison_ports import Named, Read
from chalicelib.billing.dispute_model import Dispute, DisputeState, ProviderDispute
from chalicelib.billing.disputing import Disputing, bring
from chalicelib.billing.errors import ComparisonChanged, DisputeChanged
from chalicelib.billing.fees import Matching
from chalicelib.billing.model import Invoice, InvoiceLine, Payer, ProviderInvoice, SavedCard
from chalicelib.billing.paper_model import Paper, TaxRow
from chalicelib.billing.topping_up import Bringing
from chalicelib.billing.wallet import Purse
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Outcome
from chalicelib.ledger.model import Posted
from tests.unit.billing.books import ACCOUNT, MAY, ZONE, BilledInMemory, JournalInMemory
from tests.unit.billing.credits import NotesInMemory
from tests.unit.billing.payouts import PayoutsInMemory
from tests.unit.billing.wallets import Cards, TopUpsInMemory, WalletsInMemory
from tests.unit.memory import Commits, InMemory, write

NOW = datetime(2021, 6, 10, 13, tzinfo=UTC)
ISSUED = NOW - timedelta(days=9)
Row = TypeVar("Row")


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


def invoice(number: int = 1, minor: int = 1000, **but: object) -> Invoice:
    lines = (InvoiceLine("session", f"ses-{number}", euro(minor)),)
    made = Invoice(ACCOUNT, MAY, number, lines, euro(minor), ISSUED, provider_invoice=f"in_{number}")
    return replace(made, **but)


def paper(*taxes: TaxRow) -> Paper:
    return Paper("I-000001", "operator", 0, 0, taxes)


class BilledWithPayments(BilledInMemory):
    """With invoices by name, and what is given up."""

    def __init__(self, *made: Invoice) -> None:
        super().__init__()
        self.made = {(each.month, each.number): each for each in made}
        self.payers[ACCOUNT] = Payer(ACCOUNT, "cus_1", "pm_1", version=1)

    def giving_up(self, given_up: Invoice, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"give up {given_up.invoice_id}"))

    def writing_off(self, given_up: Invoice, who: str, note: str, now: datetime) -> list[InMemory]:
        kept = write(Conflict(), lambda: self.told.append(f"{who}: {note}"))
        return [kept, self.giving_up(given_up, now)]


class Journal(JournalInMemory):
    """With what the trial balance reads."""

    def kept_before(self, _at: datetime) -> None:
        return None

    def posted(self, _since: datetime, _until: datetime) -> list[Posted]:
        return [Posted(each.summed) for each in self.entries.values()]


class DisputesInMemory:
    """Satisfies what bringing needs of `dispute_ports.Disputes`."""

    def __init__(self) -> None:
        self.kept: dict[str, Dispute] = {}

    def dispute(self, dispute_id: str) -> Dispute | None:
        return self.kept.get(dispute_id)

    def listed(self, state: DisputeState | None, *, limit: int, after: str | None) -> list[Dispute]:
        assert (limit > 0, after) == (True, None)
        return [each for each in self.kept.values() if state in (None, each.state)]

    def saving(self, dispute: Dispute, before: Dispute | None) -> list[InMemory]:
        def same() -> bool:
            known = self.kept.get(dispute.dispute_id)
            return (known.version if known else 0) == (before.version if before else 0)

        return [write(DisputeChanged(), lambda: self.kept.update({dispute.dispute_id: dispute}), holds=same)]


class ComparisonsInMemory:
    """Satisfies what comparing needs of `comparison_ports.Comparisons`."""

    def __init__(self, billed: BilledWithPayments) -> None:
        self.billed = billed
        self.kept: dict[datetime, Comparison] = {}
        self.found: dict[tuple[datetime, str, str], Difference] = {}
        self.until: datetime | None = None
        self.messages = 0

    def comparison(self, asked_at: datetime) -> Comparison | None:
        return self.kept.get(asked_at)

    def saving(self, comparison: Comparison) -> InMemory:
        known = self.kept.get(comparison.asked_at)
        version = known.version if known else 0
        return write(
            ComparisonChanged(),
            lambda: self.kept.update({comparison.asked_at: comparison}),
            holds=lambda: version == comparison.version - 1,
        )

    def noting(self, asked_at: datetime, difference: Difference) -> InMemory:
        key = (asked_at, difference.about, difference.cause)
        return write(Conflict(), lambda: self.found.update({key: difference}))

    def going_on(self, _comparison: Comparison, _now: datetime) -> InMemory:
        def said() -> None:
            self.messages += 1

        return write(Conflict(), said)

    def read_until(self) -> datetime | None:
        return self.until

    def reading_until(self, instant: datetime) -> InMemory:
        return write(Conflict(), lambda: setattr(self, "until", instant))

    def issued(self, since: datetime, until: datetime, *, limit: int, after: str | None) -> Read[Named]:
        rows = sorted(each.invoice_id for each in self.billed.made.values() if since <= each.issued_at <= until)
        rest = [each for each in rows if after is None or each > after]
        known = {each.invoice_id: (each.account_id, each.month, each.number) for each in self.billed.made.values()}
        page = rest[:limit]
        return Read([known[each] for each in page], page[-1] if len(page) == limit else None)


@dataclass
class Provider:
    """Satisfies `comparison_ports.ProviderBooks` and `dispute_ports.DisputesAtProvider`, in pages of two."""

    moved: list[BalanceMove] = field(default_factory=list)
    listed: list[TheirInvoice] = field(default_factory=list)
    by_payment: dict[str, str] = field(default_factory=dict)
    disputed: dict[str, ProviderDispute] = field(default_factory=dict)
    discarded: list[str] = field(default_factory=list)
    saved: list[SavedCard] = field(default_factory=list)
    calls: int = 0

    def _page(self, rows: Sequence[Row], after: str | None) -> Read[Row]:
        self.calls += 1
        first = int(after or 0)
        last = first + 2
        return Read(rows[first:last], str(last) if last < len(rows) else None)

    def moves(self, since: datetime, until: datetime, after: str | None) -> Read[BalanceMove]:
        return self._page([each for each in self.moved if since <= each.at <= until], after)

    def invoices(self, _since: datetime, _until: datetime, after: str | None) -> Read[TheirInvoice]:
        return self._page(self.listed, after)

    def setups(self, _since: datetime, _until: datetime, after: str | None) -> Read[SavedCard]:
        return self._page(self.saved, after)

    def balance(self) -> dict[str, int]:
        self.calls += 1
        return {"EUR": sum(each.amount.minor - each.fee for each in self.moved)}

    def invoice(self, provider_invoice: str) -> ProviderInvoice | None:
        self.calls += 1
        found = next((each for each in self.listed if each.provider_invoice == provider_invoice), None)
        return _read(found) if found is not None and found.account_id else None

    def invoice_paid_by(self, payment: str) -> ProviderInvoice | None:
        return self.invoice(self.by_payment.get(payment, ""))

    def discard_draft(self, provider_invoice: str) -> None:
        self.discarded.append(provider_invoice)
        self.listed = [each for each in self.listed if each.provider_invoice != provider_invoice]

    def dispute(self, dispute_id: str) -> ProviderDispute | None:
        return self.disputed.get(dispute_id)

    def has(self, number: int, status: str, minor: int = 1000, *, attempted: bool = True) -> None:
        """An invoice of ours stands so; if it is paid, the money has come."""
        name = f"in_{number}"
        self.listed = [each for each in self.listed if each.provider_invoice != name]
        made = TheirInvoice(name, status, euro(minor), attempted, ISSUED, ACCOUNT, MAY, number)
        self.listed.append(made)
        if status == "paid":
            self.by_payment[f"pi_{number}"] = name
            self.moves_money("charge", minor, f"ch_{number}", fee=40, payment=f"pi_{number}")

    def moves_money(self, kind: str, minor: int, source: str, **more: object) -> None:
        number = len(self.moved) + 1
        move = BalanceMove(f"txn_{number}", kind, euro(minor), 0, NOW - timedelta(hours=2), source)
        self.moved.append(replace(move, **more))


def _read(found: TheirInvoice) -> ProviderInvoice:
    paid = found.status == "paid"
    return ProviderInvoice(
        provider_invoice=found.provider_invoice,
        account_id=found.account_id,
        month=found.month,
        number=found.number,
        status=found.status,
        total=found.total,
        paid=found.total if paid else euro(0),
        attempted=found.attempted,
        paid_at=NOW if paid else None,
        decline_code=None if paid else "lost_card",
        charges=(f"ch_{found.number}",) if paid else (),
    )


class Dies(Commits):
    """Writes so many times, and then no more: the process is gone."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def __call__(self, writes: Sequence[InMemory], outcome: Outcome) -> Outcome:
        if self.left == 0:
            raise ProcessGoneError
        self.left -= 1
        return super().__call__(writes, outcome)


class ProcessGoneError(Exception):
    """The worker died."""


@dataclass
class Account:
    """All of it."""

    billed: BilledWithPayments = field(default_factory=BilledWithPayments)
    journal: Journal = field(default_factory=Journal)
    disputes: DisputesInMemory = field(default_factory=DisputesInMemory)
    provider: Provider = field(default_factory=Provider)
    payouts: PayoutsInMemory = field(default_factory=PayoutsInMemory)
    notes: NotesInMemory = field(default_factory=NotesInMemory)
    wallets: WalletsInMemory = field(default_factory=WalletsInMemory)
    top_ups: TopUpsInMemory = field(default_factory=TopUpsInMemory)
    cards: Cards = field(default_factory=Cards)
    commit: Commits = field(default_factory=Commits)
    stopped: bool = False

    def __post_init__(self) -> None:
        self.comparisons = ComparisonsInMemory(self.billed)

    def take_note(self, stands: ProviderInvoice, commit: Commits | None = None) -> Invoice | None:
        kept = {"billed": self.billed, "ledger": self.journal, "notes": self.notes}
        return take_note(stands, zone=ZONE, now=NOW, commit=commit or self.commit, **kept)

    def bring(self, dispute_id: str, commit: Commits | None = None) -> Dispute | None:
        purse = Purse(self.wallets, self.billed, self.journal, ZONE)
        bringing = Bringing(purse, self.top_ups, self.cards, NOW, commit or self.commit)
        return bring(dispute_id, Disputing(self.disputes, self.provider, bringing))

    def compare(self, asked_at: datetime = NOW) -> dict[str, tuple[str, str]]:
        """Ask, and go on until it is done, as the messages would; what differed, by what it is about."""
        if asked_at not in self.comparisons.kept:
            ask("fred", comparisons=self.comparisons, now=asked_at, commit=self.commit)
        while self.comparisons.kept[asked_at].done_at is None:
            go_on(asked_at, "fred", self.comparing(asked_at))
        return self.differences(asked_at)

    def differences(self, asked_at: datetime = NOW) -> dict[str, tuple[str, str]]:
        found = self.comparisons.found.items()
        return {about: (each.cause, each.done) for (run, about, _), each in found if run == asked_at}

    def comparing(self, asked_at: datetime) -> Comparing:
        def noting(difference: Difference) -> Callable[..., object]:
            def commit(writes: list[InMemory], outcome: Outcome) -> Outcome:
                return self.commit([*writes, self.comparisons.noting(asked_at, difference)], outcome)

            return commit

        matching = Matching(
            provider=self.provider,
            billed=self.billed,
            ledger=self.journal,
            payouts=self.payouts,
            disputes=self.disputes,
            take_note=self.take_note,
            bring=self.bring,
            note_refund=lambda refund, _commit: {"re_known": False, "re_news": True}.get(refund),
            zone=ZONE,
            now=asked_at,
            commit=self.commit,
            noting=noting,
            stopped=lambda: self.stopped,
            card_found=partial(card_found, billed=self.billed, zone=ZONE, now=asked_at),
        )
        return Comparing(self.comparisons, matching)

    def books(self) -> tuple[object, ...]:
        entries = {name: each.postings for name, each in self.journal.entries.items()}
        states = {each.invoice_id: each.state for each in self.billed.made.values()}
        return entries, states, {name: each.state for name, each in self.disputes.kept.items()}
