"""Tax rates and partners' rows in DynamoDB."""

from collections.abc import Sequence

from chalicelib.billing.errors import RatesSetMeanwhile, SettlementChanged
from chalicelib.billing.share_items import (
    RATES,
    RatesRecord,
    RowRecord,
    rates_key,
    rates_of,
    rates_record,
    row_of,
    row_record,
    rows_partition,
)
from chalicelib.billing.share_model import ShareRow, StatedRates
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Put


class ShareStore:
    """Satisfies `share_ports.ShareRows`."""

    def stated_rates(self, month: Month) -> StatedRates | None:
        """One query for the newest that began by then."""
        until = RatesRecord.sk.between("since#", rates_key(month) + "~")
        return next(map(rates_of, RatesRecord.listed(RATES, until, limit=1, backwards=True)), None)

    def stating_rates(self, stated: StatedRates) -> Write:
        """Beside what was stated before."""
        return Put(rates_record(stated), RatesSetMeanwhile(), RatesRecord.pk.does_not_exist())

    def rows(self, partner_id: str, month: Month) -> Sequence[ShareRow]:
        """One query, more for many accounts."""
        return [row_of(each) for each in RowRecord.listed(rows_partition(partner_id, month))]

    def saving_row(self, row: ShareRow) -> Write:
        """In place of the one before: the settlement that it is written with was made of the last proof."""
        return Put(row_record(row), SettlementChanged(month=str(row.month)))
