"""What the workers do for partners: state their months, send what is payable. Each may run twice."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from chalicelib.billing.model import Invoice
from chalicelib.billing.onboarding import account_changed
from chalicelib.billing.paying_out import PayingOut, pay_out
from chalicelib.billing.sharing_out import Held, share_out
from chalicelib.billing.stating import state_month
from chalicelib.edge.reacting_settling import have_stated
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.workers import invoice_named
from chalicelib.kernel.time import Month
from chalicelib.ledger.errors import BalanceKept
from chalicelib.ledger.trial import keep_balance

Facts = Mapping[str, str]


def state_partner(facts: Facts, wired: BackOffice) -> None:
    """State a partner's month."""
    state_month(
        facts["partner_id"],
        Month.parse(facts["month"]),
        kept=wired.share_rows,
        shared=wired.shared,
        billed=wired.billed,
        ledger=wired.ledger,
        payouts=wired.payouts,
        now=wired.now(),
        commit=wired.commit,
    )


def _of_the_close(month: Month, wired: BackOffice) -> set[tuple[str, Month]]:
    """The partners, with the months, that its settlements took a share of, or that have a minimum of it."""
    months = {pair for page in wired.closes.pages(month) for pair in page.shares}
    rules = ((each, wired.shared.rule(each, month)) for each in wired.shares_agreed.sharing_partners())
    return months | {(each, month) for each, rule in rules if rule is not None and rule.minimum}


def state_before_export(month: Month, wired: BackOffice) -> None:
    """State the month of each partner that was not stated yet: what that books belongs to the month's first export."""
    for partner_id, stated in sorted(_of_the_close(month, wired)):
        if stated == month and wired.share_rows.statement(partner_id, month) is None:
            state_partner({"partner_id": partner_id, "month": str(month)}, wired)


def closed(facts: Facts, wired: BackOffice) -> None:
    """Have the partners' months stated, and keep a balance from which trial balances go on."""
    have_stated(_of_the_close(Month.parse(facts["month"]), wired), wired)
    kept = keep_balance(wired.now(), ledger=wired.ledger)
    if kept is not None:
        with suppress(BalanceKept):
            wired.commit([wired.ledger.keeping(kept)], None)


def share_invoice(facts: Facts, wired: BackOffice) -> None:
    """Have the shares of a paid invoice wait for their partners."""
    kept: Any = {"billed": wired.billed, "payouts": wired.payouts, "held_of": partial(_held, wired)}
    share_out(*invoice_named(facts), **kept, now=wired.now(), commit=wired.commit)


def _held(wired: BackOffice, invoice: Invoice) -> Held:
    """What holds paid of it, in their order."""
    found = wired.holds.of_invoice(invoice.account_id, invoice.invoice_id)
    return [(each.intent, each.captured) for each in found if each.intent is not None and each.captured]


def pay_partner(facts: Facts, wired: BackOffice) -> None:
    """Send what waits for a partner."""
    by = PayingOut(
        payouts=wired.payouts,
        provider=wired.partner_payments,
        ledger=wired.ledger,
        zone=wired.settings.zone,
        now=wired.now(),
        commit=wired.commit,
    )
    pay_out(facts["partner_id"], by)


def partner_account(provider_account: str, wired: BackOffice) -> None:
    """Bring our side of a partner's account to what Stripe says by now."""
    account_changed(
        provider_account,
        payouts=wired.payouts,
        provider=wired.partner_payments,
        now=wired.now(),
        commit=wired.commit,
    )


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "billing.pay_out": pay_partner,
    "billing.share_out": share_invoice,
    "billing.state": state_partner,
    "finance.closed": closed,
}
