"""Who sells what in DynamoDB."""

from chalicelib.billing.errors import SellingChanged
from chalicelib.billing.paper_model import OPERATORS
from chalicelib.billing.selling import NamedSeller, Selling
from chalicelib.billing.selling_items import SELLING, SellingRecord
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Put


class SellingStore:
    """Satisfies `selling.Sells`."""

    def selling(self) -> Selling:
        """One query, for many more."""
        return Selling(tuple(_named(each) for each in SellingRecord.listed(SELLING)))

    def naming(self, named: NamedSeller) -> Write:
        """Beside what was said before."""
        record = SellingRecord(
            pk=SELLING,
            sk=f"{named.scope}#{named.since}#{format_instant(named.set_at)}",
            scope=named.scope,
            since=str(named.since),
            seller_id=named.seller_id or None,
            set_by=named.set_by,
            set_at=named.set_at,
        )
        return Put(record, SellingChanged(), SellingRecord.pk.does_not_exist())


def _named(record: SellingRecord) -> NamedSeller:
    who = record.seller_id or OPERATORS
    return NamedSeller(record.scope, Month.parse(record.since), who, record.set_by, record.set_at)
