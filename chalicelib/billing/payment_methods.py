"""An account's payment methods: which it has, which is charged, which goes, and which is good no longer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing import differences
from chalicelib.billing.cards import charge_from_now_on, holding_again
from chalicelib.billing.declining import Decline, kind_of
from chalicelib.billing.errors import DefaultMethod, PayerGone, StillOwed, UnknownMethod
from chalicelib.billing.method_ports import Claims, Fees, Openings, PaymentMethods
from chalicelib.billing.model import InvoiceState, Payer, PaymentMethod
from chalicelib.billing.owed_model import UNDECIDED
from chalicelib.billing.ports import Billed, Used
from chalicelib.billing.statement import statement
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit


@dataclass(frozen=True, slots=True)
class Paying:
    """What changes how an account pays."""

    billed: Billed
    methods: PaymentMethods
    zone: str
    now: datetime
    commit: Commit


@dataclass(frozen=True, slots=True)
class Wallet:
    """An account's methods, the newest first, and which of them is charged."""

    methods: Sequence[PaymentMethod]
    default: str | None


def wallet_of(account_id: str, *, paying: Paying) -> Wallet:
    """As the provider has them; an account that never saved one has none, and the provider is not asked."""
    payer = paying.billed.payer(account_id)
    if payer is None:
        return Wallet((), None)
    try:
        return Wallet(paying.methods.of_customer(payer.provider_customer), payer.payment_method)
    except PayerGone:
        return Wallet((), None)


def choose_method(account_id: str, method_id: str, *, paying: Paying) -> Wallet:
    """Charge this one from now on, and collect with it whatever is unpaid. A repeat changes nothing.

    Where it is charged already and could not hold what it was asked to, it is asked again: there may be money by now.
    """
    payer, wallet = _own(account_id, method_id, paying)
    if payer.payment_method == method_id:
        return paying.commit(holding_again(payer, paying.billed, paying.now), wallet)
    method = next(each for each in wallet.methods if each.method_id == method_id)
    writes = charge_from_now_on(payer, method, billed=paying.billed, zone=paying.zone, now=paying.now)
    return paying.commit(writes, Wallet(wallet.methods, method_id))


def remove_method(
    account_id: str,
    method_id: str,
    currency: str,
    *,
    paying: Paying,
    openings: Openings,
    used: Used,
    fees: Fees,
    claims: Claims,
) -> Wallet:
    """Take a method away; a worker tells the provider.

    The one that is charged goes last, and only where nothing is open, unpaid or still to be billed, nothing is claimed
    that is not decided about, and no fee goes on: otherwise another has to be chosen before.
    """
    payer, wallet = _own(account_id, method_id, paying)
    left = Wallet([each for each in wallet.methods if each.method_id != method_id], None)
    gone = paying.billed.detaching(account_id, method_id, paying.now)
    if payer.payment_method != method_id:
        return paying.commit([gone], Wallet(left.methods, payer.payment_method))
    if left.methods:
        raise DefaultMethod(method_id=method_id)
    claimed = any(each.state in UNDECIDED for each in claims.of_account(account_id))
    if claimed or fees.will_cost(account_id, paying.now) or _owes(account_id, currency, paying, used):
        raise StillOwed
    return paying.commit(
        [
            paying.billed.saving_payer(payer.without_method(paying.now)),
            openings.none_open(account_id, StillOwed()),
            gone,
        ],
        left,
    )


def detach_method(account_id: str, method_id: str, *, billed: Billed, methods: PaymentMethods) -> None:
    """Have the provider forget it, unless it is charged after all: it was chosen again meanwhile."""
    payer = billed.payer(account_id)
    if payer is None or payer.payment_method != method_id:
        methods.detach(method_id)


def tell_expiring(account_id: str, method_id: str, expires: Month, *, paying: Paying) -> None:
    """Tell the account that what it is charged by ends; of one that its bank has renewed, before that ends."""
    payer = paying.billed.payer(account_id)
    if payer is None or payer.payment_method != method_id:
        return
    method = paying.methods.find(method_id)
    if method is None or method.expires is None:
        return
    if method.expires > expires:
        paying.commit([paying.billed.watching(payer, method.expires, paying.zone, paying.now)], None)
        return
    paying.commit([paying.billed.telling_of_method(account_id, method, paying.now)], None)


def method_renewed(method_id: str, *, paying: Paying) -> None:
    """A network has told the provider of a new card in the place of what is charged: its end is watched anew.

    What failed because only another card could help is tried with it.
    """
    owned = paying.methods.owned(method_id)
    payer = paying.billed.payer(owned[0]) if owned is not None else None
    if owned is None or payer is None or payer.payment_method != method_id:
        return
    expires = owned[1].expires
    watch = [paying.billed.watching(payer, expires, paying.zone, paying.now)] if expires is not None else []
    failed = [each for each in paying.billed.invoices(payer.account_id) if each.state is InvoiceState.FAILED]
    helped = [each for each in failed if not each.waits and kind_of(each.decline_code, None) is Decline.ANOTHER_METHOD]
    again = [paying.billed.collect_again(each, paying.now) for each in helped]
    paying.commit([*watch, *again, *holding_again(payer, paying.billed, paying.now)], None)


def _own(account_id: str, method_id: str, paying: Paying) -> tuple[Payer, Wallet]:
    payer = paying.billed.payer(account_id)
    if payer is None:
        raise UnknownMethod(method_id=method_id[:64])
    wallet = Wallet(paying.methods.of_customer(payer.provider_customer), payer.payment_method)
    if method_id not in {each.method_id for each in wallet.methods}:
        raise UnknownMethod(method_id=method_id[:64])
    return payer, wallet


def _owes(account_id: str, currency: str, paying: Paying, used: Used) -> bool:
    """Whether an invoice is unpaid, or this month's or the last one's use is not billed as it stands.

    What is too small to collect stays carried, and keeps nobody.
    """
    if any(each.state is not InvoiceState.PAID for each in paying.billed.invoices(account_id)):
        return True
    month = Month.of(paying.now, paying.zone)
    known = {each.month: each for each in paying.billed.settlements(account_id)}
    for each in (month.previous, month):
        stated = statement(account_id, each, currency, used=used, now=paying.now)
        taken = differences.billed(each, known, differences.charges)
        if differences.difference(stated.by_product, taken):
            return True
    return False
