"""An account pays its bills by itself, within so many days: granted by a decision of finance, taken back by another.

The decision is finance's; a worker, which may talk with the provider, carries it out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.billing.errors import PayerGone
from chalicelib.billing.model import Invoice, InvoiceState, Payer
from chalicelib.billing.ports import Billed, Collector
from chalicelib.kernel.writes import Commit, Write

MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class PaymentTerm:
    """A decision: so many days, and where the provider sends bills; without days, as any other account."""

    account_id: str
    days: int | None
    email: str | None
    set_by: str
    set_at: datetime
    note: str
    version: int = 1


class Terms(Protocol):
    """Where decisions are kept."""

    def terms(self, account_id: str) -> Sequence[PaymentTerm]:
        """All decisions about an account, the newest first."""

    def setting(self, term: PaymentTerm) -> Sequence[Write]:
        """Store it, if its version is new, and have it carried out: otherwise `TermSet`."""

    def looking(self, named: Mapping[str, str], now: datetime) -> Write:
        """Have an invoice that is due, or soon is, looked at by who may talk with the provider."""

    def forgetting(self, account_id: str) -> Sequence[Write]:
        """For who leaves: what was decided and by whom stays, the addresses that bills went to do not."""


class Addressing(Protocol):
    """The payment provider. Each call may be repeated: it says the same thing under the same key."""

    def address(self, provider_customer: str, term: PaymentTerm) -> None:
        """Have the account's bills go to the term's address; `PayerGone` of one that was deleted there."""


def set_term(term: PaymentTerm, *, terms: Terms, commit: Commit) -> PaymentTerm:
    """Grant a term, change it, or take it back. The same again is no new decision."""
    known = next(iter(terms.terms(term.account_id)), None)
    if known is not None and (known.days, known.email) == (term.days, term.email):
        return known
    decided = PaymentTerm(
        term.account_id,
        term.days,
        term.email,
        term.set_by,
        term.set_at,
        term.note,
        version=known.version + 1 if known is not None else 1,
    )
    return commit(terms.setting(decided), decided)


def carry_out(
    account_id: str,
    *,
    terms: Terms,
    billed: Billed,
    collector: Collector,
    provider: Addressing,
    now: datetime,
    commit: Commit,
) -> Payer | None:
    """Bring the payer to what was decided last. Safe to repeat.

    Bills that waited for a payment method are sent; those that were sent before stay due when they were.
    """
    term, stored = next(iter(terms.terms(account_id)), None), billed.payer(account_id)
    payer = stored
    if term is None or (payer is None and term.days is None):
        return payer
    if payer is None:
        payer = Payer(account_id, collector.create_customer(account_id, 1))
    if term.days is not None:
        payer = _addressed(payer, term, collector, provider)
    elif payer.days_net is None:
        return payer
    waiting = [each for each in billed.invoices(account_id) if _waits_for_method(each)] if term.days else []
    again = [billed.collect_again(each, now) for each in waiting]
    if payer == stored and payer.days_net == term.days and not again:
        return payer
    after = payer.on_terms(term.days)
    return commit([billed.saving_payer(after), *again], after)


def _addressed(payer: Payer, term: PaymentTerm, collector: Collector, provider: Addressing) -> Payer:
    """Who was deleted at the provider is made there anew, and has no method there any more."""
    try:
        provider.address(payer.provider_customer, term)
    except PayerGone:
        anew = payer.anew(collector.create_customer(payer.account_id, payer.version + 1))
        provider.address(anew.provider_customer, term)
        return Payer(anew.account_id, anew.provider_customer, None, anew.failed, payer.version, anew.days_net)
    return payer


def _waits_for_method(invoice: Invoice) -> bool:
    return invoice.state in (InvoiceState.DUE, InvoiceState.FAILED) and invoice.provider_invoice is None
