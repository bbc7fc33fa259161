"""What the workers do about wallets. Each may run twice."""

from collections.abc import Callable, Mapping

from chalicelib.billing.gifts import give_back_gift, look_at_gift
from chalicelib.billing.paying_back import pay_out
from chalicelib.billing.topping_up import look_at_top_up, payment_changed
from chalicelib.billing.wallet import look_at_lot
from chalicelib.edge.settling_up import settle_up
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.wiring_wallet import bringing_of, paying_out_of

Facts = Mapping[str, str]


def due(facts: Facts, wired: BackOffice) -> None:
    """Have another worker do it, one that may change wallets and talk with Stripe."""
    said = {name: value for name, value in facts.items() if name not in {"then", "at"}}
    key = ":".join([*said.values(), facts["at"]])
    wired.commit([wired.wallets.asking(facts["then"], key, said, wired.now())], None)


def look_at_lot_again(facts: Facts, wired: BackOffice) -> None:
    """Tell of a lot that ends, or end it."""
    named, now = (facts["account_id"], facts["lot_id"]), wired.now()
    look_at_lot(*named, wallets=wired.wallets, now=now, commit=wired.commit)


def look_at_top_up_again(facts: Facts, wired: BackOffice) -> None:
    """Read again how a top-up stands."""
    look_at_top_up(facts["account_id"], facts["top_up_id"], bringing_of(wired, wired.now(), wired.commit))


def look_at_gift_again(facts: Facts, wired: BackOffice) -> None:
    """Put a gift into its wallet, or end it."""
    look_at_gift(facts["gift_id"], bringing_of(wired, wired.now(), wired.commit))


def gift_comes_back(facts: Facts, wired: BackOffice) -> None:
    """What is left of a gift is its buyer's again."""
    what = (facts["gift_id"], int(facts["minor"]), facts["turn"])
    give_back_gift(*what, bringing_of(wired, wired.now(), wired.commit))


def pay_wallet_out(facts: Facts, wired: BackOffice) -> None:
    """Bill what was used and is not billed yet, so that the wallet pays it; then pay out what is left of it."""
    account_id, turn = facts["account_id"], int(facts["turn"])
    if wired.wallets.wallet(account_id).done < turn:
        settle_up(account_id, wired)
    pay_out(account_id, turn, paying_out_of(wired, wired.now(), wired.commit))


def top_up_changed(payment: str, wired: BackOffice) -> None:
    """Bring our side to what Stripe says by now about a payment, if it is a top-up."""
    payment_changed(payment, bringing_of(wired, wired.now(), wired.commit))


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "billing.gift": look_at_gift_again,
    "billing.gift_back": gift_comes_back,
    "billing.lot": look_at_lot_again,
    "billing.top_up": look_at_top_up_again,
    "billing.wallet_due": due,
    "billing.wallet_payout": pay_wallet_out,
}
