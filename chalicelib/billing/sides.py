"""Who sells and who buys: each change is a version of its own, and a document names the one that it was made of."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.credit_ports import Numbers
from chalicelib.billing.errors import PrefixTaken
from chalicelib.billing.model import Invoice
from chalicelib.billing.paper_model import UNNAMED, Buyer, Seller
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit


def set_seller(seller: Seller, *, default: bool, by: str, numbers: Numbers, now: datetime, commit: Commit) -> Seller:
    """State a seller of record; as the default one, bills go out under it from the next on.

    Each series has a prefix of its own, that no other had before either, and its numbers go on whatever the seller's
    details are. The first seller of all is the default.
    """
    others = [each for each in (*numbers.sellers(), UNNAMED) if each.seller_id != seller.seller_id]
    taken = [prefix for each in others for prefix in each.prefixes.values()]
    prefixes = list(seller.prefixes.values())
    for prefix in prefixes:
        if prefix in taken or prefixes.count(prefix) > 1:
            raise PrefixTaken(prefix=prefix)
    known = numbers.seller(seller.seller_id)
    version = known.version + 1 if known is not None else 1
    stated = replace(seller, version=version, set_by=by, set_at=now)
    current = numbers.default_seller()
    is_default = default or current is None or current.seller_id == seller.seller_id
    return commit(numbers.saving_seller(stated, default=is_default), stated)


def set_buyer(buyer: Buyer, *, numbers: Numbers, commit: Commit) -> Buyer:
    """State who buys; documents from the next on name it so. The same again changes nothing."""
    known = numbers.buyer(buyer.account_id)
    if known is not None and replace(buyer, version=known.version) == known:
        return known
    stated = replace(buyer, version=known.version + 1 if known is not None else 1)
    return commit(numbers.saving_buyer(stated), stated)


def let_buyer_go(
    account_id: str,
    documents: Iterable[Invoice | CreditNote],
    *,
    period: timedelta | None,
    zone: str,
    numbers: Numbers,
    commit: Commit,
) -> frozenset[int]:
    """Which versions of an erased account's details stay: those that documents name, as long as books are kept.

    That is `period` from the end of the year in which the last document that names one was issued; None: for ever.
    """
    issued: dict[int, datetime] = {}
    for each in documents:
        if each.paper is not None:
            version = each.paper.buyer_version
            issued[version] = max(each.issued_at, issued.get(version, each.issued_at))
    if period is not None:
        ends = {version: _end_of_year(at, zone) + period for version, at in issued.items()}
        for write in numbers.letting_buyers_go(account_id, ends):
            commit([write], None)
    return frozenset(issued)


def _end_of_year(at: datetime, zone: str) -> datetime:
    return Month(Month.of(at, zone).year, 12).interval(zone).end
