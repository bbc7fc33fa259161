"""Sellers, buyers and numbers as items of billing's table, and what a document keeps of them.

seller                 <id>                   a seller as it is; `default#` names the one under whom bills go out
seller#<id>            version#<number>       as it was
series#<id>#<series>   number                 which number was taken last
prefix#<prefix>        prefix                 whose series it is, for good
account#<id>           buyer                  an account's details as they are
account#<id>           buyer#<number>         as they were
"""

from collections.abc import Mapping
from typing import Any

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute

from chalicelib.billing.paper_model import Buyer, Paper, Seller, Series, TaxRow
from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
SELLERS = "seller"
DEFAULT = "#default"
"""Sorts before every id."""


class SellerRecord(Record):
    """A seller."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    seller: Any = DocumentAttribute()
    version = NumberAttribute()


class BuyerRecord(Record):
    """An account's details; they run out where it was erased and documents alone hold them."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    buyer: Any = DocumentAttribute()
    version = NumberAttribute()
    expires = TTLAttribute(null=True)


class SeriesRecord(Record):
    """Which number of a series was taken last."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    number = NumberAttribute()


class PrefixRecord(Record):
    """Whose series a prefix is."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    series = UnicodeAttribute()


def prefix_records(seller: Seller) -> list[PrefixRecord]:
    """The items of a seller's prefixes."""
    return [
        PrefixRecord(pk=f"prefix#{prefix}", sk="prefix", series=series_partition(seller.seller_id, series))
        for series, prefix in seller.prefixes.items()
    ]


def paper_row(paper: Paper | None) -> list[object] | None:
    """What an invoice or a credit note keeps."""
    if paper is None:
        return None
    taxes = [[row.booked, row.gross, row.tax] for row in paper.taxes]
    row: list[object] = [paper.number, paper.seller_id, paper.seller_version, paper.buyer_version, taxes]
    return [*row, True] if paper.apart else row


def paper_of(row: Any) -> Paper | None:  # noqa: ANN401 -- as the attribute gives it
    """What was kept; an invoice of before there were numbers has nothing."""
    if row is None:
        return None
    number, seller_id, seller_version, buyer_version, taxes, *apart = row
    rows = tuple(TaxRow(*each) for each in taxes)
    return Paper(number, seller_id, seller_version, buyer_version, rows, apart=bool(apart))


def seller_row(seller: Seller) -> dict[str, object]:
    """A seller as a document."""
    return {
        "seller_id": seller.seller_id,
        "name": seller.name,
        "address": list(seller.address),
        "country": seller.country,
        "vat_number": seller.vat_number,
        "prefixes": {str(series): prefix for series, prefix in seller.prefixes.items()},
        "set_by": seller.set_by,
        "set_at": format_instant(seller.set_at) if seller.set_at else None,
    }


def seller_of(record: SellerRecord) -> Seller:
    """The seller of an item."""
    row: Mapping[str, Any] = record.seller
    return Seller(
        seller_id=row["seller_id"],
        name=row["name"],
        address=tuple(row["address"]),
        country=row["country"],
        vat_number=row["vat_number"],
        prefixes={Series(series): prefix for series, prefix in row["prefixes"].items()},
        version=int(record.version),
        set_by=row["set_by"],
        set_at=parse_instant(row["set_at"]) if row["set_at"] else None,
    )


def seller_partition(seller_id: str) -> str:
    """Where a seller's versions are."""
    return f"{SELLERS}#{seller_id}"


def seller_records(seller: Seller) -> list[SellerRecord]:
    """The item of the seller as it is, and that of the version."""
    keys = ((SELLERS, seller.seller_id), (seller_partition(seller.seller_id), version_key(seller.version)))
    row = seller_row(seller)
    return [SellerRecord(pk=pk, sk=sk, seller=row, version=seller.version) for pk, sk in keys]


def version_key(version: int) -> str:
    """The sort key of a seller's version."""
    return f"version#{version:06d}"


def buyer_key(version: int | None = None) -> str:
    """The sort key of an account's details, as they are or in a version."""
    return "buyer" if version is None else f"buyer#{version:06d}"


def buyer_records(pk: str, buyer: Buyer) -> list[BuyerRecord]:
    """The item of the details as they are, and that of the version."""
    row = {
        "name": buyer.name,
        "address": list(buyer.address),
        "country": buyer.country,
        "vat_number": buyer.vat_number,
        "purchase_order": buyer.purchase_order,
        "cost_centre": buyer.cost_centre,
    }
    keys = (buyer_key(), buyer_key(buyer.version))
    return [BuyerRecord(pk=pk, sk=sk, buyer=row, version=buyer.version) for sk in keys]


def buyer_of(record: BuyerRecord) -> Buyer:
    """The details of an item."""
    row: Mapping[str, Any] = record.buyer
    return Buyer(
        account_id=record.pk.removeprefix("account#"),
        name=row["name"],
        address=tuple(row["address"]),
        country=row["country"],
        vat_number=row["vat_number"],
        purchase_order=row["purchase_order"],
        cost_centre=row["cost_centre"],
        version=int(record.version),
    )


def series_partition(seller_id: str, series: Series) -> str:
    """Where the last number of a series is."""
    return f"series#{seller_id}#{series}"
