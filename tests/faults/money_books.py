"""What a story leaves, at three places: our books, the account's statement, and Stripe; and where they disagree."""

from collections import Counter
from collections.abc import Iterator, Sequence

from chalicelib.billing.credit_model import RefundState
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.billing.paper_model import UNNAMED, Series
from chalicelib.billing.payout_model import MovementKind
from chalicelib.billing.statement import statement
from chalicelib.billing.triggers import Ended
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import DISPUTED, STRIPE_CLEARING, payable, receivable
from tests.faults.money_stories import ACCOUNT, JUNE, MAY, PARTNER
from tests.faults.money_world import MoneyWorld

MONTHS: tuple[Month, ...] = (MAY, JUNE)
_OWED = (InvoiceState.DUE, InvoiceState.FAILED)


def ledger_sums(world: MoneyWorld) -> Counter[str]:
    """By ledger account, of every entry there is."""
    sums: Counter[str] = Counter()
    for month in (Month(2021, number) for number in range(5, 9)):
        for entry in world.ledger.of_month(month):
            for each in entry.postings:
                sums[each.ledger_account] += each.amount.minor
    return sums


def left_by(world: MoneyWorld) -> list[str]:
    """In words that an undisturbed run shares, however long anything took."""
    rows = [
        f"invoice {each.invoice_id} {each.total} credited {each.credited} {each.state}" for each in _invoices(world)
    ]
    settled, notes = world.billed.settlements(ACCOUNT), world.issuing.notes
    rows += [f"settled {each.month} {each.posted} invoiced {each.invoiced} left {each.left}" for each in settled]
    rows += [
        f"note {note.note_id} {note.total} lowered {dict(note.lowered)} left {note.left}"
        for note in notes.notes(ACCOUNT)
    ]
    rows += [f"refund {each.number} {each.amount} {each.state}" for each in notes.refunds(ACCOUNT)]
    rows += [f"ledger {name} {minor}" for name, minor in ledger_sums(world).items() if minor]
    payer = world.billed.payer(ACCOUNT)
    rows.append(f"payer {payer and (sorted(payer.failed), payer.payment_method is not None)}")
    rows += [
        f"told {each.code} about {each.about}" for _, each in world.notices.of_account(ACCOUNT, limit=100, after=None)
    ]
    rows += [f"there {status} {number}" for status, number in _there(world).items()]
    return sorted(rows)


def _invoices(world: MoneyWorld) -> Sequence[Invoice]:
    return world.billed.invoices(ACCOUNT)


def _there(world: MoneyWorld) -> Counter[str]:
    """Stripe's side: invoices by status and amount, money taken, given back, held."""
    client, found = world.aside.v1, Counter[str]()
    for invoice in client.invoices.list({"limit": 100}).data:
        found[f"invoice {invoice.status} {invoice.total}"] += 1
    for charge in client.charges.list({"limit": 100}).data:
        if charge.captured and charge.status == "succeeded":
            found[f"taken {charge.amount_captured}"] += 1
    for refund in client.refunds.list({"limit": 100}).data:
        found[f"given back {refund.amount} {refund.status}"] += 1
    for transfer in client.transfers.list({"limit": 100}).data:
        found[f"sent on {transfer.amount} less {transfer.amount_reversed}"] += 1
    found["partners' accounts"] = len(client.accounts.list({"limit": 100}).data)
    return found


