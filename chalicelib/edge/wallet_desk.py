"""The mobile door's routes of my wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.customers.model import Right
from chalicelib.edge import wallet_shapes as shapes
from chalicelib.edge.acting_for import acting
from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.lazily import lazily
from chalicelib.edge.oidc import Claims
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.refusals import QueryInvalid
from chalicelib.edge.routes import PAYS, get, post
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from chalicelib.billing import gifts, paying_back, topping_up
    from chalicelib.edge import wiring_wallet
    from chalicelib.edge.wiring import Wiring
else:
    gifts = lazily("chalicelib.billing.gifts")
    paying_back = lazily("chalicelib.billing.paying_back")
    topping_up = lazily("chalicelib.billing.topping_up")
    wiring_wallet = lazily("chalicelib.edge.wiring_wallet")

_MOST_DIGITS = 8


def number_in(query: PageQuery) -> int:
    """Behind which entry to go on."""
    after = query.after or "0"
    if not (after.isdecimal() and after.isascii() and len(after) <= _MOST_DIGITS):
        raise QueryInvalid(pointer="/after", reason="the number of an entry")
    return int(after)


class WalletDesk:
    """What pays my bills before my card does."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _account(self, call: Call[Claims, Any]) -> str:
        return acting(call, self._wired).account_id

    def _wish(self, call: Call[Claims, shapes.TopUpBody]) -> topping_up.Wish:
        account_id = self._account(call)
        with pointing_at("amount"):
            amount = Money.of(call.body.amount, self._wired.settings.currency)
        wiring_wallet.check_offers(call.body.partner, self._wired.catalogue)
        return topping_up.Wish(account_id, amount, call.body.partner, call.idempotency_key)

    @get("/v1/wallet", needs=Right.READ)
    def wallet(self, call: Call[Claims, None]) -> shapes.WalletShown:
        """What is in my wallet, by kind, in the order in which it pays, and what ends when."""
        return shapes.show_purse(self._wired.wallets.wallet(self._account(call)), call.now)

    @get("/v1/wallet/entries", needs=Right.READ, query=PageQuery)
    def wallet_entries(self, call: Call[Claims, None]) -> Page[shapes.EntryShown]:
        """All that has changed it, the first one first."""
        query = call.query
        rows = self._wired.wallets.moves(self._account(call), limit=query.limit, after=number_in(query))
        return paged(rows, query, shapes.show_entry, lambda each: str(each.number))

    @post(
        "/v1/wallet/top-ups",
        needs=Right.PAY,
        takes=shapes.TopUpBody,
        shows=shapes.show_top_up,
        status=202,
        refuses=PAYS,
    )
    def top_up(self, call: Call[Claims, shapes.TopUpBody]) -> topping_up.Asked:
        """Put money in, with the card that is charged. It is there once Stripe has told us that it is paid."""
        return topping_up.top_up(self._wish(call), wiring_wallet.asking_of(self._wired, call.now, call.commit))

    @post(
        "/v1/wallet/gifts",
        needs=Right.PAY,
        takes=shapes.TopUpBody,
        shows=shapes.show_bought,
        saves=shapes.show_bought_again,
        status=202,
        refuses=PAYS,
    )
    def buy_gift(self, call: Call[Claims, shapes.TopUpBody]) -> topping_up.Asked:
        """Buy a gift: its code is shown this once, and good as soon as it is paid."""
        asking = wiring_wallet.asking_of(self._wired, call.now, call.commit)
        return topping_up.buy_gift(self._wish(call), self._wired.random_bytes, asking)

    @post("/v1/wallet/redeem", needs=Right.PAY, takes=shapes.RedeemBody, shows=shapes.show_redeemed, status=202)
    def redeem(self, call: Call[Claims, shapes.RedeemBody]) -> Any:  # noqa: ANN401 -- loaded when it is needed
        """Take what a gift's code is good for."""
        wired = self._wired
        return gifts.redeem(
            self._account(call),
            call.body.code,
            top_ups=wired.top_ups,
            wallets=wired.wallets,
            now=call.now,
            commit=call.commit,
        )

    @post("/v1/wallet/payout", needs=Right.PAY, shows=shapes.show_payout, status=202)
    def pay_out(self, call: Call[Claims, None]) -> Any:  # noqa: ANN401 -- as above
        """Have all that is real paid back to where it came from. Promotions lapse, and a gift is its buyer's again."""
        wired = self._wired
        return paying_back.ask_payout(
            self._account(call),
            wallets=wired.wallets,
            billed=wired.billed,
            openings=wired.limits,
            now=call.now,
            commit=call.commit,
        )
