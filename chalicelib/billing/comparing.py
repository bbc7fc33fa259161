"""Compare our books with the provider's, in both directions, and repair what webhooks did not tell us.

First its balance (each movement is matched, its fee posted), then its invoices, then ours, then cards that were saved,
at last the sums. A worker goes on until a page is full, and then leaves the rest to another; what is repaired is
written down in the transaction that repairs it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.billing.by_invoice import is_collected
from chalicelib.billing.comparison_model import (
    BY_THE_TIMER,
    COMPARED,
    OVERLAP,
    SETTLES_WITHIN,
    Comparison,
    Difference,
    Step,
    TheirInvoice,
)
from chalicelib.billing.comparison_ports import Comparisons, Named
from chalicelib.billing.dispute_model import UNDECIDED
from chalicelib.billing.errors import UnknownComparison
from chalicelib.billing.fees import Matching, match, noted
from chalicelib.billing.model import Invoice, InvoiceState, SavedCard
from chalicelib.kernel.writes import Commit
from chalicelib.ledger.accounts import STRIPE_CLEARING
from chalicelib.ledger.ports import Ledger
from chalicelib.ledger.trial import trial_balance_at

PAGE = 100
_AT_ONCE = 50
_TOLD_WITHIN = timedelta(days=4)
"""A webhook is tried for three days: a card that was being saved before is not told of any more."""


@dataclass(frozen=True, slots=True)
class Comparing:
    """What comparing goes by."""

    comparisons: Comparisons
    matching: Matching


def ask(asked_by: str, *, comparisons: Comparisons, now: datetime, commit: Commit) -> Comparison:
    """Have the books compared now; a second wish at the same instant is the same one."""
    known = comparisons.comparison(now)
    if known is not None:
        return known
    asked = Comparison(now, asked_by, version=1)
    return commit([comparisons.saving(asked), comparisons.going_on(asked, now)], asked)


def ask_by_timer(at: datetime, *, comparisons: Comparisons, ledger: Ledger, now: datetime, commit: Commit) -> None:
    """Have the books compared as of the timer's instant, once; of who has had no business yet there is nothing."""
    if not _no_business(at, comparisons, ledger):
        commit([comparisons.going_on(Comparison(at, BY_THE_TIMER), now)], None)


def _no_business(at: datetime, comparisons: Comparisons, ledger: Ledger) -> bool:
    """Whether nothing was billed, and no money has moved: what is paid ahead moves before anything is billed."""
    if comparisons.read_until() is not None or comparisons.issued(at - COMPARED, at, limit=1, after=None).rows:
        return False
    posted = (name for each in ledger.posted(at - COMPARED, at) for name, _ in each.balances)
    return STRIPE_CLEARING not in posted


def go_on(asked_at: datetime, asked_by: str, by: Comparing) -> Comparison:
    """Begin a comparison, or go on from where it is; what is behind a full page is left for the next message.

    Of two workers that are at it one is refused in the end, `ComparisonChanged`, and has done no harm.
    """
    found = by.comparisons.comparison(asked_at) or Comparison(asked_at, asked_by)
    if found.done_at is not None:
        return found
    now, found = by.matching.now, _begun(found, by)
    while found.step is not Step.DONE:
        differences, after = _STEPS[found.step](found, by)
        _say(found, differences, by)
        if after.after is not None:
            after = replace(after, version=found.version + 1)
            return by.matching.commit([by.comparisons.saving(after), by.comparisons.going_on(after, now)], after)
        found = replace(after, step=found.step.next)
    done = replace(found, version=found.version + 1, done_at=now)
    read = [by.comparisons.reading_until(asked_at)] if done.invoices or done.movements else []
    return by.matching.commit([by.comparisons.saving(done), *read], done)


def of_day(day: str, *, comparisons: Comparisons) -> Sequence[Comparison]:
    """The comparisons of a day."""
    found = comparisons.of_day(day)
    if not found:
        raise UnknownComparison(date=day[:40])
    return found


