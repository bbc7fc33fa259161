"""Sellers, buyers and numbers in DynamoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.billing.errors import BuyerChanged, NumberTaken, PrefixTaken, SellerChanged
from chalicelib.billing.paper_items import (
    DEFAULT,
    SELLERS,
    BuyerRecord,
    PrefixRecord,
    SellerRecord,
    SeriesRecord,
    buyer_key,
    buyer_of,
    buyer_records,
    prefix_records,
    seller_of,
    seller_partition,
    seller_records,
    seller_row,
    series_partition,
    version_key,
)
from chalicelib.billing.paper_model import Buyer, Seller, Series
from chalicelib.billing.records import partition
from chalicelib.kernel.writes import Write
from chalicelib.storage.reads import find_all
from chalicelib.storage.writes import Put

_NUMBER = "number"


class PaperStore:
    """Satisfies `credit_ports.Numbers`."""

    def default_seller(self) -> Seller | None:
        """One consistent read."""
        record = SellerRecord.find(SELLERS, DEFAULT)
        return seller_of(record) if record else None

    def seller(self, seller_id: str, version: int | None = None) -> Seller | None:
        """One consistent read."""
        key = (SELLERS, seller_id) if version is None else (seller_partition(seller_id), version_key(version))
        record = SellerRecord.find(*key)
        return seller_of(record) if record else None

    def sellers(self) -> Sequence[Seller]:
        """One query."""
        return [seller_of(each) for each in SellerRecord.listed(SELLERS) if each.sk != DEFAULT]

    def saving_seller(self, seller: Seller, *, default: bool) -> Sequence[Write]:
        """On the version before; the default one is kept with all its details, so that a bill reads one item.

        Each prefix is its series' for good, whoever states what beside this: a number says which document is meant.
        """
        changed = SellerChanged(seller_id=seller.seller_id)
        fresh, before = SellerRecord.pk.does_not_exist(), SellerRecord.version == seller.version - 1
        condition = fresh if seller.version == 1 else before
        current, version = seller_records(seller)
        writes = [Put(current, changed, condition), Put(version, changed, fresh)]
        if default:
            row = seller_row(seller)
            as_default = SellerRecord(pk=SELLERS, sk=DEFAULT, seller=row, version=seller.version)
            writes.append(Put(as_default, changed))
        for claim in prefix_records(seller):
            free = PrefixRecord.pk.does_not_exist() | (PrefixRecord.series == claim.series)
            writes.append(Put(claim, PrefixTaken(prefix=claim.pk.partition("#")[2]), free))
        return writes

    def buyer(self, account_id: str, version: int | None = None) -> Buyer | None:
        """One consistent read."""
        record = BuyerRecord.find(partition(account_id), buyer_key(version))
        return buyer_of(record) if record else None

    def buyers(self, accounts: Sequence[str]) -> Mapping[str, Buyer]:
        """One consistent batch read."""
        records = find_all([(BuyerRecord, partition(each), buyer_key(None)) for each in accounts])
        buyers = [buyer_of(each) for each in records if isinstance(each, BuyerRecord)]
        return {each.account_id: each for each in buyers}

    def saving_buyer(self, buyer: Buyer) -> Sequence[Write]:
        """On the version before."""
        fresh, before = BuyerRecord.pk.does_not_exist(), BuyerRecord.version == buyer.version - 1
        current, version = buyer_records(partition(buyer.account_id), buyer)
        condition = fresh if buyer.version == 1 else before
        return [Put(current, BuyerChanged(), condition), Put(version, BuyerChanged(), fresh)]

    def letting_buyers_go(self, account_id: str, ends: Mapping[int, datetime]) -> Sequence[Write]:
        """One consistent batch read. What runs out then already needs no write."""
        found = find_all([(BuyerRecord, partition(account_id), buyer_key(each)) for each in ends])
        writes = []
        for record in (each for each in found if isinstance(each, BuyerRecord)):
            end = ends[int(record.version)]
            if record.expires != end:
                record.expires = end
                writes.append(Put(record, BuyerChanged(), BuyerRecord.pk.exists()))
        return writes

    def last_number(self, seller_id: str, series: Series) -> int:
        """One consistent read."""
        record = SeriesRecord.find(series_partition(seller_id, series), _NUMBER)
        return int(record.number) if record else 0

    def taking_number(self, seller_id: str, series: Series, number: int, count: int = 1) -> Write:
        """On the number before."""
        record = SeriesRecord(pk=series_partition(seller_id, series), sk=_NUMBER, number=number)
        condition = SeriesRecord.pk.does_not_exist() if number == count else SeriesRecord.number == number - count
        return Put(record, NumberTaken(series=str(series)), condition)
