"""Who sells and who buys: each change is a version of its own, and a document names the one that it was made of."""

from dataclasses import replace
from datetime import datetime

from chalicelib.billing.credit_ports import Numbers
from chalicelib.billing.errors import PrefixTaken
from chalicelib.billing.paper_model import UNNAMED, Buyer, Seller
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
