"""How a month's statement is shown to whom it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.billing.statement_lines import line_ids
from chalicelib.edge.amounts import Amount, Line, show_amount, show_instant, show_line
from chalicelib.kernel.money import total
from chalicelib.rating.stated import class_of, is_stated, kind_of, product_of

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from collections.abc import Mapping, Sequence

    from chalicelib.billing.sold_by_whom import SellersPart
    from chalicelib.billing.statement import Statement
    from chalicelib.edge.words import Words
    from chalicelib.rating import RatedLine, Use


class StatementLine(Line, kw_only=True):
    """A line of a statement, by its id: `GET /v1/statements/{month}/lines/{line_id}/evidence` says what it rests on."""

    line_id: str


class UseOnStatement(msgspec.Struct):
    """A session on a statement: what it costs this account, its part of shared caps included."""

    session_id: str
    product: str
    started_at: str
    ended_at: str | None
    amount: Amount
    lines: list[StatementLine]
    seller: str | None = None


class ChargeOnStatement(msgspec.Struct):
    """What a partner has charged beside use, with the instant at which it happened; /v1/charges says the rest."""

    charge_id: str
    product: str
    kind: str
    charge_class: str
    happened_at: str
    amount: Amount
    lines: list[StatementLine]
    seller: str | None = None


class SubscriptionOnStatement(msgspec.Struct):
    """What a plan costs in the month: from when to when it held; one without `until` goes on and still grows."""

    subscription_id: str
    plan: str
    since: str
    until: str | None
    amount: Amount
    lines: list[StatementLine]
    seller: str | None = None


class SellerOnStatement(msgspec.Struct):
    """Who sells what of the month, and what that comes to; its bills are documents of their own."""

    seller_id: str
    name: str
    country: str
    vat_number: str | None
    amount: Amount


class BestFareShown(msgspec.Struct):
    """The cheapest of a product's tariffs for the month's sessions, and what it saves; the sessions' lines hold it."""

    product: str
    tariff_id: str
    version: int
    saved: Amount


class StatementOfMonth(msgspec.Struct):
    """What a month costs, session by session; one without `ended_at` is open and may still grow.

    `charges` are what was owed or ordered beside use, and accepted or decided in the month; `subscriptions` what plans
    cost, phase by phase, and passes that were bought. `sellers` are those that finance has stated, and each entry names
    its own by `seller`.
    """

    month: str
    total: Amount
    sessions: list[UseOnStatement]
    best_fares: list[BestFareShown]
    charges: list[ChargeOnStatement]
    subscriptions: list[SubscriptionOnStatement] = []
    sellers: list[SellerOnStatement] = []


def show_statement(stated: Statement, words: Words | None, sellers: Sequence[SellersPart] = ()) -> StatementOfMonth:
    """A month with its sessions, and who sells them."""
    uses, charges, subscriptions = [], [], []
    sold_by = {name: each.seller.seller_id for each in sellers for name in each.uses}
    for use, lines in stated.by_session:
        amount = total((line.amount for line in lines), stated.currency)
        if is_stated(use):
            charges.append(_show_charge(use, show_amount(amount), _show_lines(lines, words), sold_by))
            continue
        ended_at = None if use.open else show_instant(use.ended_at)
        if use.held is not None:
            plan, since = use.tariff.tariff_id.partition("+")[2], show_instant(use.started_at)
            amounts = (show_amount(amount), _show_lines(lines, words))
            subscriptions.append(
                SubscriptionOnStatement(use.held.agreement, plan, since, ended_at, *amounts, sold_by.get(use.use_id))
            )
            continue
        shown = UseOnStatement(
            session_id=use.use_id,
            product=use.tariff.settled_as.partition(":")[2],
            started_at=show_instant(use.started_at),
            ended_at=ended_at,
            amount=show_amount(amount),
            lines=_show_lines(lines, words),
            seller=sold_by.get(use.use_id),
        )
        uses.append(shown)
    fares = [
        BestFareShown(fare.product.partition(":")[2], fare.tariff_id, fare.version, show_amount(fare.saved))
        for fare in stated.fares
    ]
    named = [_show_seller(each) for each in sellers]
    return StatementOfMonth(str(stated.month), show_amount(stated.total), uses, fares, charges, subscriptions, named)


def show_stated_line(line_id: str, line: RatedLine, words: Words | None) -> StatementLine:
    """A line by its id."""
    return StatementLine(line_id=line_id, **msgspec.structs.asdict(show_line(line, words)))


def _show_lines(lines: Sequence[RatedLine], words: Words | None) -> list[StatementLine]:
    """All lines of one use."""
    return [show_stated_line(name, line, words) for name, line in zip(line_ids(lines), lines, strict=True)]


def _show_seller(part: SellersPart) -> SellerOnStatement:
    seller = part.seller
    return SellerOnStatement(seller.seller_id, seller.name, seller.country, seller.vat_number, show_amount(part.amount))


def _show_charge(use: Use, amount: Amount, lines: list[StatementLine], sold_by: Mapping[str, str]) -> ChargeOnStatement:
    key = use.tariff.tariff_id
    product, kind = product_of(key).partition(":")[2], kind_of(key)
    told = (show_instant(use.started_at), amount, lines, sold_by.get(use.use_id))
    return ChargeOnStatement(use.use_id, product, kind, class_of(kind), *told)
