"""What credit goes into the wallet: what the wallet paid, to the lots that paid it; then what is kept as credit."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.billing.credit_model import BackAs, CreditNote
from chalicelib.billing.crediting import Crediting, sharing
from chalicelib.billing.model import Invoice
from chalicelib.billing.wallet import Purse, back_left
from chalicelib.kernel.money import Money


def into_wallet(account_id: str, by: Crediting) -> None:
    """Put open credit where the wallet has a claim to it. Safe to repeat from any point."""
    if by.purse is None:
        return
    while _put_next(account_id, by.purse, by):
        pass


def _put_next(account_id: str, purse: Purse, by: Crediting) -> bool:
    """One note's next part, in one transaction; whether there was one."""
    choice = by.notes.money_back(account_id).choice
    found = [each for each in by.notes.notes(account_id) if each.is_open]
    invoices = by.billed.invoices(account_id) if found else ()
    for note in sorted(found, key=lambda each: (each.against is None, each.issued_at)):
        invoice = _paid_from_wallet(note, invoices)
        if invoice is not None:
            return _back(note, invoice, purse, by)
        if (note.choice or choice) is BackAs.CREDIT and note.against is None:
            return _kept(note, purse, by)
    return False


def _paid_from_wallet(note: CreditNote, invoices: Sequence[Invoice]) -> Invoice | None:
    """The newest of which something can go back; none for a note whose lot is being paid out."""
    if note.turns:
        return None
    same = [each for each in invoices if note.fits(each)]
    found = [each for each in same if back_left(each) and note.against in {None, each.invoice_id}]
    return max(found, key=lambda each: (each.paid_at or each.issued_at, each.invoice_id), default=None)


def _back(note: CreditNote, invoice: Invoice, purse: Purse, by: Crediting) -> bool:
    minor = min(note.left, back_left(invoice))
    then, shared = sharing(note.going_back(minor), invoice, by)
    _, writes = purse.back(invoice, minor, note.note_id, by.now)
    facts = {"amount": str(Money(minor, note.total.currency)), "refund": f"wallet:{then.version}"}
    told = by.notes.telling(note, "wallet_given_back", facts, by.now)
    return by.commit([by.notes.changing_note(then), *writes, *shared, told], outcome=True)


def _kept(note: CreditNote, purse: Purse, by: Crediting) -> bool:
    amount, then = Money(note.left, note.total.currency), note.keeping()
    then, shared = sharing(then, None, by)
    writes = purse.keep(note.account_id, note.note_id, then.turns, amount, by.now)
    return by.commit([by.notes.changing_note(replace(then, choice=BackAs.CREDIT)), *writes, *shared], outcome=True)
