"""The one place that makes journal entries: what billing has decided, as postings that name their source."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from chalicelib.billing import differences
from chalicelib.billing.model import Invoice, ProofHead, Settlement
from chalicelib.billing.partner_statement import PartnerStatement
from chalicelib.billing.parts import products_in, share_in, taxes_in
from chalicelib.billing.payout_model import Movement, MovementKind
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger import accounts
from chalicelib.ledger.model import JournalEntry, Posting, settlement_reference

SETTLEMENT = "settlement"
PAYMENT = "payment"
TRUE_UP = "share"
Source = Callable[[Month], str]


def proof_source(account_id: str, number: int) -> str:
    """A proof, which holds the lines of each charge record that it was made of."""
    return f"proof:{account_id}:{number}"


def invoice_source(invoice_id: str) -> str:
    """An invoice."""
    return f"invoice:{invoice_id}"


def settlement_entry(
    before: Settlement, after: Settlement, document: str | None, proofs: Mapping[Month, ProofHead], now: datetime
) -> JournalEntry | None:
    """What a settlement changed: receivable against revenue and tax, and the partners' shares against what is pending.

    `document` is the source that says what the account owes: an invoice or a credit note. None where nothing changed.
    """
    reference = settlement_reference(after.account_id, after.month, after.version)
    postings: list[Posting] = []
    for month, changed, parts in _changes(before, after):
        source = proof_source(after.account_id, proofs[month].number) if month in proofs else reference
        postings += _of_month(changed, parts, after.currency, source)
    owed = -sum(each.amount.minor for each in postings)
    postings.insert(
        0, Posting(accounts.receivable(after.account_id), Money(owed, after.currency), document or reference)
    )
    kept = tuple(each for each in postings if each.amount.minor)
    return JournalEntry(reference, SETTLEMENT, after.account_id, after.month, now, kept) if kept else None


def _changes(before: Settlement, after: Settlement) -> Iterable[tuple[Month, differences.Sums, differences.Sums]]:
    """By month of use: what changed of its charges, and of their parts."""
    found: dict[Month, list[dict[str, int]]] = {}
    for place, view in enumerate((differences.charges, differences.parts)):
        was, now = dict(view(before).by_month), dict(view(after).by_month)
        for month in {**now, **was}:
            changed = differences.difference(now.get(month, {}), was.get(month, {}))
            found.setdefault(month or after.month, [{}, {}])[place] = changed
    return [(month, changed, parts) for month, (changed, parts) in sorted(found.items())]


def _of_month(changed: differences.Sums, parts: differences.Sums, currency: str, source: str) -> list[Posting]:
    postings: list[Posting] = []

    def post(account: str, minor: int) -> None:
        if minor:
            postings.append(Posting(account, Money(minor, currency), source))

    for product in sorted({*changed, *products_in(parts)}):
        taxes = taxes_in(parts, product)
        post(accounts.revenue(product), sum(taxes.values()) - changed.get(product, 0))
        for rate, minor in taxes.items():
            post(accounts.tax(rate), -minor)
        due = share_in(parts, product)
        post(accounts.share_cost(product), due)
        post(accounts.payable_pending(product.partition(":")[0]), -due)
    return postings


def payment_entry(invoice: Invoice, paid_at: datetime, zone: str, now: datetime) -> JournalEntry | None:
    """A payment: what Stripe holds now is owed no more, and the partners' shares in it are payable.

    None of an invoice that was credited wholly and has no shares. What holds paid before is posted already.
    """
    source = invoice_source(invoice.invoice_id)
    currency = invoice.total.currency
    postings = _received(invoice, invoice.rest) if invoice.rest.minor else []
    for partner_id, minor in sorted(invoice.shares.items()):
        postings += _due_now(partner_id, Money(minor, currency), source)
    reference = f"{PAYMENT}:{invoice.invoice_id}"
    if not postings:
        return None
    return JournalEntry(reference, PAYMENT, invoice.account_id, Month.of(paid_at, zone), now, tuple(postings))


def part_payment_entry(invoice: Invoice, name: str, paid: Money, period: Month, now: datetime) -> JournalEntry:
    """What a hold of that name has paid of an invoice whose rest is still owed. Shares follow with the rest."""
    reference = f"{PAYMENT}:{invoice.invoice_id}:{name}"
    return JournalEntry(reference, PAYMENT, invoice.account_id, period, now, tuple(_received(invoice, paid)))


def _received(invoice: Invoice, paid: Money) -> list[Posting]:
    source = invoice_source(invoice.invoice_id)
    return [
        Posting(accounts.STRIPE_CLEARING, paid, source),
        Posting(accounts.receivable(invoice.account_id), -paid, source),
    ]


def _due_now(partner_id: str, share: Money, source: str) -> list[Posting]:
    """What was pending is payable."""
    return [
        Posting(accounts.payable_pending(partner_id), share, source),
        Posting(accounts.payable(partner_id), -share, source),
    ]


def true_up_entry(stated: PartnerStatement, changes: Mapping[str, int]) -> JournalEntry | None:
    """What a partner's month adds to, or takes off, what its bills made of the share, by product: payable now."""
    if not changes:
        return None
    source = proof_source(stated.partner_id, stated.proof)
    owner = f"{stated.partner_id}:"
    postings = [
        Posting(accounts.share_cost(product or owner), Money(minor, stated.currency), source)
        for product, minor in sorted(changes.items())
    ]
    if sum(changes.values()):
        owed = Money(-sum(changes.values()), stated.currency)
        postings.append(Posting(accounts.payable(stated.partner_id), owed, source))
    reference = f"{TRUE_UP}:{stated.partner_id}:{stated.month}:{stated.version}"
    return JournalEntry(reference, TRUE_UP, stated.partner_id, stated.month, stated.stated_at, tuple(postings))


def movement_entry(movement: Movement, period: Month, now: datetime) -> JournalEntry:
    """Money that left Stripe's balance for a partner, or came back from one."""
    source = f"payout:{movement.movement_id}"
    sent = movement.amount if movement.kind is MovementKind.TRANSFER else -movement.amount
    postings = (
        Posting(accounts.payable(movement.partner_id), sent, source),
        Posting(accounts.STRIPE_CLEARING, -sent, source),
    )
    reference = f"{movement.kind}:{movement.movement_id}"
    return JournalEntry(reference, str(movement.kind), movement.partner_id, period, now, postings)
