"""Wallets at the finance door: see them, give credit, make gifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.billing import gifts
from chalicelib.billing.errors import UnknownAccount
from chalicelib.billing.topping_model import Gift, name_from
from chalicelib.billing.wallet import grant, promotion
from chalicelib.billing.wallet_model import Lot
from chalicelib.edge import wallet_shapes as shapes
from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.callers import OPERATE, READ, Staff
from chalicelib.edge.finance import Note
from chalicelib.edge.routes import get, post
from chalicelib.edge.wiring_wallet import check_offers
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import parse_instant

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.edge.wiring_finance import BackOffice


class CreditBody(msgspec.Struct, forbid_unknown_fields=True):
    """How much, and why; for one partner's products or all, for ever or until then."""

    amount: shapes.AmountText
    reason: Note
    partner: shapes.PartnerId | None = None
    valid_until: str | None = None


class GiftBody(msgspec.Struct, forbid_unknown_fields=True):
    """How much, until when, and for whose products."""

    amount: shapes.AmountText
    valid_until: str
    partner: shapes.PartnerId | None = None


class FinanceWalletDesk:
    """Operators give; finance sees."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    def _amount(self, text: str) -> Money:
        with pointing_at("amount"):
            return Money.of(text, self._wired.settings.currency)

    def _check_known(self, account_id: str) -> None:
        if self._wired.agreements.find(account_id) is None:
            raise UnknownAccount(account_id=account_id)

    @get("/v1/accounts/{account_id}/wallet", needs=READ)
    def account_wallet(self, call: Call[Staff, None], account_id: str) -> shapes.WalletShown:
        """What an account's next bills are paid from."""
        self._check_known(account_id)
        return shapes.show_purse(self._wired.wallets.wallet(account_id), call.now)

    @post("/v1/accounts/{account_id}/credits", takes=CreditBody, shows=shapes.show_lot, status=201, needs=OPERATE)
    def give_credit(self, call: Call[Staff, CreditBody], account_id: str) -> Lot:
        """Give promotional credit: the operator bears what it pays, no partner has less, and it never becomes money."""
        self._check_known(account_id)
        body, until = call.body, _until(call.body.valid_until)
        check_offers(body.partner, self._wired.catalogue)
        name = name_from(call.caller.subject, call.idempotency_key)
        lot = promotion(name, self._amount(body.amount), body.partner, until, call.now)
        return grant(account_id, lot, body.reason, wallets=self._wired.wallets, now=call.now, commit=call.commit)

    @post(
        "/v1/gifts",
        takes=GiftBody,
        shows=shapes.show_given,
        saves=shapes.show_given_again,
        status=201,
        needs=OPERATE,
    )
    def make_gift(self, call: Call[Staff, GiftBody]) -> tuple[Gift, str]:
        """Make a gift: whoever redeems its code, which is shown this once, has promotional credit."""
        wired, body = self._wired, call.body
        with pointing_at("valid_until"):
            until = parse_instant(body.valid_until)
        check_offers(body.partner, wired.catalogue)
        return gifts.give(
            self._amount(body.amount),
            call.caller.subject,
            body.partner,
            until,
            top_ups=wired.top_ups,
            random_bytes=wired.random_bytes,
            now=call.now,
            commit=call.commit,
        )


def _until(text: str | None) -> datetime | None:
    if text is None:
        return None
    with pointing_at("valid_until"):
        return parse_instant(text)