def wrong_in(world: MoneyWorld) -> Iterator[str]:
    """Where the three do not say the same, and what is left lying about."""
    yield from (f"stuck: {each}" for each in world.stuck)
    yield from (f"not done: {each['topic']['S']}" for each in world.stream if "topic" in each)
    sums, paid = ledger_sums(world), [each for each in _invoices(world) if each.state is InvoiceState.PAID]
    if sum(sums.values()):
        yield f"the ledger does not balance: {sums}"
    balance = world.stripe_books.balance().get("EUR", 0)
    if sums[STRIPE_CLEARING] != balance:
        yield f"ledger {sums[STRIPE_CLEARING]}, Stripe {balance}"
    owed = sum(each.asks.minor for each in _invoices(world) if each.state in _OWED)
    settled = world.billed.settlements(ACCOUNT)
    left = sum(each.left for each in settled)
    credit = sum(each.left for each in world.issuing.notes.notes(ACCOUNT))
    given_up = {each.invoice_id for each in _invoices(world) if each.state is InvoiceState.WRITTEN_OFF}
    if sums[receivable(ACCOUNT)] != owed + left - credit and not given_up:
        yield f"receivable {sums[receivable(ACCOUNT)]}, owed {owed}, carried {left}, credit {credit}"
    sent = [each for each in world.issuing.notes.refunds(ACCOUNT) if each.state is RefundState.SENT]
    kept = sum(each.asks.minor for each in paid) - sum(each.amount.minor for each in sent)
    collected = world.double.collected_total("EUR")
    if collected != kept and not sums[DISPUTED]:
        yield f"collected {collected}, invoices paid less refunds {kept}"
    yield from _charged_once(world)
    yield from _numbered(world)
    yield from _sent_once(world, sums)
    yield from _taxes(world, sums)
    stated = {each: statement(ACCOUNT, each, "EUR", used=Ended(world.used), now=world.clock) for each in MONTHS}
    total = sum(each.total.minor for each in stated.values())
    if total != sum(sum(each.posted.values()) for each in settled):
        yield f"stated {total}, settled {[each.posted for each in settled]}"
    if world.double.open_drafts():
        yield f"{world.double.open_drafts()} drafts left open"
    if world.double.held_total("EUR"):
        yield f"{world.double.held_total('EUR')} still held"
    yield from (f"parked: {each.reason} {each.facts}" for each in world.billed.all_parked(limit=10, after=None))


def _numbered(world: MoneyWorld) -> Iterator[str]:
    """None is missing of any seller's series, whatever broke."""
    default = world.issuing.numbers.default_seller() or UNNAMED
    kinds = {Series.INVOICE: _invoices(world), Series.CREDIT_NOTE: world.issuing.notes.notes(ACCOUNT)}
    for seller in {each.seller_id: each for each in (*world.issuing.numbers.sellers(), default)}.values():
        for series, documents in kinds.items():
            papers = [each.paper for each in documents if each.paper is not None]
            numbers = {each.number for each in papers if each.seller_id == seller.seller_id}
            last = world.issuing.numbers.last_number(seller.seller_id, series)
            if numbers != {seller.number_of(series, number) for number in range(1, last + 1)}:
                yield f"{series} of {seller.seller_id}: {sorted(numbers)}, {last} taken"


def _sent_once(world: MoneyWorld, sums: Counter[str]) -> Iterator[str]:
    """What Stripe has sent to partners is what our movements say, and what is payable yet waits."""
    moved = [each for month in MONTHS for each in world.payouts.moved(PARTNER, month.next)]
    moved += world.payouts.moved(PARTNER, MAY)
    ours = sum(each.amount.minor * (-1 if each.kind is MovementKind.REVERSAL else 1) for each in moved)
    theirs = sum(each.amount - each.amount_reversed for each in world.aside.v1.transfers.list({"limit": 100}).data)
    if ours != theirs:
        yield f"moved to partners {ours}, Stripe sent on {theirs}"
    waits = sum(each.amount.minor for each in world.payouts.dues(PARTNER, limit=100))
    if -sums[payable(PARTNER)] != waits:
        yield f"payable {-sums[payable(PARTNER)]}, waits {waits}"


def _taxes(world: MoneyWorld, sums: Counter[str]) -> Iterator[str]:
    """What Stripe Tax reports is what the ledger holds; but where a record was done and its name never came back."""
    sales = world.taxed_sales.of_account(ACCOUNT)
    yield from (f"not recorded: {sale.sale_id}" for sale in sales if not sale.is_recorded and sale.refused is None)
    refused = {sale.refused for sale in sales} - {None}
    posted = -sum(minor for name, minor in sums.items() if name.startswith("tax:") and name.count(":") > 1)
    reported = sum(world.double.tax_reported("EUR").values())
    if posted != reported and refused != {"unique_reference_violation"}:
        yield f"tax {posted} in the ledger, {reported} at Stripe, refused {refused}"


def _charged_once(world: MoneyWorld) -> Iterator[str]:
    """What paid each invoice at Stripe is what it asked for, to the cent."""
    for each in _invoices(world):
        if each.provider_invoice is None:
            continue
        there = world.aside.v1.invoices.retrieve(each.provider_invoice)
        asked = each.asks.minor if each.state is InvoiceState.PAID else 0
        if there.amount_paid != asked:
            yield f"{each.invoice_id} asked {asked}, paid {there.amount_paid}"