def _begun(found: Comparison, by: Comparing) -> Comparison:
    """From when on the balance is read. Who has had no business yet asks the provider nothing."""
    if found.since is not None:
        return found
    if _no_business(found.asked_at, by.comparisons, by.matching.ledger):
        return replace(found, since=found.asked_at, step=Step.DONE)
    until = by.comparisons.read_until()
    return replace(found, since=found.asked_at - COMPARED if until is None else until - OVERLAP)


def _say(found: Comparison, differences: Sequence[Difference], by: Comparing) -> None:
    said = [by.comparisons.noting(found.asked_at, each) for each in differences]
    for first in range(0, len(said), _AT_ONCE):
        by.matching.commit(said[first : first + _AT_ONCE], None)


def _balance(found: Comparison, by: Comparing) -> tuple[list[Difference], Comparison]:
    since = found.since if found.since is not None else found.asked_at
    read = by.matching.provider.moves(since, found.asked_at, found.after)
    matched = [match(each, by.matching) for each in read.rows]
    fees = sum(each.fee != 0 for each in read.rows)
    after = replace(found, movements=found.movements + len(read.rows), fees=found.fees + fees, after=read.after)
    return _only(matched), after


def _theirs(found: Comparison, by: Comparing) -> tuple[list[Difference], Comparison]:
    read = by.matching.provider.invoices(found.asked_at - COMPARED, found.asked_at, found.after)
    named = [each for each in read.rows if each.account_id]
    found_here = _named([each.named for each in named], by)
    judged = [_their_invoice(theirs, ours, by.matching) for theirs, ours in zip(named, found_here, strict=True)]
    return _only(judged), replace(found, invoices=found.invoices + len(read.rows), after=read.after)


def _ours(found: Comparison, by: Comparing) -> tuple[list[Difference], Comparison]:
    read = by.comparisons.issued(found.asked_at - COMPARED, found.asked_at, limit=PAGE, after=found.after)
    ours = [each for each in _named(read.rows, by) if each is not None]
    judged = [*(_our_invoice(each, by.matching) for each in ours), *_taxes(ours, found, by.matching)]
    others = [] if found.after is not None else [*_disputes(by.matching), *by.matching.accounts()]
    return [*_only(judged), *others], replace(found, after=read.after)


def _cards(found: Comparison, by: Comparing) -> tuple[list[Difference], Comparison]:
    """Cards that were saved and that no webhook told of."""
    read = by.matching.provider.setups(found.asked_at - _TOLD_WITHIN, found.asked_at, found.after)
    return _only([_card(each, by.matching) for each in read.rows]), replace(found, after=read.after)


def _card(card: SavedCard, by: Matching) -> Difference | None:
    found = Difference(card.payment_method, "card_not_noted", "noted", {"account_id": card.account_id})
    return found if by.card_found(card, by.noting(found)) else None


def _taxes(ours: Sequence[Invoice], found: Comparison, by: Matching) -> Iterator[Difference]:
    """Of accounts that were invoiced since the last comparison; the others were looked at by then."""
    since = found.since or found.asked_at
    for account_id in sorted({each.account_id for each in ours if each.issued_at >= since}):
        yield from by.taxes(account_id)


def _disputes(by: Matching) -> Iterator[Difference]:
    """Those that nobody has decided yet are read again: one that is lost moves no money, and so shows nowhere else."""
    for state in UNDECIDED:
        for each in by.disputes.listed(state, limit=PAGE, after=None):
            found = Difference(each.dispute_id, "dispute_not_noted", "noted", {"here": str(state)})
            if by.bring(each.dispute_id, by.noting(found)) is not None:
                yield found


def _named(names: Sequence[Named], by: Comparing) -> Sequence[Invoice | None]:
    """What comes of a page in one read: looked at each day, most of it has not changed."""
    return by.matching.billed.invoices_named(names) if names else []


def _sum(found: Comparison, by: Comparing) -> tuple[list[Difference], Comparison]:
    """Both sums are shown, not judged: what is paid meanwhile is in one of them sooner.

    They are as they were, and left out of the timer's comparisons, where nothing has moved.
    """
    if not found.movements and found.asked_by == BY_THE_TIMER:
        return [], found
    rows = trial_balance_at(by.matching.now, ledger=by.matching.ledger).rows
    clearing = {each.amount.currency: each.amount.minor for each in rows if each.ledger_account == STRIPE_CLEARING}
    return [], replace(found, clearing=clearing, balance=by.matching.provider.balance())


_STEPS = {Step.BALANCE: _balance, Step.THEIRS: _theirs, Step.OURS: _ours, Step.CARDS: _cards, Step.SUM: _sum}


def _only(found: Sequence[Difference | None]) -> list[Difference]:
    return [each for each in found if each is not None]


def _their_invoice(theirs: TheirInvoice, ours: Invoice | None, by: Matching) -> Difference | None:
    if ours is None or ours.provider_invoice != theirs.provider_invoice:
        return _stray(theirs, by)
    if theirs.status == "paid" and ours.state is InvoiceState.PAID:
        facts = {"here": str(ours.collected), "there": str(theirs.total)}
        return (
            None if theirs.total == ours.collected else Difference(ours.invoice_id, "total_differs", "reported", facts)
        )
    if ours.state is InvoiceState.PAID:
        return Difference(ours.invoice_id, "paid_here_alone", "reported", {"there": theirs.status})
    if ours.state is InvoiceState.WRITTEN_OFF and theirs.status != "paid":
        return _written_off(theirs, ours, by)
    return _unpaid_here(theirs, ours, by)


def _stray(theirs: TheirInvoice, by: Matching) -> Difference | None:
    """It says that it is ours, and is not what ours is: left by a worker that died before it could say so."""
    facts = {"account_id": theirs.account_id, "status": theirs.status, "total": str(theirs.total)}
    if theirs.status == "draft":
        if theirs.created > by.now - SETTLES_WITHIN:
            return None
        by.provider.discard_draft(theirs.provider_invoice)
        return Difference(theirs.provider_invoice, "forgotten_draft", "discarded", facts)
    if theirs.status in ("open", "paid"):
        return Difference(theirs.provider_invoice, "unknown_invoice", "reported", facts)
    return None


def _written_off(theirs: TheirInvoice, ours: Invoice, by: Matching) -> Difference | None:
    if theirs.status != "open":
        return None
    found = Difference(ours.invoice_id, "open_there", "given_up_again", {"provider_invoice": theirs.provider_invoice})
    return by.noting(found)([by.billed.giving_up(ours, by.now)], found)


def _unpaid_here(theirs: TheirInvoice, ours: Invoice, by: Matching) -> Difference | None:
    untold = theirs.status == "open" and theirs.attempted and ours.state is InvoiceState.DUE and ours.due_at is None
    if theirs.status in ("paid", "void", "uncollectible") or untold:
        stands = by.provider.invoice(theirs.provider_invoice)
        return noted(stands, ours, by) if stands is not None and not stands.under_way else None
    return _left_alone(ours, theirs.created, by)


def _our_invoice(ours: Invoice, by: Matching) -> Difference | None:
    if ours.state in (InvoiceState.PAID, InvoiceState.WRITTEN_OFF):
        return None
    if ours.provider_invoice is None:
        return _left_alone(ours, ours.issued_at, by)
    if by.provider.invoice(ours.provider_invoice) is None:
        facts = {"provider_invoice": ours.provider_invoice}
        return Difference(ours.invoice_id, "missing_there", "reported", facts)
    return None


def _left_alone(ours: Invoice, since: datetime, by: Matching) -> Difference | None:
    """What should have been collected by now is; but what waits for a card, an operator, or collection to go on."""
    if ours.state is not InvoiceState.DUE or ours.waits or since > by.now - SETTLES_WITHIN:
        return None
    payer, held = by.billed.payer(ours.account_id), by.billed.parked(ours.account_id, ours.month)
    if payer is None or not is_collected(ours, payer) or (held is not None and held.released_at is None):
        return None
    if by.stopped():
        return None
    found = Difference(ours.invoice_id, "not_collected", "collected_again")
    return by.noting(found)([by.billed.collect_again(ours, by.now)], found)
